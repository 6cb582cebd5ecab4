"""The table in docs/providers.md is what happens: every cell is derived anew."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from endpoint_matrix import ESTIMATED, NOT, ROWS, SAME, UPSTREAMS, cell

from cliproxy.addons.passages import PASSAGES
from cliproxy.addons.providers import ACCOUNT_DOORS, CUSTOM_KINDS, KINDS

ROOT = Path(__file__).parents[1]


def make_providers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_providers", ROOT / "docs" / "make_providers.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_in_step() -> None:
    written = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    assert make_providers().document(written) == written, "run `uv run python docs/make_providers.py`"


@pytest.mark.parametrize("name", [*KINDS, *CUSTOM_KINDS])
def test_every_provider_has_its_column(name: str) -> None:
    assert any(name in column for column in UPSTREAMS)


def test_the_doors_with_ways_of_their_own_have_columns() -> None:
    assert {"chatgpt", "claude", "code-assist"} <= ACCOUNT_DOORS.keys()
    assert all(f"account `{door}`" in UPSTREAMS for door in ("chatgpt", "claude", "code-assist"))


def test_what_passes_through_is_never_translated_and_what_is_asked_is_never_refused() -> None:
    for row, asked in ROWS.items():
        signs = {cell(asked, at) for at in UPSTREAMS.values()}
        passes = "models/{model}:embed" in asked.path or any(
            passage.path.fullmatch(asked.path.removeprefix("/v1beta").removeprefix("/v1"))
            for rows in PASSAGES.values()
            for passage in rows
        )
        assert signs <= {SAME, NOT} if passes else NOT not in signs, row
        assert "count" in row.lower() or "input_tokens" in row or ESTIMATED not in signs
