from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_responses import Decoder
from cliproxy.translators.openai_responses.stream_parser import StreamParser, parse_whole
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.sse import ServerSentEvent

type Read = Callable[..., list[ir.Event]]

CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "created_at": 17.0}}
USAGE = {"input_tokens": 1, "output_tokens": 2}


def completed(*output: dict[str, Any], **more: object) -> dict[str, Any]:
    response = {"id": "resp_1", "status": "completed", "output": list(output), "usage": USAGE, **more}
    return {"type": "response.completed", "response": response}


def text(said: str) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "content": [{"type": "output_text", "text": said}]}


def call(arguments: str, **more: object) -> dict[str, Any]:
    return {"id": "fc_1", "type": "function_call", "call_id": "c1", "name": "f", "arguments": arguments, **more}


def at(type: str, index: int = 0, **more: object) -> dict[str, Any]:
    return {"type": f"response.{type}", "output_index": index, **more}


MESSAGE = [
    at("output_item.added", item={"id": "msg_1", "type": "message", "content": []}),
    at("content_part.added", content_index=0, part={"type": "output_text", "text": ""}),
    at("output_text.delta", content_index=0, delta="he"),
    at("output_text.delta", content_index=0, delta="llo"),
    at("output_text.done", content_index=0, text="hello"),
    at("content_part.done", content_index=0, part={"type": "output_text", "text": "hello"}),
    at("output_item.done", item=text("hello")),
]
ADDED = at("output_item.added", item=call(""))
DELTAS = [at("function_call_arguments.delta", delta='{"a"'), at("function_call_arguments.delta", delta=":1}")]
ARGUED = at("function_call_arguments.done", arguments='{"a":1}')
DONE = at("output_item.done", item=call('{"a":1}'))


def test_a_plain_answer(read: Read) -> None:
    assert read(CREATED, *MESSAGE, completed(text("hello"), service_tier="flex")) == [
        ir.Start("resp_1", "m", 17),
        ir.TextDelta("he"),
        ir.TextDelta("llo"),
        ir.Finish("stop", ir.Usage(1, 2), service_tier="flex"),
    ]


@pytest.mark.parametrize(
    "sent",
    [
        MESSAGE,
        MESSAGE[2:4],
        [MESSAGE[-1]],
        [{"type": "response.output_item.done", "item": text("hello")}],
        [MESSAGE[0], MESSAGE[4]],
        [],
        [{**one, "item_id": f"msg_{number}"} for number, one in enumerate(MESSAGE)],
        [{key: value for key, value in one.items() if key != "output_index"} for one in MESSAGE],
    ],
    ids=["all", "deltas", "item", "item without place", "done", "completed only", "ids change", "no places"],
)
def test_text_comes_once_however_it_comes(read: Read, sent: list[dict[str, Any]]) -> None:
    """Servers that send only .done, only output_item.done, only response.completed; ids that change (Copilot)."""
    response = collect(read(CREATED, *sent, completed(text("hello"))))
    assert response.parts == (ir.Text("hello"),)


@pytest.mark.parametrize(
    "sent",
    [
        [ADDED, *DELTAS, ARGUED, DONE],
        [ADDED, *DELTAS, DONE],
        [ADDED, ARGUED, DONE],
        [ADDED, ARGUED],
        [ADDED, DONE],
        [DONE],
        [*DELTAS, DONE],
        [*DELTAS, ARGUED],
        [],
    ],
)
def test_arguments_come_once_however_they_come(read: Read, sent: list[dict[str, Any]]) -> None:
    """Pain 1: `.done` without `.delta` (BerriAI/litellm#25321), or the call only in the last event."""
    response = collect(read(CREATED, *sent, completed(call('{"a":1}'))))
    assert response.parts == (ir.ToolCall("c1", "f", '{"a":1}'),)
    assert response.finish and response.finish.reason == "tool_calls"


def test_the_codex_backend_completes_without_output(read: Read) -> None:
    response = collect(read(CREATED, *MESSAGE, completed()))
    assert response.parts == (ir.Text("hello"),)


def test_interleaved_calls(read: Read) -> None:
    """Edge case 5: parallel calls, each at its own place."""
    other = call('{"b":2}', id="fc_2", call_id="c2", name="g")
    events = read(
        CREATED,
        ADDED,
        at("output_item.added", 1, item={**other, "arguments": ""}),
        at("function_call_arguments.delta", 1, delta='{"b"'),
        DELTAS[0],
        at("function_call_arguments.delta", 1, delta=":2}"),
        DELTAS[1],
        at("output_item.done", 1, item=other),
        DONE,
        completed(),
    )
    assert collect(events).parts == (ir.ToolCall("c1", "f", '{"a":1}'), ir.ToolCall("c2", "g", '{"b":2}'))


def test_custom_calls(read: Read) -> None:
    """Pain 10: freeform tools."""
    item = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": ""}
    events = read(
        CREATED,
        at("output_item.added", item=item),
        at("custom_tool_call_input.delta", delta="*** "),
        at("custom_tool_call_input.done", input="*** Begin"),
        at("output_item.done", item={**item, "input": "*** Begin"}),
        completed(),
    )
    assert collect(events).parts == (ir.ToolCall("c1", "apply_patch", "*** Begin", "custom"),)


def test_a_late_name(read: Read) -> None:
    """Edge case 4: the call starts when its name and id are known."""
    nameless = at("output_item.added", item=call("", name=None))
    assert collect(read(CREATED, nameless, *DELTAS, DONE, completed())).parts == (ir.ToolCall("c1", "f", '{"a":1}'),)


def test_reasoning(read: Read) -> None:
    item = {"id": "rs_1", "type": "reasoning", "summary": []}
    sealed = {**item, "summary": [{"text": "ab"}, {"text": "c"}], "encrypted_content": "E"}
    events = read(
        CREATED,
        at("output_item.added", item=item),
        at("reasoning_summary_text.delta", summary_index=0, delta="a"),
        at("reasoning_summary_text.delta", summary_index=0, delta="b"),
        at("reasoning_summary_text.done", summary_index=0, text="ab"),
        at("reasoning_summary_text.delta", summary_index=1, delta="c"),
        at("output_item.done", item=sealed),
        completed(sealed),
    )
    assert collect(events).parts == (ir.Reasoning("ab\n\nc", ir.Opaque(NAME, "E", "rs_1"), True),)
    assert collect(parse_whole(completed(sealed)["response"])).parts == collect(events).parts


def test_reasoning_that_ends_after_the_text_began(read: Read) -> None:
    """OpenRouter closes the thought last; its text is not told again."""
    item = {"id": "rs_1", "type": "reasoning", "summary": []}
    thought = {**item, "content": [{"type": "reasoning_text", "text": "hm"}]}
    events = read(
        CREATED,
        at("output_item.added", item=item),
        at("reasoning_text.delta", content_index=0, delta="hm"),
        at("output_text.delta", 1, content_index=0, delta="ok"),
        at("reasoning_text.done", content_index=0, text="hm"),
        at("output_item.done", item=thought),
        completed({**thought, "id": "rs_new"}, text("ok")),
    )
    assert collect(events).parts == (ir.Reasoning("hm"), ir.Text("ok"))


def test_refusal_and_annotations(read: Read) -> None:
    cited = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2}
    events = read(
        CREATED,
        at("output_text.delta", content_index=0, delta="ab", logprobs=[{"token": "ab", "logprob": -1}]),
        at("output_text.annotation.added", content_index=0, annotation=cited),
        at("refusal.delta", content_index=1, delta="n"),
        at("refusal.done", content_index=1, refusal="no"),
        completed({"type": "message", "content": [
            {"type": "output_text", "text": "ab", "annotations": [cited]}, {"type": "refusal", "refusal": "no"}]}),
    )  # fmt: skip
    text, refusal = collect(events).parts
    assert text == ir.Text("ab", (ir.Citation("u", "t", start=0, end=2),), (ir.TokenLogprob("ab", -1.0),))
    assert refusal == ir.Refusal("no")


@pytest.mark.parametrize(
    "end, reason",
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "incomplete", "incomplete_details": None}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "steered"}}, "length"),
        ({"status": "completed"}, "stop"),
        ({"status": None}, "stop"),
        ({"status": "queued"}, "pause"),
    ],
)
def test_ends(read: Read, end: dict[str, Any], reason: str) -> None:
    """Pain 5, edge case 7: why it ended, by table; cut calls do not make it `tool_calls`."""
    last = read(CREATED, completed(**end))[-1]
    assert isinstance(last, ir.Finish) and last.reason == reason
    if reason in ("length", "content_filter"):
        last = read(CREATED, ADDED, DELTAS[0], completed(**end))[-1]
        assert isinstance(last, ir.Finish) and last.reason == reason


@pytest.mark.parametrize(
    "sent, status, message",
    [
        ({"type": "error", "error": {"code": "rate_limit_exceeded", "message": "m"}}, 429, "m"),
        ({"type": "error", "code": "server_error", "message": "m", "param": None}, 500, "m"),
        ({"error": {"code": 503, "message": "m"}}, 503, "m"),
        (
            {"type": "response.failed", "response": {"error": {"code": "rate_limit_exceeded", "message": "m"}}},
            429,
            "m",
        ),
        ({"type": "response.failed", "response": {"error": None}}, 502, "The provider's answer failed."),
        ({"type": "response.failed"}, 502, "The provider's answer failed."),
        ({"type": "response.done", "response": {"status": "cancelled"}}, 502, "The provider cancelled the answer."),
    ],
)  # fmt: skip
def test_failures(read: Read, sent: dict[str, Any], status: int, message: str) -> None:
    """Pain 14: errors inside a 200 stream have their real status, and are the last word."""
    events = read(CREATED, sent, {"type": "response.failed", "response": {}}, *MESSAGE)
    error = events[-1]
    assert isinstance(error, ir.Error) and (error.status, error.message) == (status, message)
    assert sum(isinstance(event, ir.Error) for event in events) == 1


@pytest.mark.parametrize("sent", [[], [CREATED], [CREATED, *MESSAGE], [CREATED, ADDED, *DELTAS, DONE]])
def test_a_stream_without_its_end_is_an_error(read: Read, sent: list[dict[str, Any]]) -> None:
    """Pain 16, edge case 22."""
    last = read(*sent)[-1]
    assert isinstance(last, ir.Error) and last.status == 502 and "ended early" in last.message


def test_openrouters_dialect() -> None:
    """No `event:` lines, comments between, [DONE] at the end; a type may stand in the `event:` line only."""
    decoder, parser = Decoder(), StreamParser()
    body = b": OPENROUTER PROCESSING\n\n" + b"".join(
        b"data: " + json.dumps(one).encode() + b"\n\n" for one in (CREATED, *MESSAGE, completed(text("hello")))
    )
    events = [one for sent in decoder.feed(body + b"data: [DONE]\n\n") for one in parser.feed(sent)]
    assert collect(events).parts == (ir.Text("hello"),)
    assert list(parser.close()) == []
    named = StreamParser().feed(ServerSentEvent("response.completed", '{"response": {}}'))
    assert isinstance([*named][-1], ir.Finish)


def test_unknown_events_pass(read: Read) -> None:
    assert len(read({"type": "keepalive"}, {"type": "response.mcp_call.completed"}, CREATED, completed())) == 2


@pytest.mark.parametrize("data", ["nonsense", "[1]", "5", "null"])
def test_what_is_no_event(data: str) -> None:
    with pytest.raises(ir.BadAnswer):
        StreamParser().feed(ServerSentEvent("", data))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.floats() | st.sampled_from(["", "a", "ab", "message"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "id", "type", "text", "content", "summary", "action", "outputs", "status", "output", "error", "usage",
            "arguments", "name", "call_id", "annotations", "logprobs", "incomplete_details", "reason",
            "encrypted_content", "result",
        ]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
TYPES = st.sampled_from([
    "response.created", "response.output_item.added", "response.output_item.done", "response.output_text.delta",
    "response.output_text.done", "response.output_text.annotation.added", "response.refusal.delta",
    "response.reasoning_summary_text.delta", "response.reasoning_text.done", "response.function_call_arguments.delta",
    "response.function_call_arguments.done", "response.custom_tool_call_input.delta", "response.completed",
    "response.failed", "error",
])  # fmt: skip
EVENTS = st.builds(
    lambda type, fields: {**fields, "type": type},
    TYPES,
    st.dictionaries(
        st.sampled_from([
            "item", "output_index", "content_index", "summary_index", "item_id", "delta", "text", "arguments", "input",
            "annotation", "refusal", "response", "error", "part", "logprobs",
        ]),
        VALUES,
        max_size=6,
    ),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=8))
def test_any_events_give_one_end(sent: list[dict[str, Any]]) -> None:
    parser = StreamParser()
    events = [one for data in sent for one in parser.read(data, data["type"]) if not parser._ended or one]
    events = events[: next((i + 1 for i, e in enumerate(events) if isinstance(e, ir.Finish | ir.Error)), len(events))]
    collect([*events, *parser.close()])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=30) | EVENTS.map(lambda one: b"data: " + json.dumps(one).encode() + b"\n\n")))
def test_any_bytes(pieces: list[bytes]) -> None:
    decoder, parser = Decoder(), StreamParser()
    try:
        events = [one for piece in pieces for sent in decoder.feed(piece) for one in parser.feed(sent)]
        events += [one for sent in decoder.close() for one in parser.feed(sent)]
    except ir.BadAnswer:
        return
    events += parser.close()
    assert [isinstance(one, ir.Finish | ir.Error) for one in events].index(True) == len(events) - 1
