from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import openai_judge
import pytest
from openai_chat_answers import CONTEXT, FULL

from cliproxy.translators import ir, opaque, sse
from cliproxy.translators.collect import collect, events_of
from cliproxy.translators.openai_chat import StreamParser, StreamRenderer

START = ir.Start("x-1", "m", 5)


def rendered(*events: ir.Event, context: ir.Context = CONTEXT) -> list[bytes]:
    renderer = StreamRenderer(context)
    return [piece for event in events for piece in renderer.feed(event)]


def sent(pieces: Iterable[bytes]) -> list[Any]:
    decoder = sse.Decoder()
    read = [*decoder.feed(b"".join(pieces)), *decoder.close()]
    return [one.data if one.data == "[DONE]" else json.loads(one.data) for one in read]


def deltas(*events: ir.Event, context: ir.Context = CONTEXT) -> list[Any]:
    chunks = sent(rendered(START, *events, context=context))[1:]
    return [chunk["choices"][0]["delta"] for chunk in chunks]


def parsed(pieces: Iterable[bytes]) -> list[ir.Event]:
    parser, decoder = StreamParser(), sse.Decoder()
    read = [event for one in decoder.feed(b"".join(pieces)) for event in parser.feed(one)]
    return [*read, *parser.close()]


def test_the_grammar() -> None:
    """Role first, then the pieces, the finish reason, the usage with no choices, ``[DONE]``."""
    usage = ir.Usage(3, 2)
    role, text, finish, counted, done = sent(rendered(START, ir.TextDelta("hi"), ir.Finish("stop", usage)))
    assert role == {
        "id": "x-1",
        "object": "chat.completion.chunk",
        "created": 5,
        "model": "m",
        "choices": [
            {"index": 0, "delta": {"role": "assistant", "content": ""}, "logprobs": None, "finish_reason": None}
        ],
    }
    assert text["choices"][0]["delta"] == {"content": "hi"}
    assert (finish["choices"][0]["delta"], finish["choices"][0]["finish_reason"]) == ({}, "stop")
    assert (counted["choices"], counted["usage"]["total_tokens"], done) == ([], 5, "[DONE]")


def test_usage_only_where_it_was_asked_for() -> None:
    context = ir.Context("abc", 17, ir.Request("asked-for"))
    chunks = sent(rendered(START, ir.Finish("stop", ir.Usage(3, 2)), context=context))
    assert not any("usage" in chunk for chunk in chunks[:-1])


def test_no_done_after_an_error() -> None:
    """pains.md 14: a client must not take a broken answer for a whole one."""
    *_, last = sent(rendered(START, ir.TextDelta("hi"), ir.Error(529, "Overloaded", "overloaded_error")))
    assert last == {"error": {"message": "Overloaded", "type": "server_error", "param": None, "code": "overloaded"}}


def test_calls_are_counted_from_0_and_may_interleave() -> None:
    """pains.md edge case 5; the index of an Anthropic block must not come through."""
    events = [
        ir.ToolCallStart(0, "a", "f"),
        ir.ToolCallStart(1, "b", "g", "custom"),
        ir.ToolCallDelta(1, "ls"),
        ir.ToolCallDelta(0, "{}"),
        ir.ToolCallEnd(0),
    ]
    assert deltas(*events) == [
        {"tool_calls": [{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 1, "id": "b", "type": "custom", "custom": {"name": "g", "input": ""}}]},
        {"tool_calls": [{"index": 1, "custom": {"input": "ls"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
    ]


def test_old_functions() -> None:
    context = ir.Context("abc", 17, ir.Request("m", legacy_functions=True))
    events = [
        ir.ToolCallStart(0, "a", "f"),
        ir.ToolCallDelta(0, "{}"),
        ir.ToolCallStart(1, "b", "g"),
        ir.ToolCallDelta(1, "{}"),
    ]
    assert deltas(*events, context=context) == [
        {"function_call": {"name": "f", "arguments": ""}},
        {"function_call": {"arguments": "{}"}},
    ]
    *_, finish, _ = sent(rendered(START, *events, ir.Finish("tool_calls"), context=context))
    assert finish["choices"][0]["finish_reason"] == "function_call"


def test_thoughts_and_their_seals() -> None:
    """Each thought is told as it comes; with a foreign seal once more, for the client to bring back."""
    one, two = ir.Opaque("anthropic", "s1"), ir.Opaque("anthropic", "s2")
    assert deltas(ir.ReasoningDelta("hm"), ir.ReasoningEnd(one), ir.ReasoningEnd(two), ir.ReasoningDelta("so")) == [
        {"reasoning_content": "hm"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm", "signature": opaque.pack(one), "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": opaque.pack(two), "index": 1}]},
        {"reasoning_content": "\n\nso"},
    ]


def test_lists_are_numbered() -> None:
    """OpenAI's stream helper raises "Expected list delta entry to have an `index` key" otherwise."""
    cites = [ir.Cite(ir.Citation(url)) for url in "ab"]
    said = deltas(ir.TextDelta("hi"), *cites, ir.Block(ir.Media("image", url="https://a.example")))
    assert [delta["annotations"][0]["index"] for delta in said[1:3]] == [0, 1]
    assert said[3]["images"][0]["index"] == 0


def test_citations_count_in_the_whole_message() -> None:
    cite = ir.Cite(ir.Citation("u", start=1, end=2))
    said = deltas(ir.TextDelta("abc"), ir.ToolCallStart(0, "c", "f"), ir.TextDelta("d"), ir.TextDelta("ef"), cite)
    assert said[-1]["annotations"][0]["url_citation"]["start_index"] == 4


def test_what_chat_has_no_word_for() -> None:
    assert deltas(ir.Block(ir.BuiltinCall("b", "web_search", "{}")), ir.ToolCallDelta(0, ""), ir.ReasoningEnd()) == []
    assert rendered(ir.Ping()) == [sse.COMMENT]


@pytest.mark.parametrize("events", [[ir.TextDelta("hi")], [ir.ToolCallStart(0, "c", "f")], []])
def test_a_start_that_never_came(events: list[ir.Event]) -> None:
    role, *_, done = sent(rendered(*events, ir.Finish("stop")))
    assert (role["id"], role["created"], role["model"], done) == ("chatcmpl-abc", 17, "asked-for", "[DONE]")
    assert role["choices"][0]["delta"]["role"] == "assistant"


def test_a_lone_surrogate() -> None:
    assert b"\\ud83d" in rendered(START, ir.TextDelta("\ud83d"))[1]


def test_a_full_answer_survives() -> None:
    assert collect(parsed(rendered(*events_of(FULL)))) == FULL


def test_the_sdks_helper_reads_it() -> None:
    body = b"".join(rendered(*events_of(FULL)))
    with openai_judge.stream(body).chat.completions.stream(model="m", messages=[]) as stream:
        names = [event.name for event in stream if event.type == "tool_calls.function.arguments.done"]
        message = stream.get_final_completion().choices[0].message
    assert message.content == "Hello, world" and names == ["look", "find"]
    assert message.model_extra["reasoning_content"] == "Hm."


def test_the_sdk_raises_on_an_error_event() -> None:
    body = b"".join(rendered(START, ir.TextDelta("hi"), ir.Error(503, "Busy.")))
    with pytest.raises(openai_judge.openai.APIError, match=r"Busy\."):
        list(openai_judge.stream(body).chat.completions.create(model="m", messages=[], stream=True))
