"""What options must hold to one another, each breach with its exact line."""

import pytest

from cliproxy.addons.settings_load import parse
from cliproxy.addons.settings_problems import ConfigError

BREACHES = {
    "open without a key": (
        "host: 0.0.0.0",
        'c.yaml:1: host: "0.0.0.0" is open to other machines, but auth.api-keys has no key; add one, or use 127.0.0.1.',
    ),
    "sample key": (
        "auth:\n  api-keys:\n  - sk-your-api-key-here",
        "c.yaml:3: auth.api-keys[0]: is a sample key that everyone knows; make your own with `cliproxy generate-key`.",
    ),
    "client key twice": (
        "auth:\n  api-keys:\n  - sk-a\n  - {key: sk-a}",
        "c.yaml:4: auth.api-keys[1]: has the same key as auth.api-keys[0].",
    ),
    "name of a key twice": (
        "auth:\n  api-keys:\n  - {key: sk-test-1, name: ci}\n  - {key: sk-test-2, name: ci}",
        "c.yaml:4: auth.api-keys[1]: has the same name as auth.api-keys[0].",
    ),
    "name of ours": (
        "auth:\n  api-keys:\n  - {key: sk-test-1, name: key-2}",
        'c.yaml:3: auth.api-keys[0].name: "key-2" is a name that keys without one are given; choose another.',
    ),
    "pattern twice": (
        "routes:\n- {pattern: a, provider: openai}\n- {pattern: a, provider: qwen}",
        "c.yaml:3: routes[1]: has the same pattern as routes[0].",
    ),
    "unknown provider of a route": (
        "routes:\n- {pattern: a, provider: opena}",
        'c.yaml:2: routes[0].provider: "opena" is no provider; did you mean "openai"?',
    ),
    "custom route without an address": (
        "routes:\n- {pattern: a, provider: custom}",
        'c.yaml:2: routes[0].provider: is "custom", so the route needs a base-url.',
    ),
    "unknown provider of credentials": (
        "load-balance:\n  credentials:\n    gemeni:\n    - key: a",
        'c.yaml:3: load-balance.credentials.gemeni: "gemeni" is no provider; did you mean "gemini"?',
    ),
    "credential twice": (
        "load-balance:\n  credentials:\n    openai:\n    - key: a\n    - key: a",
        "c.yaml:5: load-balance.credentials.openai[1]: has the same key as load-balance.credentials.openai[0].",
    ),
    "label twice": (
        "load-balance:\n  credentials:\n    openai:\n    - {key: a, label: x}\n    - {key: b, label: x}",
        'c.yaml:5: load-balance.credentials.openai[1].label: "x" is the label of another credential.',
    ),
    "label of ours": (
        "load-balance: {credentials: {openai: [{key: a, label: openai-2}]}}",
        'c.yaml:1: load-balance.credentials.openai[0].label: "openai-2" is a label that credentials without one are '
        "given; choose another.",
    ),
    "alias of nothing": (
        "models:\n  fast: opnai/gpt-5",
        'c.yaml:2: models.fast: "opnai" is no provider; did you mean "openai"?',
    ),
    "falls back to itself": ("fallbacks:\n  a: [b, a]", "c.yaml:2: fallbacks.a[1]: is the model itself."),
    "name is taken": (
        "custom-providers:\n  openai: {base-url: 'http://a'}",
        'c.yaml:2: custom-providers.openai: is built in; use the section "openai", or another name.',
    ),
    "vertex without a credential": (
        "vertex: {location: us}",
        "c.yaml:1: vertex: needs an api-key or a service-account.",
    ),
    "a door of another provider": (
        "load-balance: {credentials: {openai: [{key: a, door: claude}]}}",
        'c.yaml:1: load-balance.credentials.openai[0].door: "claude" is no door of openai; it has chatgpt.',
    ),
    "a door where there is none": (
        "load-balance: {credentials: {iflow: [{key: a, door: claude}]}}",
        'c.yaml:1: load-balance.credentials.iflow[0].door: "claude" is no door of iflow; it has none.',
    ),
    "no certificate": (
        "tls: {enabled: true, key-file: k.pem}",
        "c.yaml:1: tls: is enabled, so it needs a cert-file.",
    ),
}
FINE = {
    "open with a key": "host: 0.0.0.0\nauth: {api-keys: [sk-a]}",
    "loopback without a key": "host: localhost",
    "a route to a custom provider": (
        "custom-providers: {mine: {base-url: 'http://a'}}\nroutes: [{pattern: a, provider: mine}]"
    ),
    "a custom provider called custom": (
        "custom-providers: {custom: {base-url: 'http://a'}}\nroutes: [{pattern: a, provider: custom}]"
    ),
    "a route to a provider without a section": "routes: [{pattern: a, provider: gemini}]",
    "the same key for two providers": "load-balance: {credentials: {openai: [{key: a}], qwen: [{key: a}]}}",
    "TLS off": "tls: {enabled: false}",
}


@pytest.mark.parametrize("text, error", BREACHES.values(), ids=BREACHES)
def test_breach(text: str, error: str) -> None:
    with pytest.raises(ConfigError) as fault:
        parse(text, {}, "c.yaml")
    assert fault.value.errors == [error]


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_fine(text: str) -> None:
    parse(text, {})


def test_a_bad_client_key_is_told_once() -> None:
    with pytest.raises(ConfigError) as fault:
        parse("host: 0.0.0.0\nauth: {api-keys: 3}", {}, "c.yaml")
    assert fault.value.errors == ["c.yaml:2: auth.api-keys: must be a list, not 3."]
