"""Tables and what models know."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from cliproxy.translators import gemini, ir
from cliproxy.translators.gemini import words
from cliproxy.translators.losses import FEATURES


def test_supports_only_known_features() -> None:
    assert FEATURES.keys() >= words.SUPPORTS
    assert "n" not in words.SUPPORTS  # only the first candidate is read


def test_every_reason_has_a_word() -> None:
    assert set(words.FINISH_REASON) == set(get_args(ir.FinishReason.__value__))
    assert {words.FINISH[word] for word in words.FINISH_REASON.values()} >= {
        "stop",
        "length",
        "content_filter",
        "error",
    }


def test_every_reason_of_the_sdk_is_known() -> None:
    types = pytest.importorskip("google.genai.types", reason="the makers' SDK wants Python 3.13")
    unknown = {word.value for word in types.FinishReason} - words.FINISH.keys() - {"FINISH_REASON_UNSPECIFIED"}
    assert unknown == {"PUP_LIMITED_DISABLED"}  # an error, as all unknown ones


@pytest.mark.parametrize(
    "name, legal",
    [("look", True), ("_a.b-c", True), ("a" * 64, True), ("a" * 65, False), ("1a", False), ("a b", False), ("", False)],
)
def test_tool_names(name: str, legal: bool) -> None:
    """Edge 14: names over 64 characters or with other characters are not legal."""
    assert bool(gemini.TOOL_NAME.fullmatch(name)) is legal


@pytest.mark.parametrize(
    "fields, named",
    [
        ({"mime_type": "a", "data": "b"}, {"mimeType": "a", "data": "b"}),
        ({"parameters_json_schema": {"a_b": 1}}, {"parametersJsonSchema": {"a_b": 1}}),
        ({"top_k": 1, "topK": 2}, {"topK": 2}),
        ({"_x": 1, "A_B": 2, "a__b": 3}, {"_x": 1, "A_B": 2, "a__b": 3}),
        ({}, {}),
    ],
)
def test_both_spellings(fields: Any, named: Any) -> None:
    """Edge 11: camel and snake case everywhere, values untouched."""
    assert words.camel(fields) == named


def test_merging_changes_nothing_that_is_there() -> None:
    base, extra = {"a": {"b": 1}, "c": 1}, {"a": {"b": 2, "d": 3}, "c": 2, "e": 4}
    assert words.merged(base, extra) == {"a": {"b": 1, "d": 3}, "c": 1, "e": 4}
    assert base == {"a": {"b": 1}, "c": 1}


@pytest.mark.parametrize(
    "model, number",
    [("gemini-2.5-pro", 2), ("gemini-3-pro-preview", 3), ("google/gemini-3.1-flash", 3), ("gemini-flash-latest", 3),
     ("gemini-12-pro", 12), ("gemma-3", 0), ("", 0)],
)  # fmt: skip
def test_generations(model: str, number: int) -> None:
    assert words.generation(model) == number


@pytest.mark.parametrize(
    "model, takes",
    [("gemini-2.5-flash", True), ("gemini-3-pro-preview", True), ("gemini-3.5-flash", True),
     ("gemini-3.5-flash-lite", False), ("gemini-3.6-flash", False), ("gemini-4-pro", False)],
)  # fmt: skip
def test_prefill(model: str, takes: bool) -> None:
    assert words.takes_prefill(model) is takes


@pytest.mark.parametrize(
    "model, budget, legal",
    [("gemini-2.5-pro", 0, 128), ("gemini-2.5-pro", 99999, 32768), ("gemini-2.5-flash", 0, 0),
     ("gemini-2.5-flash", 99999, 24576), ("gemini-2.5-flash-lite", 100, 512), ("gemini-2.5-pro", -1, -1),
     ("another", 99999, 99999)],
)  # fmt: skip
def test_budgets_are_clamped(model: str, budget: int, legal: int) -> None:
    """Edge 20: clamping."""
    assert words.clamped(budget, model) == legal
