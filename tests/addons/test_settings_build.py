"""From a tree without faults to Settings."""

import re
from datetime import UTC, datetime
from pathlib import Path

from cliproxy.addons.settings import (
    ClientKey,
    LoadBalance,
    Logging,
    ModelAlias,
    OAuthSettings,
    RateLimit,
    RemoteManagement,
    Settings,
    Timeouts,
    Tls,
    Webhook,
)
from cliproxy.addons.settings_load import parse

EVERYTHING = r"""
host: 0.0.0.0
port: 9000
strict: true
record: ~/flows
shutdown-timeout: 5
auth:
  dir: ~/auths
  api-keys:
    - sk-one
    - {key: sk-two, name: ci, models: [a], rate-limit: {requests-per-minute: 5}, quota: 7, expires: 2030-12-31}
models: {fast: openai/gpt-5}
fallbacks: {a: [b, c]}
load-balance: {strategy: least-connections, affinity: false}
logging: {level: debug, file: ~/log, request-log: r.log, format: json}
remote-management: {allow-remote: true, secret-key: secret-1}
tls: {enabled: true, cert-file: c.pem, key-file: ~/k.pem}
rate-limit: {enabled: true, requests-per-minute: 1, burst: 2, tokens-per-minute: 3}
webhooks:
  - {url: "https://hooks.example.com/a", events: [request.failed], secret: s-1, include-content: true}
  - {url: "https://hooks.example.com/b"}
timeouts: {request: 0.5, connect: 1, first-byte: 2, whole-answer: 3, total: 4.5, idle: 5}
limits: {body-size: 1k}
state: {url: "redis://:pass-1@host"}
oauth: {gemini: {client-id: c, client-secret: s-2, scopes: [x]}}
"""


def test_every_section() -> None:
    found = parse(EVERYTHING, {"HOME": "/home/me"}).settings
    assert (found.host, found.port, found.strict, found.shutdown_timeout) == ("0.0.0.0", 9000, True, 5)
    assert found.record == Path("/home/me/flows")
    assert found.auth.dir == Path("/home/me/auths")
    limit = RateLimit(enabled=True, requests_per_minute=5)
    second = ClientKey("sk-two", "ci", ("a",), limit, 7, datetime(2031, 1, 1, tzinfo=UTC))
    assert found.auth.api_keys == (ClientKey("sk-one"), second)
    assert found.models == {"fast": ModelAlias("openai", "gpt-5")}
    assert found.fallbacks == {"a": ("b", "c")}
    assert found.load_balance == LoadBalance("least-connections", affinity=False)
    assert found.logging == Logging("debug", Path("/home/me/log"), Path("r.log"), "json")
    assert found.remote_management == RemoteManagement(True, "secret-1")
    assert found.tls == Tls(True, Path("c.pem"), Path("/home/me/k.pem"))
    assert found.rate_limit == RateLimit(True, 1, 2, 3)
    assert found.webhooks == (
        Webhook("https://hooks.example.com/a", ("request.failed",), "s-1", True),
        Webhook("https://hooks.example.com/b"),
    )
    assert found.timeouts == Timeouts(0.5, 1, 2, 3, 4.5, 5)
    assert found.limits.body_size == 1024
    assert found.state.url == "redis://:pass-1@host"
    assert found.oauth == {"gemini": OAuthSettings("c", "s-2", scopes=("x",))}


def test_no_repr_tells_a_secret_and_all_are_known_for_redaction() -> None:
    text = EVERYTHING + "\n".join(
        [
            "openai: {api-key: sk-up, headers: {authorization: 'Bearer head-1', x-team: blue}, proxy: 'http://u:pw-1@p'}",
            "routes: [{pattern: a, provider: custom, base-url: 'http://a', api-key: sk-route}]",
        ]
    )
    loaded = parse(text, {"MANAGEMENT_PASSWORD": "unused"})
    secrets = {"sk-one", "sk-two", "secret-1", "s-1", "pass-1", "s-2", "sk-up", "head-1", "pw-1", "sk-route"}
    assert loaded.secrets >= secrets
    assert "blue" not in loaded.secrets
    assert not [secret for secret in secrets if secret in repr(loaded) + repr(loaded.settings)]


def test_an_empty_file_has_the_defaults() -> None:
    loaded = parse("", {})
    assert loaded.settings == Settings()
    assert loaded.notes == (
        "no provider is configured, so no model can be reached.",
        "no client key is configured, so only programs on this machine are served.",
    )


def test_custom_providers() -> None:
    text = """
custom-providers:
  one: {base-url: "http://a/v1/", api-key: local-key, models: [m, n]}
  two: {base-url: "http://b", format: anthropic}
  three: {base-url: "http://c", api-key: "${UNSET}"}
"""
    loaded = parse(text, {})
    one, two = loaded.settings.providers.values()
    assert (one.name, one.formats, one.base_url, one.models, one.custom) == (
        "one", ("openai_chat",), "http://a/v1", ("m", "n"), True,
    )  # fmt: skip
    assert (two.formats, two.key_header, [each.key for each in two.credentials]) == (("anthropic",), "x-api-key", [""])
    assert "three: left out, UNSET is not set." in loaded.notes


ROUTES = """
openai: {api-key: sk-own, models: [a], headers: {x-team: a}}
qwen: {api-key: "${UNSET}"}
routes:
  - {pattern: "^a", provider: openai}
  - {pattern: "^b", provider: openai, base-url: "http://b"}
  - {pattern: "^c", provider: openai, api-key: sk-route}
  - {pattern: "^d", provider: custom, base-url: "http://d/v1", api-key: local-key}
  - {pattern: "^e", provider: anthropic, api-key: sk-route-2}
  - {pattern: "^f", provider: qwen}
  - {pattern: "^g", provider: gemini, base-url: "http://g"}
"""


def test_routes_have_their_upstream() -> None:
    found = parse(ROUTES, {}).settings
    told = [
        (r.upstream.name, r.upstream.formats[0], [(c.label, c.key, c.base_url) for c in r.upstream.credentials])
        if r.upstream
        else None
        for r in found.routes
    ]
    openai, anthropic = "https://api.openai.com/v1", "https://api.anthropic.com"
    assert told == [
        ("openai", "openai_chat", [("openai-1", "sk-own", openai)]),
        ("openai-route-2", "openai_chat", [("openai-1-route-2", "sk-own", "http://b")]),
        ("openai-route-3", "openai_chat", [("route-3", "sk-route", openai)]),
        ("custom-route-4", "openai_chat", [("route-4", "local-key", "http://d/v1")]),
        ("anthropic-route-5", "anthropic", [("route-5", "sk-route-2", anthropic)]),
        None,
        ("gemini-route-7", "gemini", [("route-7", "", "http://g")]),
    ]
    assert found.routes[2].upstream is not None
    assert found.routes[2].upstream.credentials[0].headers == {"x-team": "a"}
    assert found.routes[0].pattern == re.compile("^a")
    assert len(found.upstreams()) == 6


def test_the_management_password() -> None:
    section = "remote-management: {secret-key: '${MANAGEMENT_PASSWORD}'}"
    off = parse(section, {})
    assert off.settings.remote_management.secret_key == ""
    assert "remote-management: off, MANAGEMENT_PASSWORD is not set." in off.notes
    for text in (section, ""):
        loaded = parse(text, {"MANAGEMENT_PASSWORD": "password-1"})
        assert loaded.settings.remote_management.secret_key == "password-1"
        assert "password-1" in loaded.secrets


def test_a_key_of_the_documentation_is_taken_with_a_note() -> None:
    notes = parse("auth: {api-keys: [sk-own, sk-primary-key]}", {}).notes
    assert "auth.api-keys[1]: this key is printed in the documentation; replace it." in notes


def test_doors_keep_their_names() -> None:
    found = parse("doors: {qwen-portal: {base-url: 'https://a.test'}, claude: {headers: {x: y}}}", {}).settings.doors
    assert (found["qwen-portal"].base_url, dict(found["claude"].headers)) == ("https://a.test", {"x": "y"})
