from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_chat import StreamParser
from cliproxy.translators.sse import Decoder, ServerSentEvent

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
DONE = "[DONE]"


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "x-1", "object": "chat.completion.chunk", "created": 5, "model": "m", "choices": [choice], **more}


def events(*sent: Any, close: bool = True) -> list[ir.Event]:
    parser = StreamParser()
    read: list[ir.Event] = []
    for data in sent:
        read += parser.feed(ServerSentEvent("", data if isinstance(data, str) else json.dumps(data)))
    return [*read, *parser.close()] if close else read


def parts(*sent: Any) -> tuple[ir.Part, ...]:
    return collect(events(*sent, DONE)).parts


def test_a_plain_answer() -> None:
    assert events(
        chunk({"role": "assistant", "content": ""}), chunk({"content": "hi"}), chunk(finish="stop"), DONE
    ) == [
        ir.Start("x-1", "m", 5),
        ir.TextDelta("hi"),
        ir.Finish("stop"),
    ]


def test_finish_waits_for_the_usage_chunk() -> None:
    """pains.md edge case 6."""
    late = {"id": "x-1", "choices": [], "usage": USAGE}
    sent = chunk({"content": "hi"}), chunk(finish="stop"), late, DONE
    assert events(*sent)[-1] == ir.Finish("stop", ir.Usage(3, 2))
    assert not any(isinstance(event, ir.Finish) for event in events(*sent[:3], close=False))


@pytest.mark.parametrize(
    "more", [{"usage": USAGE}, {"x_groq": {"id": "r", "usage": USAGE}}, {"x_groq": {"usage": USAGE}, "usage": None}]
)
def test_usage_on_the_chunk_with_the_finish_reason(more: dict[str, Any]) -> None:
    assert events(chunk({"content": "hi"}), chunk(finish="length", **more), DONE)[-1] == ir.Finish(
        "length", ir.Usage(3, 2)
    )


def test_no_done_marker() -> None:
    """Perplexity, some of Hugging Face."""
    assert events(chunk({"content": "hi"}), chunk(finish="stop"))[-1] == ir.Finish("stop")


def test_no_finish_reason_but_done() -> None:
    """OpenAI with sound; Snowflake."""
    assert events(chunk({"content": "hi"}), DONE)[-1] == ir.Finish("stop")


def test_a_stream_that_breaks_off_is_an_error() -> None:
    """pains.md 16: anomalyco/opencode#39968."""
    last = events(chunk({"content": "partial"}))[-1]
    assert isinstance(last, ir.Error) and last.status == 502 and "ended early" in last.message


@pytest.mark.parametrize("sent", [[DONE], [], [{"id": "", "choices": [], "prompt_filter_results": []}, DONE]])
def test_a_stream_without_an_answer_is_an_error(sent: list[Any]) -> None:
    (only,) = events(*sent)
    assert isinstance(only, ir.Error) and only.status == 502


@pytest.mark.parametrize("word", ["eos", "STOP", "", None, "something new"])
def test_odd_words_for_the_end(word: Any) -> None:
    assert events(chunk({"content": "hi"}, word), DONE)[-1] == ir.Finish("stop")


def test_calls_force_tool_calls() -> None:
    """Google says `stop` at the end of a turn with calls; pains.md 5."""
    call = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": "{}"}}
    assert events(chunk({"tool_calls": [call]}, "stop"), DONE)[-1] == ir.Finish("tool_calls")
    assert events(chunk({"content": "hi", "tool_calls": []}, "tool_calls"), DONE)[-1] == ir.Finish("stop")


def test_text_and_calls_in_one_chunk() -> None:
    """BerriAI/litellm#18238, #29286."""
    call = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": "{}"}}
    assert parts(chunk({"content": "hi", "tool_calls": [call]})) == (ir.Text("hi"), ir.ToolCall("c1", "f", "{}"))
    assert parts(chunk({"content": "hi", "tool_calls": [], "reasoning_content": None})) == (ir.Text("hi"),)


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning(key: str) -> None:
    sent = chunk({key: "h", "content": ""}), chunk({key: "m", "content": None}), chunk({"content": "hi", key: None})
    assert events(*sent, DONE) == [
        ir.Start("x-1", "m", 5),
        ir.ReasoningDelta("h"),
        ir.ReasoningDelta("m"),
        ir.ReasoningEnd(),
        ir.TextDelta("hi"),
        ir.Finish("stop"),
    ]


def test_reasoning_details_with_a_seal() -> None:
    """OpenRouter: text and its repetition in the details, then the signature alone."""

    def detail(**said: Any) -> dict[str, Any]:
        return {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1", **said}

    read = parts(
        chunk({"content": "", "reasoning": "h", "reasoning_details": [detail(text="h")]}),
        chunk({"content": "", "reasoning": "m", "reasoning_details": [detail(text="m")]}),
        chunk({"content": "", "reasoning": None, "reasoning_details": [detail(signature="sig")]}),
        chunk({"content": "hi"}),
    )
    thought = read[0]
    assert isinstance(thought, ir.Reasoning) and thought.text == "hm" and thought.opaque
    assert json.loads(thought.opaque.data) == [detail(text="hm", signature="sig")]
    assert read[1:] == (ir.Text("hi"),)


def test_a_seal_behind_the_answer() -> None:
    """OpenRouter with OpenAI: the encrypted reasoning comes last."""
    hidden = {"type": "reasoning.encrypted", "data": "xyz", "index": 1}
    read = parts(chunk({"reasoning": "hm"}), chunk({"content": "hi"}), chunk({"reasoning_details": [hidden]}, "stop"))
    assert read[:2] == (ir.Reasoning("hm"), ir.Text("hi"))
    assert read[2] == ir.Reasoning(
        "", ir.Opaque("openai_chat", '[{"type":"reasoning.encrypted","data":"xyz","index":1}]')
    )


def test_refusal_citations_and_sources() -> None:
    cite = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 0, "end_index": 2}}
    assert parts(chunk({"refusal": "n"}), chunk({"refusal": "o", "content": ""})) == (ir.Refusal("no"),)
    assert parts(chunk({"content": "hi"}), chunk({"annotations": [cite]})) == (
        ir.Text("hi", (ir.Citation("u", "t", "", 0, 2),)),
    )
    sent = [chunk({"content": word}, citations=["u"]) for word in ("h", "i")]
    assert parts(*sent) == (ir.Text("hi", (ir.Citation("u"),)),)


def test_of_several_answers_the_first_is_read() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}]}
    assert parts(chunk({"content": "yes"}), other) == (ir.Text("yes"),)


def test_old_function_call() -> None:
    """It has no id: one is made from the answer's, so that it differs from turn to turn."""
    sent = chunk({"function_call": {"name": "f", "arguments": ""}}), chunk({"function_call": {"arguments": "{}"}})
    assert parts(*sent, chunk(finish="function_call")) == (ir.ToolCall("call_x10", "f", "{}"),)
    assert parts(chunk({"content": "hi", "function_call": {"name": "", "arguments": ""}})) == (ir.Text("hi"),)


ERRORS: dict[str, tuple[Any, str, int]] = {
    "Groq": ({"error": {"message": "no", "code": "tool_use_failed", "status_code": 400}}, "error", 400),
    "OpenRouter, beside choices": (chunk({"content": ""}, error={"code": 402, "message": "no"}), "", 402),
    "in the choice": ({"choices": [{"index": 0, "delta": {}, "error": {"code": 502, "message": "no"}}]}, "", 502),
    "text": ({"error": "no"}, "", 502),
    "Mistral": ({"object": "error", "message": "no", "type": "invalid_request_error"}, "", 400),
    "a list": ([{"error": {"code": 503, "message": "no", "status": "UNAVAILABLE"}}], "", 503),
    "an error event that is no object": ("no", "error", 502),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_in_a_stream_ends_it(name: str) -> None:
    """pains.md 14, edge case 22."""
    body, event, status = ERRORS[name]
    parser = StreamParser()
    read = [*parser.feed(ServerSentEvent("", json.dumps(chunk({"content": "hi"}))))]
    read += parser.feed(ServerSentEvent(event, json.dumps(body)))
    read += parser.feed(ServerSentEvent("", json.dumps(chunk({"content": "more"}, "stop"))))
    read += [*parser.feed(ServerSentEvent("", DONE)), *parser.close()]
    assert isinstance(read[-1], ir.Error) and (read[-1].status, read[-1].message) == (status, "no")
    assert read[1:-1] == [ir.TextDelta("hi")]


def test_a_chunk_that_is_no_json() -> None:
    with pytest.raises(ir.BadAnswer):
        events("<html>")


def test_stop_sequence_and_tier() -> None:
    body = {
        "choices": [{"delta": {"content": "hi"}, "finish_reason": "stop", "stop_reason": "END"}],
        "service_tier": "flex",
    }
    assert events(body, DONE)[-1] == ir.Finish("stop", None, "END", "flex")


KEYS = [
    "id",
    "choices",
    "delta",
    "message",
    "index",
    "content",
    "role",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "custom",
    "input",
    "finish_reason",
    "usage",
    "prompt_tokens",
    "error",
    "code",
    "status",
    "reasoning",
    "reasoning_details",
    "type",
    "text",
    "data",
    "annotations",
    "url_citation",
    "url",
    "logprobs",
    "audio",
    "images",
    "x_groq",
    "citations",
    "function_call",
    "extra_content",
    "google",
    "refusal",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(-9, 9)
    | st.sampled_from(["", "text", "stop", "0", "thinking"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=15,
)
DELTAS = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5).map(chunk)


@given(st.lists(JSON | DELTAS, max_size=4), st.booleans())
def test_any_chunks_end_in_one_terminal_event(bodies: list[Any], done: bool) -> None:
    read = events(*map(json.dumps, bodies), *([DONE] if done else []))
    ends = [event for event in read if isinstance(event, ir.Finish | ir.Error)]
    assert ends == read[-1:]
    collect(read)


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    decoder, parser = Decoder(), StreamParser()
    try:
        read = [event for sent in [*decoder.feed(data), *decoder.close()] for event in parser.feed(sent)]
        read += parser.close()
    except ir.BadAnswer:
        return
    assert isinstance(read[-1], ir.Finish | ir.Error)
