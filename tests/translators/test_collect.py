"""Events and the whole answer that they make, both ways."""

from __future__ import annotations

import pytest

from cliproxy.translators import ir
from cliproxy.translators.collect import Collector, collect, events_of

SEAL = ir.Opaque("anthropic", "c2ln")
START, STOP = ir.Start("id", "m", 7), ir.Finish("stop", ir.Usage(3, 2))

ANSWERS: dict[str, list[ir.Event]] = {
    "text": [START, ir.TextDelta("hello"), STOP],
    "reasoning, sealed": [START, ir.ReasoningDelta("hm"), ir.ReasoningEnd(SEAL), ir.TextDelta("hi"), STOP],
    "redacted": [START, ir.ReasoningEnd(SEAL), STOP],
    "two thoughts": [
        START, ir.ReasoningDelta("a"), ir.ReasoningEnd(), ir.ReasoningDelta("b"), ir.ReasoningEnd(SEAL), STOP,
    ],
    "call": [START, ir.ToolCallStart(0, "c", "look"), ir.ToolCallDelta(0, "{}"), ir.ToolCallEnd(0), STOP],
    "cited": [START, ir.TextDelta("sky"), ir.Cite(ir.Citation("https://x.test")), STOP],
    "refusal": [START, ir.RefusalDelta("no"), STOP],
    "block": [START, ir.Block(ir.Media("image", "image/png", "aGk=")), STOP],
    "broken": [START, ir.TextDelta("he"), ir.Error(502, "gone")],
}  # fmt: skip


@pytest.mark.parametrize("events", ANSWERS.values(), ids=ANSWERS)
def test_there_and_back(events: list[ir.Event]) -> None:
    assert list(events_of(collect(events))) == events


def test_pieces_join_until_something_else_comes() -> None:
    response = collect([
        START, ir.TextDelta("he"), ir.TextDelta("llo"),
        ir.ToolCallStart(0, "a", "f"), ir.ToolCallStart(1, "b", "g"),
        ir.ToolCallDelta(1, "{"), ir.ToolCallDelta(0, "[]"), ir.ToolCallDelta(1, "}"),
        ir.TextDelta("more"), STOP,
    ])  # fmt: skip
    assert response.parts == (
        ir.Text("hello"), ir.ToolCall("a", "f", "[]"), ir.ToolCall("b", "g", "{}"), ir.Text("more"),
    )  # fmt: skip


def test_a_summary_is_not_the_thought_beside_it() -> None:
    response = collect([START, ir.ReasoningDelta("s", True), ir.ReasoningDelta("t"), ir.ReasoningEnd(SEAL), STOP])
    assert response.parts == (ir.Reasoning("s", summary=True), ir.Reasoning("t", SEAL))


def test_an_answer_without_an_end_is_an_error() -> None:
    response = collect([START, ir.TextDelta("he")])
    assert response.finish is None
    assert response.error == ir.Error(502, "The provider's answer has no end.")


def test_empty_until_something_of_the_answer_itself_has_come() -> None:
    collector = Collector()
    collector.feed(START)
    assert collector.empty
    collector.feed(ir.TextDelta(""))
    assert not collector.empty


def test_a_million_pieces_take_linear_time() -> None:
    collector = Collector()
    piece = ir.TextDelta("x" * 10)
    for _ in range(200_000):
        collector.feed(piece)
    text = collector.response().parts[0]
    assert isinstance(text, ir.Text) and len(text.text) == 2_000_000
