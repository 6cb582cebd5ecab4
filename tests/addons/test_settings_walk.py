"""Every class of fault in config.yaml once, with its exact line."""

import pytest

from cliproxy.addons.settings_load import parse
from cliproxy.addons.settings_problems import ConfigError

FAULTS = {
    "wrong type: text": ('port: "8317"', 'c.yaml:1: port: must be a whole number from 1 to 65535, not "8317".'),
    "wrong type: number": ("host: 8317", "c.yaml:1: host: must be a host name or an IP address, not 8317."),
    "wrong type: boolean": ("strict: 1", "c.yaml:1: strict: must be true or false, not 1."),
    "wrong type: list": ("port: [1]", "c.yaml:1: port: must be a whole number from 1 to 65535, not a list."),
    "wrong type: no section": ("openai: 3", "c.yaml:1: openai: must be a section of options, not 3."),
    "wrong type: no list": ("routes: {}", "c.yaml:1: routes: must be a list, not a section."),
    "wrong type: no map": (
        "models: [a]",
        "c.yaml:1: models: must be a section with names of your choice, not a list.",
    ),
    "wrong type: no options": ("- a", "c.yaml:1: must be a section of options, not a list."),
    "empty in a list": (
        "fallbacks:\n  a:\n  - ",
        "c.yaml:3: fallbacks.a[0]: must be text that isn't empty, not empty.",
    ),
    "unknown": ("prot: 1", 'c.yaml:1: prot: unknown option; did you mean "port"?'),
    "unknown, spelled otherwise": (
        "openai:\n  base_url: x",
        'c.yaml:2: openai.base_url: unknown option; did you mean "base-url"?',
    ),
    "unknown, like nothing": ("zzz: 1", "c.yaml:1: zzz: unknown option."),
    "name is no text": ("? [a]\n: b", "c.yaml:1: the name of an option must be text."),
    "bad port": ("port: 70000", "c.yaml:1: port: must be a whole number from 1 to 65535, not 70000."),
    "bad URL": ("openai:\n  base-url: foo", 'c.yaml:2: openai.base-url: must be an http(s) URL, not "foo".'),
    "bad pattern": (
        "routes:\n- pattern: '('\n  provider: openai",
        "c.yaml:2: routes[0].pattern: must be a valid regular expression "
        '(missing ), unterminated subpattern), not "(".',
    ),
    "bad choice": (
        "load-balance: {strategy: random}",
        'c.yaml:1: load-balance.strategy: must be one of round-robin, fill-first, least-connections, not "random".',
    ),
    "out of range": (
        "timeouts:\n  total: 0",
        "c.yaml:2: timeouts.total: must be a number of seconds above 0, at most 86400, not 0.",
    ),
    "bad size": (
        "limits: {body-size: big}",
        'c.yaml:1: limits.body-size: must be a number of bytes, or a size such as 64m, not "big".',
    ),
    "bad name": (
        "custom-providers:\n  a/b: {base-url: 'http://a'}",
        'c.yaml:2: custom-providers: "a/b" must be a name of letters, digits, dots, _ and -.',
    ),
    "twice": ("port: 1\nhost: localhost\nport: 2", "c.yaml:3: port: is there twice; the first is in line 1."),
    "missing": ("routes:\n- pattern: a", "c.yaml:2: routes[0].provider: is missing."),
    "unset variable": (
        "host: ${GATEWAY_HOST}",
        "c.yaml:1: host: the variable GATEWAY_HOST is not set; set it, or write ${GATEWAY_HOST:-default}.",
    ),
    "unset client key": (
        "auth: {api-keys: ['${CLIENT_KEY}']}",
        "c.yaml:1: auth.api-keys[0]: the variable CLIENT_KEY is not set; set it, or write ${CLIENT_KEY:-default}.",
    ),
    "broken variable": (
        "host: ${GATEWAY HOST}",
        'c.yaml:1: host: has a "${" without NAME and "}"; write "$${" for the text itself.',
    ),
    "empty client key": ("auth: {api-keys: ['']}", "c.yaml:1: auth.api-keys[0]: must be a key that isn't empty."),
    "secret of two lines": (
        'openai: {api-key: "hunter2\\nsecret"}',
        "c.yaml:1: openai.api-key: must be text that fits in one line.",
    ),
}


def errors(text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as fault:
        parse(text, environ, "c.yaml")
    return fault.value.errors


@pytest.mark.parametrize("text, error", FAULTS.values(), ids=FAULTS)
def test_fault(text: str, error: str) -> None:
    assert errors(text) == [error]


def test_all_faults_at_once_by_line() -> None:
    text = "port: x\nopenai:\n  base-url: foo\n  api_key: x\nroutes:\n- {pattern: '(', provider: opena}\n"
    found = errors(text)
    assert [line.split(": ")[1] for line in found] == [
        "port",
        "openai.base-url",
        "openai.api_key",
        "routes[0].pattern",
        "routes[0].provider",
    ]


def test_a_value_from_a_variable_may_be_any_type_and_is_never_shown() -> None:
    assert parse("port: ${PORT:-9000}", {}).settings.port == 9000
    assert errors("port: ${PORT}", PORT="hunter2") == [
        'c.yaml:1: port: must be a whole number from 1 to 65535, not "${PORT}".'
    ]


@pytest.mark.parametrize(
    "text",
    [
        "auth: {api-keys: [hunter2secret]}\nport: hunter2secret",
        "openai: {api-key: hunter2secret}\nlogging: {level: x-hunter2secret}",
        "remote-management: {secret-key: hunter2secret}\nhost: hunter2 secret hunter2secret",
        "webhooks: [{url: 'hunter2secret'}]",
        'anthropic: {headers: {x-team: "hunter2secret\\n"}}',
        "state: {url: 'http://:hunter2secret@host'}",
        "openai: {api-key: hunter2secret, hunter2secret: 1}",
        "openai: {proxy: 'ftp://me:hunter2secret@host'}",
        "load-balance: {credentials: {openai: [{key: hunter2secret}, {key: hunter2secret}]}}",
        "auth: {api-keys: [hunter2secret, hunter2secret]}",
        "openai: {api-key: hunter2secret}\ncustom-providers: {hunter2secret: {}}",
        "openai: {api-key: hunter2secret}\nroutes: [{pattern: x, provider: hunter2secret}]",
    ],
)
def test_no_error_tells_a_secret(text: str) -> None:
    assert "hunter2secret" not in "\n".join(errors(text))
