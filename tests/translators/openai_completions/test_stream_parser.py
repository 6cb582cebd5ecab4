from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_completions import StreamParser
from cliproxy.translators.sse import Decoder, ServerSentEvent

DONE = "[DONE]"
START = ir.Start("x-1", "m", 5)


def chunk(text: Any, finish: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "x-1",
        "object": "text_completion",
        "created": 5,
        "model": "m",
        "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": finish}],
        **more,
    }


def events(*sent: Any) -> list[ir.Event]:
    parser = StreamParser()
    read: list[ir.Event] = []
    for data in sent:
        read += parser.feed(ServerSentEvent("", data if data == DONE else json.dumps(data)))
    return [*read, *parser.close()]


def test_a_plain_answer() -> None:
    late = {"id": "x-1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    assert events(chunk("h"), chunk("i"), chunk("", "length"), late, DONE) == [
        START,
        ir.TextDelta("h"),
        ir.TextDelta("i"),
        ir.Finish("length", ir.Usage(3, 2)),
    ]


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        ([chunk("h", "stop")], ir.Finish("stop")),
        ([chunk("h"), DONE], ir.Finish("stop")),
        ([chunk("h", "eos"), DONE], ir.Finish("stop")),
        ([chunk("h", "stop"), {"error": {"message": "no", "code": 500}}, DONE], ir.Error(500, "no", "", "500")),
    ],
)
def test_the_end(sent: list[Any], end: ir.Event) -> None:
    assert events(*sent)[-1] == end


@pytest.mark.parametrize("sent", [[chunk("partial")], [], [DONE], [{"value": "odd"}]])
def test_a_stream_that_breaks_off_is_an_error(sent: list[Any]) -> None:
    """pains.md 16."""
    last = events(*sent)[-1]
    assert isinstance(last, ir.Error) and last.status == 502


def test_only_the_first_of_several_answers_is_read() -> None:
    other = {"choices": [{"index": 1, "text": "no", "finish_reason": "length"}]}
    assert collect(events(chunk("yes"), other, DONE)).parts == (ir.Text("yes"),)


def test_logprobs() -> None:
    said = {
        "tokens": ["a", "b"],
        "token_logprobs": [None, -1],
        "top_logprobs": [None, {"c": -2}],
        "text_offset": [0, 1],
    }
    body = {"choices": [{"index": 0, "text": "ab", "logprobs": said}]}
    assert events(body, DONE)[1] == ir.TextDelta("ab", (ir.TokenLogprob("b", -1, None, (ir.TokenLogprob("c", -2),)),))


def test_a_chunk_that_is_no_json() -> None:
    with pytest.raises(ir.BadAnswer):
        list(StreamParser().feed(ServerSentEvent("", "<html>")))


KEYS = ["id", "choices", "text", "index", "delta", "message", "content", "finish_reason", "logprobs", "tokens", "usage"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.sampled_from(["", "stop"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "error"]), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4), st.booleans())
def test_any_chunks_end_in_one_terminal_event(bodies: list[Any], done: bool) -> None:
    read = events(*bodies, *([DONE] if done else []))
    assert [event for event in read if isinstance(event, ir.Finish | ir.Error)] == read[-1:]
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
