from __future__ import annotations

import json
from pathlib import Path

from cliproxy.addons.accounts.offers import unsigned
from cliproxy.addons.settings_load import parse

CLIENT = {"client-id": "mine", "client-secret": "sk-test-secret"}


def test_those_without_an_account_and_what_they_lack(tmp_path: Path) -> None:
    (tmp_path / "openai_token.work.json").write_text('{"access_token": "sk-test-a"}')
    settings = parse(json.dumps({"auth": {"dir": str(tmp_path)}}), {}).settings
    found = {facts.provider: lacking for facts, lacking in unsigned(settings)}
    assert list(found) == ["anthropic", "gemini", "qwen"]
    assert found["anthropic"] == found["qwen"] == ""
    assert "oauth.gemini.client-id and oauth.gemini.client-secret must be set" in found["gemini"]


def test_what_is_configured_is_no_longer_lacking(tmp_path: Path) -> None:
    settings = parse(json.dumps({"auth": {"dir": str(tmp_path)}, "oauth": {"gemini": CLIENT}}), {}).settings
    assert {lacking for _, lacking in unsigned(settings)} == {""}
