"""What the management API shows of a configuration: everything but the secrets, in the file's own shape."""

from __future__ import annotations

import json
from typing import Any

from cliproxy.addons.management.config_edit import merged
from cliproxy.addons.management.config_view import shown
from cliproxy.addons.redact import MARK
from cliproxy.addons.settings_load import parse

TEXT = """
auth:
  dir: /somewhere
  api-keys: [sk-test-one, {key: sk-test-two, name: ci, expires: 2030-12-31}]
openai:
  api-key: ${OPENAI_API_KEY:-sk-test-default}
  proxy: "http://me:secret-pass@proxy.example:3128"
  headers: {x-token: secret-header}
gemini: {api-key: "${GEMINI_API_KEY}"}
remote-management: {secret-key: secret-management}
webhooks: [{url: "https://hooks.example/secret-path", secret: secret-signing}]
state: {url: "redis://user:secret-redis@127.0.0.1/0"}
logging: {level: debug}
"""
ENVIRON = {"GEMINI_API_KEY": "secret-gemini"}


def view(text: str = TEXT) -> dict[str, Any]:
    return shown(text, parse(text, ENVIRON).settings)


def test_no_secret_is_shown() -> None:
    text = json.dumps(view())
    assert "secret-" not in text.replace("secret-key", "").replace("client-secret", "") and "sk-test" not in text


def test_what_is_no_secret_is_shown_as_the_file_has_it() -> None:
    found = view()
    assert found["auth"] == {
        "dir": "/somewhere",
        "api-keys": [MARK, {"key": MARK, "name": "ci", "expires": "2030-12-31"}],
    }
    assert found["openai"]["proxy"] == f"http://{MARK}@proxy.example:3128"
    assert found["gemini"] == {"api-key": "${GEMINI_API_KEY}"}
    assert found["remote-management"] == {"allow-remote": False, "secret-key": MARK}


def test_defaults_are_shown_where_the_file_says_nothing() -> None:
    found = view()
    assert found["port"] == 8317 and found["strict"] is False
    assert found["logging"] == {"level": "debug", "format": "text", "total-size": 1024**3}
    assert found["timeouts"]["connect"] == 10.0
    assert "secret-key" not in view("{}")["remote-management"] or view("{}")["remote-management"]["secret-key"] == ""


def test_what_is_shown_can_be_sent_back() -> None:
    again = merged(TEXT, view())
    before, after = parse(TEXT, ENVIRON), parse(again, ENVIRON)
    assert after.secrets == before.secrets and after.settings.providers == before.settings.providers
    assert shown(again, after.settings) == view()
