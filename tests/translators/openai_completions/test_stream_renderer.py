from __future__ import annotations

import json
from typing import Any

import openai_judge
import pytest
from completions_answers import CONTEXT, FULL

from cliproxy.translators import ir, sse
from cliproxy.translators.collect import collect, events_of
from cliproxy.translators.openai_completions import StreamParser, StreamRenderer

START = ir.Start("x-1", "m", 5)


def rendered(*events: ir.Event, context: ir.Context = CONTEXT) -> bytes:
    renderer = StreamRenderer(context)
    return b"".join(piece for event in events for piece in renderer.feed(event))


def sent(body: bytes) -> list[Any]:
    return [one.data if one.data == "[DONE]" else json.loads(one.data) for one in sse.Decoder().feed(body)]


def test_the_grammar() -> None:
    text, finish, counted, done = sent(rendered(START, ir.TextDelta("hi"), ir.Finish("stop", ir.Usage(3, 2))))
    assert text == {
        "id": "x-1",
        "object": "text_completion",
        "created": 5,
        "model": "m",
        "choices": [{"text": "hi", "index": 0, "logprobs": None, "finish_reason": None}],
    }
    assert finish["choices"][0] == {"text": "", "index": 0, "logprobs": None, "finish_reason": "stop"}
    assert (counted["choices"], counted["usage"]["total_tokens"], done) == ([], 5, "[DONE]")


def test_usage_only_where_it_was_asked_for() -> None:
    context = ir.Context("abc", 17, ir.Request("m"))
    assert b"usage" not in rendered(START, ir.Finish("stop", ir.Usage(3, 2)), context=context)


def test_no_done_after_an_error() -> None:
    *_, last = sent(rendered(START, ir.TextDelta("hi"), ir.Error(503, "Busy.")))
    assert last["error"]["message"] == "Busy."


def test_what_completions_have_no_word_for() -> None:
    events = [ir.ReasoningDelta("hm"), ir.ReasoningEnd(), ir.ToolCallStart(0, "c", "f"), ir.ToolCallDelta(0, "{}")]
    assert rendered(START, *events) == b""
    assert sent(rendered(ir.RefusalDelta("No."), ir.Ping()))[0]["choices"][0]["text"] == "No."


def test_a_full_answer_survives() -> None:
    parser = StreamParser()
    decoded = sse.Decoder().feed(rendered(*events_of(FULL)))
    assert collect([event for one in decoded for event in parser.feed(one)]) == FULL


def test_the_sdk_reads_it() -> None:
    """Not strictly: its type demands a finish reason on every chunk, which OpenAI itself does not send."""
    chunks = list(
        openai_judge.stream(rendered(*events_of(FULL)), strict=False).completions.create(
            model="m", prompt="hi", stream=True
        )
    )
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == "Hello"
    assert chunks[-1].usage.total_tokens == 16 and chunks[-2].choices[0].finish_reason == "length"


def test_the_sdk_raises_on_an_error_event() -> None:
    body = rendered(START, ir.TextDelta("hi"), ir.Error(503, "Busy."))
    with pytest.raises(openai_judge.openai.APIError, match=r"Busy\."):
        list(openai_judge.stream(body, strict=False).completions.create(model="m", prompt="hi", stream=True))
