from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import openai_judge
import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_responses.stream_renderer import StreamRenderer
from cliproxy.translators.sse import COMMENT

type Write = Callable[..., list[dict[str, Any]]]
type Types = Callable[[Iterable[dict[str, Any]]], list[str]]

START = ir.Start("x", "m", 17)
USAGE = ir.Usage(1, 2)
TALK: list[ir.Event] = [
    START, ir.ReasoningDelta("hm", True), ir.ReasoningEnd(ir.Opaque("anthropic", "S")), ir.TextDelta("he"),
    ir.TextDelta("llo"), ir.Cite(ir.Citation("https://a.test", "A")),
    ir.Block(ir.BuiltinCall("s", "web_search", '{"query":"q"}')),
    ir.Block(ir.BuiltinResult("s", "web_search", (ir.Citation("https://a.test"),))),
    ir.ToolCallStart(0, "c", "f"), ir.ToolCallStart(1, "d", "g"), ir.ToolCallDelta(0, '{"a"'),
    ir.ToolCallDelta(1, '{"b":2}'), ir.ToolCallDelta(0, ":1}"), ir.ToolCallEnd(1),
    ir.ToolCallStart(2, "e", "patch", "custom"), ir.ToolCallDelta(2, "*** Begin"), ir.Finish("tool_calls", USAGE),
]  # fmt: skip


def test_the_whole_grammar(write: Write, types: Types) -> None:
    """Edge case 21: the full event sequence, sequence_number, rising output_index."""
    sent = write(*TALK)
    assert types(sent) == [
        "created", "in_progress",
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
        "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
        "output_text.annotation.added", "output_text.done", "content_part.done", "output_item.done",
        "output_item.added", "web_search_call.in_progress", "web_search_call.searching", "web_search_call.completed",
        "output_item.done",
        "output_item.added", "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
        "output_item.added", "custom_tool_call_input.delta",
        "function_call_arguments.done", "output_item.done", "custom_tool_call_input.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    assert [one["sequence_number"] for one in sent] == list(range(len(sent)))
    added = [one["output_index"] for one in sent if one["type"] == "response.output_item.added"]
    assert added == list(range(6))


def test_an_item_keeps_its_id(write: Write) -> None:
    """clients/README §5: "Completed output item identity changed"; Codex lives on output_item.done."""
    sent = write(*TALK)
    added = {one["output_index"]: one["item"]["id"] for one in sent if one["type"] == "response.output_item.added"}
    done = {one["output_index"]: one["item"] for one in sent if one["type"] == "response.output_item.done"}
    assert {place: item["id"] for place, item in done.items()} == added
    assert sent[-1]["response"]["output"] == [done[place] for place in sorted(done)]
    assert all(added[one["output_index"]] == one["item_id"] for one in sent if "item_id" in one)


def test_the_makers_sdk_reads_it() -> None:
    renderer = StreamRenderer(ir.Context("tok", 17, ir.Request("m", stream=True)))
    body = b"".join(piece for event in TALK for piece in renderer.feed(event))
    with openai_judge.stream(body).responses.stream(model="m", input="x") as stream:
        final = stream.get_final_response()
    assert final.output_text == "hello"
    assert [item.type for item in final.output] == [
        "reasoning", "message", "web_search_call", "function_call", "function_call", "custom_tool_call"
    ]  # fmt: skip
    assert final.output[3].arguments == '{"a":1}'
    assert (final.usage.input_tokens, final.usage.input_tokens_details.cache_write_tokens) == (1, 0)


@pytest.mark.parametrize("before", [[], [START], [START, ir.TextDelta("a")]])
def test_errors(write: Write, types: Types, before: list[ir.Event]) -> None:
    """Pain 14: also before anything was said; and the SDK raises at it."""
    sent = write(*before, ir.Error(429, "slow down"))
    assert types(sent)[:2] == ["created", "in_progress"]
    assert types(sent)[-2:] == ["error", "failed"]
    assert sent[-1]["response"]["status"] == "failed"
    assert sent[-1]["response"]["error"] == {"code": "rate_limit_exceeded", "message": "slow down"}
    renderer = StreamRenderer(ir.Context("tok", 17, ir.Request("m")))
    body = b"".join(piece for event in (*before, ir.Error(429, "slow down")) for piece in renderer.feed(event))
    with pytest.raises(openai_judge.openai.APIError, match="slow down"):
        list(openai_judge.stream(body).responses.create(model="m", input="x", stream=True))


def test_a_broken_answer_is_a_failure(write: Write, types: Types) -> None:
    assert types(write(START, ir.TextDelta("a"), ir.Finish("error")))[-2:] == ["error", "failed"]


def test_pings_are_comments(context: ir.Context) -> None:
    """Pain 18: a sign of life that every client passes over."""
    assert list(StreamRenderer(context).feed(ir.Ping())) == [COMMENT]


def test_half_an_emoji(write: Write) -> None:
    """A lone surrogate in a delta does not end the stream."""
    sent = write(START, ir.TextDelta("\ud83d"), ir.Finish("stop"))
    assert sent[4]["delta"] == "\ud83d"
