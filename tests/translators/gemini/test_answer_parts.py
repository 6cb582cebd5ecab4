"""Events of an answer as parts."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.answer_parts import AnswerParts
from cliproxy.translators.gemini.seals import seal

OWN, FOREIGN = ir.Opaque("gemini", "c2VhbA=="), ir.Opaque("openai_responses", "enc", "rs_1")


def parts(*events: ir.Event) -> list[Any]:
    answer = AnswerParts()
    return [part for event in events for part in answer.feed(event)] + answer.flush()


def call(name: str, id: str, **fields: Any) -> Any:
    return {"functionCall": {"id": id, "name": name, "args": fields}}


def test_calls_wait_until_they_are_whole() -> None:
    """Pain 1: arguments in pieces are one object; pain 3: interleaved calls stay apart."""
    start = [ir.ToolCallStart(0, "a", "f"), ir.ToolCallStart(1, "b", "g")]
    deltas = [ir.ToolCallDelta(i, piece) for piece in ('{"x"', ":1}") for i in (0, 1)]
    assert parts(*start, *deltas) == [call("f", "a", x=1), call("g", "b", x=1)]
    assert parts(*start, *deltas, ir.ToolCallEnd(1), ir.TextDelta("t")) == [
        call("g", "b", x=1), call("f", "a", x=1), {"text": "t"}
    ]  # fmt: skip


def test_odd_orders_are_no_crash() -> None:
    assert parts(ir.ToolCallDelta(3, "x"), ir.ToolCallEnd(3), ir.ReasoningEnd(), ir.TextDelta(""), ir.Ping()) == []


@pytest.mark.parametrize(
    "events, want",
    [
        ([ir.ReasoningDelta("h"), ir.ReasoningEnd(OWN), ir.TextDelta("a")],
         [{"text": "h", "thought": True}, {"text": "", "thought": True, "thoughtSignature": OWN.data}, {"text": "a"}]),
        ([ir.ReasoningDelta("h"), ir.ReasoningEnd(FOREIGN)],
         [{"text": "h", "thought": True}, {"text": "", "thought": True, "thoughtSignature": seal(FOREIGN)}]),
        ([ir.TextDelta("a"), ir.ReasoningEnd(OWN)], [{"text": "a"}, {"text": "", "thoughtSignature": OWN.data}]),
        ([ir.ReasoningEnd(FOREIGN), ir.TextDelta("a")],
         [{"text": "", "thoughtSignature": seal(FOREIGN)}, {"text": "a"}]),
        ([ir.ReasoningEnd(FOREIGN), ir.ToolCallStart(0, "x", "f"), ir.ToolCallEnd(0)],
         [call("f", "x") | {"thoughtSignature": seal(FOREIGN)}]),
        ([ir.ToolCallStart(0, "x", "f", opaque=OWN)], [call("f", "x") | {"thoughtSignature": OWN.data}]),
        ([ir.RefusalDelta("no")], [{"text": "no"}]),
    ],
)  # fmt: skip
def test_thoughts_and_seals(events: list[ir.Event], want: Any) -> None:
    """Pain 7: encrypted reasoning without text rides on the call, which every client returns."""
    assert parts(*events) == want


def test_blocks() -> None:
    blocks = [
        ir.Media("image", "image/png", data="AA=="), ir.BuiltinCall("c", "code_execution", '{"code":"1"}'),
        ir.BuiltinResult("c", "code_execution", text="1"), ir.BuiltinCall("w", "web_search", '{"query":"q"}'),
        ir.Foreign("gemini", "x", {"x": {}}), ir.Foreign("another", "y", {"y": {}}),
    ]  # fmt: skip
    assert parts(*map(ir.Block, blocks)) == [
        {"inlineData": {"mimeType": "image/png", "data": "AA=="}},
        {"executableCode": {"code": "1", "language": "PYTHON"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"x": {}},
    ]


def test_citations_name_the_part_they_are_for() -> None:
    answer = AnswerParts()
    cite = ir.Cite(ir.Citation("https://a.test", start=0, end=2))
    call = (ir.ToolCallStart(0, "x", "f"), ir.ToolCallEnd(0))
    for event in (ir.TextDelta("a"), *call, ir.TextDelta("b"), ir.TextDelta("c"), cite):
        answer.feed(event)
    (support,) = answer.grounding.fields()["groundingMetadata"]["groundingSupports"]
    assert support["segment"] == {"partIndex": 2, "startIndex": 0, "endIndex": 2, "text": "bc"}
