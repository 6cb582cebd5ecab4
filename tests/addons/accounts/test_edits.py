"""Token files are changed whole, and only the one that is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cliproxy.addons.accounts import edits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("openai_token.json", "openai_token.second.json"):
        (tmp_path / name).write_text(json.dumps({"access_token": "sk-test-token", "own": {"kept": 1}}))
    return tmp_path


async def test_disabled_enabled_and_removed(folder: Path) -> None:
    path, other = folder / "openai_token.second.json", (folder / "openai_token.json").read_bytes()
    token = await edits.edited(folder, "openai-account.second", edits.disabled)
    assert token and not token.disabled
    assert json.loads(path.read_text()) == {"access_token": "sk-test-token", "own": {"kept": 1}, "disabled": True}
    await edits.edited(folder, path.name, edits.enabled)
    assert "disabled" not in json.loads(path.read_text())
    await edits.edited(folder, path.stem, edits.removed)
    assert not path.exists() and (folder / "openai_token.json").read_bytes() == other


async def test_one_that_is_not_there(folder: Path) -> None:
    assert await edits.edited(folder, "gemini-account", edits.removed) is None
    assert (folder / "openai_token.json").exists()
