"""`cliproxy flows audit`: a gate before recordings are handed on."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_flows import folder, run, said, told
from recorded_exchanges import translated

from cliproxy.addons.demo import FLOWS

KEY = "sk-" + "a1B2" * 10


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_nothing_is_found_in_what_ships_and_in_what_we_record(tmp_path: Path) -> None:
    assert run("flows", "audit", FLOWS / "demo").output == "No secret in 10 files.\n"
    assert run("flows", "audit", folder(tmp_path / "f", translated())).output == "No secret in 1 file.\n"


def test_a_secret_ends_it_with_1_and_is_not_shown(tmp_path: Path) -> None:
    where = folder(tmp_path / "f", said("aa", [{"role": "user", "content": f"use {KEY}"}]))
    shown = run("flows", "audit", where)
    assert shown.exit_code == 1 and KEY not in shown.output
    assert "request body: API key sk-a1B2… (43 characters)" in shown.output
    found = told("flows", "audit", where, code=1)
    assert KEY not in str(found) and {one["found"] for one in found} == {"API key"}
