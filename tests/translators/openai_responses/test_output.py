from __future__ import annotations

from dataclasses import replace

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_responses.output import Output
from cliproxy.translators.openai_responses.words import NAME

START = ir.Start("x", "m", 17)
STOP = ir.Finish("stop", ir.Usage(1, 2))


def built(context: ir.Context, *events: ir.Event) -> tuple[list[ir.Json], ir.Json]:
    output = Output(context)
    sent = [one for event in events for one in output.feed(event)]
    return sent, output.response


def kinds(context: ir.Context, *events: ir.Event) -> list[str]:
    return [item["type"] for item in built(context, START, *events, STOP)[1]["output"]]


def test_items_in_order(context: ir.Context) -> None:
    call = [ir.ToolCallStart(0, "c", "f"), ir.ToolCallDelta(0, "{}")]
    assert kinds(context, ir.ReasoningDelta("hm"), ir.TextDelta("a"), *call, ir.TextDelta("b")) == [
        "reasoning", "message", "function_call", "message"
    ]  # fmt: skip


def test_empty_pieces_open_nothing(context: ir.Context) -> None:
    """Edge case 10: a signature-only part, an empty delta: no ghost items."""
    assert kinds(context, ir.TextDelta(""), ir.ReasoningDelta(""), ir.ReasoningEnd()) == []
    assert kinds(context, ir.ReasoningEnd(ir.Opaque(NAME, "E"))) == ["reasoning"]


def test_thoughts_go_where_the_client_looks(context: ir.Context) -> None:
    """Codex asks for summaries, shows nothing else and sends nothing else back."""
    asked = replace(context, request=ir.Request("m", thinking=ir.Thinking("low", summary="auto")))
    thought = built(asked, START, ir.ReasoningDelta("hm"), STOP)[1]["output"][0]
    assert thought["summary"] == [{"type": "summary_text", "text": "hm"}] and "content" not in thought
    thought = built(context, START, ir.ReasoningDelta("hm"), STOP)[1]["output"][0]
    assert thought["content"] == [{"type": "reasoning_text", "text": "hm"}]


def test_a_seal_on_a_call_travels_before_it(context: ir.Context) -> None:
    start = ir.ToolCallStart(0, "c", "f", opaque=ir.Opaque("gemini", "S"))
    assert kinds(context, start) == ["reasoning", "function_call"]


def test_hosted_calls_and_results(context: ir.Context) -> None:
    """Pain 11."""
    call, result = ir.BuiltinCall("s", "web_search", "{}"), ir.BuiltinResult("s", "web_search")
    sent, response = built(context, START, ir.Block(call), ir.Block(result), ir.TextDelta("a"), STOP)
    assert [item["type"] for item in response["output"]] == ["web_search_call", "message"]
    assert [one["type"] for one in sent].count("response.output_item.done") == 2
    assert kinds(context, ir.Block(call)) == ["web_search_call"]
    assert kinds(context, ir.Block(ir.BuiltinResult("none", "web_search"))) == []


def test_other_blocks(context: ir.Context) -> None:
    assert kinds(
        context,
        ir.Block(ir.Media("image", "image/png", "AA")),
        ir.Block(ir.Media("audio", "audio/wav", "AA")),
        ir.Block(ir.Foreign(NAME, "output.mcp_call", {"type": "mcp_call"})),
        ir.Block(ir.Foreign("anthropic", "x", {})),
    ) == ["image_generation_call", "mcp_call"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_cut_answers(context: ir.Context, reason: ir.FinishReason) -> None:
    """Edge case 21: what was cut is incomplete, what was whole before is completed."""
    events = [
        ir.TextDelta("a"), ir.ToolCallStart(0, "c", "f"), ir.ToolCallDelta(0, "{}"), ir.ToolCallStart(1, "d", "g"),
        ir.ToolCallDelta(1, '{"a'), ir.ToolCallStart(2, "e", "h", "custom"),
        ir.ToolCallDelta(2, "x"), ir.ToolCallEnd(2),
    ]  # fmt: skip
    sent, response = built(context, START, *events, ir.Finish(reason))
    assert [item["status"] for item in response["output"]] == ["completed", "completed", "incomplete", "completed"]
    assert sent[-1]["type"] == "response.incomplete"
    assert [one["type"] for one in sent].count("response.function_call_arguments.done") == 1
    _, response = built(context, START, ir.TextDelta("a"), ir.Finish(reason))
    assert response["output"][0]["status"] == "incomplete"


def test_an_error_keeps_what_was_said(context: ir.Context) -> None:
    sent, response = built(context, START, ir.TextDelta("a"), ir.Error(429, "slow"))
    assert [one["type"] for one in sent[-2:]] == ["error", "response.failed"]
    assert response["output"][0]["content"][0]["text"] == "a" and response["output"][0]["status"] == "incomplete"


def test_nothing_after_the_end(context: ir.Context) -> None:
    sent, _ = built(context, START, STOP, ir.TextDelta("late"), ir.Error(500, "late"))
    assert sent[-1]["type"] == "response.completed"
