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


TWO = """\
webhooks:
  - {url: "https://a.test/x", secret: sk-test-a}
  - {url: "https://b.test/x", secret: sk-test-b}
auth:
  api-keys: [sk-test-1, sk-test-2]
"""


def hook(name: str, **more: Any) -> dict[str, Any]:
    return {"url": f"https://{name}.test/x", "secret": MARK, **more}


@pytest.mark.parametrize(
    "hooks, secrets",
    [
        ([hook("b")], ["b"]),
        ([hook("b"), hook("a")], ["b", "a"]),
        ([hook("a"), hook("b", events=["x"])], ["a", "b"]),
        ([hook("n", secret="sk-test-n"), hook("a"), hook("b")], ["n", "a", "b"]),
    ],
)
def test_a_secret_stays_with_its_own_item(hooks: list[Any], secrets: list[str]) -> None:
    found = yaml.safe_load(merged(TWO, {"webhooks": hooks}))["webhooks"]
    assert [(one["url"][8:9], one["secret"][-1]) for one in found] == [(name, name) for name in secrets]


@pytest.mark.parametrize(
    "patch, named",
    [
        ({"webhooks": [hook("c")]}, "webhooks.0.secret"),
        ({"webhooks": [hook("c"), hook("a"), hook("b")]}, "webhooks.0.secret"),
        ({"auth": {"api-keys": [MARK]}}, "auth.api-keys"),
    ],
)
def test_whose_secret_it_is_is_not_guessed(patch: dict[str, Any], named: str) -> None:
    with pytest.raises(Unknown, match=named):
        merged(TWO, patch)


def test_a_key_is_added_behind_those_that_were_shown() -> None:
    text = merged(TWO, {"auth": {"api-keys": [MARK, MARK, "sk-test-3"]}})
    assert yaml.safe_load(text)["auth"]["api-keys"] == ["sk-test-1", "sk-test-2", "sk-test-3"]


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
