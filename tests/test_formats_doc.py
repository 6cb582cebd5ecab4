"""docs/formats.md is what happens: every cell is derived anew, and what SUPPORTS claims is what is seen."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from feature_requests import OWN_WORDS, REQUESTS
from format_matrix import FEATURE_OF, SAID_AS, SEAL_HOME, Cell, cell

from cliproxy.translators.formats import FORMATS
from cliproxy.translators.losses import FEATURES

ROOT = Path(__file__).parents[1]


def make_formats() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_formats", ROOT / "docs" / "make_formats.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(name: str) -> list[Cell]:
    return [cell(client, upstream, name) for client in FORMATS.values() for upstream in FORMATS.values()]


def test_the_document_is_in_step() -> None:
    made, written = make_formats().document(), (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert made == written, "docs/formats.md is out of step: run `uv run python docs/make_formats.py`"


@pytest.mark.parametrize("name", FEATURES)
def test_each_feature_is_asked_for_by_some_client(name: str) -> None:
    cases = [case for case, feature in FEATURE_OF.items() if feature == name] or [name]
    assert all({one.verdict for one in cells(case)} - {"same", "unsaid"} for case in cases)


@pytest.mark.parametrize("client, name", [(client, name) for client, said in OWN_WORDS.items() for name in said])
def test_what_is_said_in_a_clients_own_words_is_read(client: str, name: str) -> None:
    upstream = "gemini" if client != "gemini" else "anthropic"
    assert cell(FORMATS[client], FORMATS[upstream], name).verdict != "unsaid"


@pytest.mark.parametrize("upstream, name", SAID_AS)
def test_what_is_called_respelled_is(upstream: str, name: str) -> None:
    told = [cell(client, FORMATS[upstream], name).words for client in FORMATS.values()]
    assert SAID_AS[upstream, name] in told


def test_every_case_has_its_row() -> None:
    rows = {name for name, _ in make_formats().request_rows()}
    assert rows >= REQUESTS.keys() | {SEAL_HOME}
    assert {FEATURE_OF.get(name, name) for name in rows} >= FEATURES.keys()
