"""Finding, reading, and that any text becomes settings or a list of faults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.addons.settings_load import ConfigError, find, load, parse
from cliproxy.addons.settings_schema import SCHEMA

DOCUMENTED = """
port: 8317
host: "0.0.0.0"
auth:
  dir: "~/.cli-proxy-api/auths"
  api-keys:
    - "sk-primary-key"
    - "sk-secondary-key"
openai:
  api-key: "${OPENAI_API_KEY}"
  base-url: "https://api.openai.com/v1"
anthropic:
  api-key: "${ANTHROPIC_API_KEY}"
  base-url: "https://api.anthropic.com"
gemini:
  api-key: "${GEMINI_API_KEY}"
qwen:
  api-key: "${QWEN_API_KEY}"
iflow:
  base-url: "https://api.iflow.com"
routes:
  - pattern: "^gpt-"
    provider: "openai"
  - pattern: "^claude-"
    provider: "anthropic"
  - pattern: "^gemini-"
    provider: "gemini"
load-balance:
  strategy: "round-robin" # or "fill-first", "least-connections"
  credentials:
    openai:
      - key: "${OPENAI_KEY_1}"
        quota: 1000000
      - key: "${OPENAI_KEY_2}"
        quota: 500000
logging:
  level: "info"
  file: "logs/cli-proxy-api.log"
  request-log: "logs/requests.log"
remote-management:
  allow-remote: false
  secret-key: "${MANAGEMENT_PASSWORD}"
"""
"""The full example of the user documentation."""


def test_the_documented_example() -> None:
    environ = {"OPENAI_API_KEY": "sk-a", "OPENAI_KEY_1": "sk-b", "OPENAI_KEY_2": "sk-c", "ANTHROPIC_API_KEY": "sk-d"}
    found = parse(DOCUMENTED, environ).settings
    assert [(one.label, one.quota) for one in found.credentials("openai")] == [
        ("openai-1", None),
        ("openai-2", 1000000),
        ("openai-3", 500000),
    ]
    assert list(found.providers) == ["openai", "anthropic", "iflow"]


def test_find_prefers_the_option_then_the_variable_then_here_then_home(tmp_path: Path) -> None:
    cwd, home = tmp_path / "here", tmp_path / "home"
    places = (cwd / "config.yaml", home / ".cli-proxy-api" / "config.yaml")
    for place in places:
        place.parent.mkdir(parents=True)
        place.write_text("")
    assert find("a.yaml", {"CONFIG_FILE": "b.yaml"}, cwd, home) == Path("a.yaml")
    assert find(None, {"CONFIG_FILE": "b.yaml"}, cwd, home) == Path("b.yaml")
    assert find(None, {}, cwd, home) == places[0]
    places[0].unlink()
    assert find(None, {"CONFIG_FILE": ""}, cwd, home) == places[1]
    places[1].unlink()
    with pytest.raises(ConfigError) as fault:
        find(None, {}, cwd, home)
    assert fault.value.errors == [
        "no configuration found: --config and $CONFIG_FILE are not set, and neither ./config.yaml nor "
        "~/.cli-proxy-api/config.yaml exists; `cliproxy init` writes one."
    ]


def test_load_names_the_file_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("my.yaml")
    cases = {
        b"port: x": 'my.yaml:1: port: must be a whole number from 1 to 65535, not "x".',
        b"\xff": "my.yaml: cannot be read: it is not UTF-8 text.",
    }
    for content, error in cases.items():
        path.write_bytes(content)
        with pytest.raises(ConfigError) as fault:
            load(path, {})
        assert fault.value.errors == [error]
    path.write_bytes(b"\xef\xbb\xbfport: 1\r\n")
    assert load(path, {}).settings.port == 1


def test_load_of_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, reason in (("none.yaml", "no such file or directory"), (".", "is a directory")):
        with pytest.raises(ConfigError) as fault:
            load(Path(path), {})
        assert fault.value.errors == [f"{path}: cannot be read: {reason}."]


def is_told(text: str, environ: dict[str, str]) -> None:
    try:
        parse(text, environ, "c.yaml")
    except ConfigError as fault:
        assert fault.errors
        assert all(line.startswith("c.yaml:") and len(line.splitlines()) == 1 for line in fault.errors)


@given(st.text())
def test_any_text(text: str) -> None:
    is_told(text, {})


_words = st.sampled_from(
    ["x", "1", "0", "true", "null", "~", "'8317'", "${A}", "${", "*a", "http://h", "openai", "(", ""]
)
_values = st.recursive(
    _words,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(
                ["key", "api-key", "base-url", "models", "pattern", "provider", "credentials", "openai", "url"]
            ),
            inner,
            max_size=3,
        ).map(lambda pairs: "{" + ", ".join(f"{name}: {value}" for name, value in pairs.items()) + "}"),
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*SCHEMA.options, "other"]), _values, max_size=6), st.sampled_from(["", "value"])
)
def test_any_options(options: dict[str, str], variable: str) -> None:
    is_told("".join(f"{name}: {value}\n" for name, value in options.items()), {"A": variable})


@given(st.dictionaries(st.sampled_from([*SCHEMA.options, "other"]), _values, max_size=4))
def test_no_error_tells_a_key(options: dict[str, str]) -> None:
    text = "auth: {api-keys: [hunter2secret]}\n" + "".join(
        f"{name}: {value.replace('x', 'hunter2secret')}\n" for name, value in options.items() if name != "auth"
    )
    try:
        parse(text, {}, "c.yaml")
    except ConfigError as fault:
        assert "hunter2secret" not in str(fault)
