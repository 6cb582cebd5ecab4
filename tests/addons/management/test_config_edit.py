"""Options changed in the text of a configuration, and all else left as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from cliproxy.addons.management.config_edit import Unknown, merged, write
from cliproxy.addons.redact import MARK

ROOT = Path(__file__).parents[3]
TEXT = """\
# The office gateway
port: 8317  # do not change

auth:
  api-keys:
    - "sk-test-one"   # laptop
    - key: ${CI_KEY}
      name: ci
openai:
  api-key: "${OPENAI_API_KEY}"
logging:
  # quiet
  level: "info"
"""


def test_one_value_changes_and_nothing_else() -> None:
    assert merged(TEXT, {"logging": {"level": "debug"}}) == TEXT.replace("info", "debug")


def test_the_example_keeps_its_every_line() -> None:
    text = (ROOT / "config.example.yaml").read_text()
    changed = merged(text, {"logging": {"level": "debug"}, "port": 9000})
    differing = [(a, b) for a, b in zip(text.splitlines(), changed.splitlines(), strict=True) if a != b]
    assert [after.split("#")[0].strip() for _, after in differing] == ["port: 9000", "level: debug"]


@pytest.mark.parametrize(
    "patch, path, expected",
    [
        ({"host": "0.0.0.0"}, ("host",), "0.0.0.0"),
        ({"tls": {"enabled": True}}, ("tls",), {"enabled": True}),
        ({"openai": None}, ("openai",), None),
        ({"nothing": None}, ("nothing",), None),
        ({"auth": {"api-keys": ["sk-test-new"]}}, ("auth", "api-keys"), ["sk-test-new"]),
        ({"models": {"fast": "openai/gpt-test"}}, ("models", "fast"), "openai/gpt-test"),
        ({"openai": "text"}, ("openai",), "text"),
        ({"logging": {"level": "no"}}, ("logging", "level"), "no"),
        ({"record": "true"}, ("record",), "true"),
        ({"openai": {"models": ["a: b", "#c"]}}, ("openai", "models"), ["a: b", "#c"]),
    ],
)
def test_what_a_patch_does(patch: dict[str, Any], path: tuple[str, ...], expected: object) -> None:
    tree: Any = yaml.safe_load(merged(TEXT, patch))
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    assert tree == expected


def test_what_was_shown_redacted_comes_back_as_it_is() -> None:
    shown = {"auth": {"api-keys": [MARK, {"key": MARK, "name": "build"}]}, "openai": {"api-key": MARK}}
    found = yaml.safe_load(merged(TEXT, shown))
    assert found["auth"]["api-keys"] == ["sk-test-one", {"key": "${CI_KEY}", "name": "build"}]
    assert found["openai"]["api-key"] == "${OPENAI_API_KEY}"


def test_redacted_where_nothing_is_kept_is_refused() -> None:
    with pytest.raises(Unknown, match=r"auth\.api-keys\.2"):
        merged(TEXT, {"auth": {"api-keys": [MARK, {"key": MARK}, MARK]}})
    with pytest.raises(Unknown, match=r"gemini\.api-key"):
        merged(TEXT, {"gemini": {"api-key": MARK}})


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_into_an_empty_file(text: str) -> None:
    assert yaml.safe_load(merged(text, {"port": 1, "openai": {"api-key": "sk-test-key"}})) == {
        "port": 1,
        "openai": {"api-key": "sk-test-key"},
    }


def test_the_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("port: 1\n")
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    write(link, "port: 2\n")
    assert path.read_text() == "port: 2\n" and path.stat().st_mode & 0o777 == 0o640 and link.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["config.yaml", "link.yaml"]


def test_a_file_that_can_not_be_replaced_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("port: 1  # a longer text than the new one\n")

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(os, "replace", busy)
    before = path.stat().st_ino
    write(path, "port: 2\n")
    assert path.read_text() == "port: 2\n" and path.stat().st_ino == before
    assert os.listdir(tmp_path) == ["config.yaml"]
