"""How a count is asked for and told, in each format that has a counter."""

from __future__ import annotations

from typing import Any

import pytest
from recordings import needed, records

from cliproxy.translators.counts import COUNTS, parse
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.ir import BadAnswer
from cliproxy.translators.wire import loads

REQUEST = {"max_tokens": 5, "stream": True, "temperature": 1, "tools": [], "model": "m"}


def test_counters_refuse_what_is_not_counted() -> None:
    assert COUNTS["anthropic"].asked("m", {**REQUEST, "messages": [], "system": "s"}) == {
        "model": "m", "messages": [], "system": "s", "tools": [],
    }  # fmt: skip
    assert COUNTS["openai_responses"].asked("m", {**REQUEST, "input": []}) == {"model": "m", "input": [], "tools": []}


def test_gemini_wraps_the_whole_request() -> None:
    asked = COUNTS["gemini"].asked("models/m", {"contents": [], "systemInstruction": {}})
    assert asked == {"generateContentRequest": {"contents": [], "systemInstruction": {}, "model": "models/m"}}
    assert COUNTS["gemini"].unwrapped(asked) == {"contents": [], "systemInstruction": {}}
    assert COUNTS["gemini"].unwrapped({"contents": []}) == {"contents": []}


@pytest.mark.parametrize("format", COUNTS)
def test_what_is_told_is_read(format: str) -> None:
    assert parse(format, COUNTS[format].told(42)) == 42
    assert format in FORMATS


@pytest.mark.parametrize("format", COUNTS)
@pytest.mark.parametrize("answer", [{}, {"input_tokens": "9", "totalTokens": None}, {"input_tokens": True}])
def test_an_answer_without_a_number_is_none(format: str, answer: Any) -> None:
    with pytest.raises(BadAnswer):
        parse(format, answer)


@needed
@pytest.mark.parametrize("wire, format", [("anthropic-count-tokens", "anthropic"), ("gemini-count", "gemini")])
def test_true_answers_are_read(wire: str, format: str) -> None:
    answers = [loads(record["response_body"]) for record in records(wire) if record["status"] == 200]
    assert answers
    assert all(parse(format, answer) > 0 for answer in answers)
