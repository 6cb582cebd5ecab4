from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.collect import collect

START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 3, "output_tokens": 1}},
}
STOP = {"type": "message_stop"}
BEGUN = ir.Start("msg_1", "m", usage=ir.Usage(3, 1))


def ended(reason: str | None = "end_turn", **usage: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


def begin(index: int, **block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{type_}_delta", **fields}}


def close(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def wire(*events: dict[str, Any] | str) -> bytes:
    return "".join(
        event if isinstance(event, str) else f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
        for event in events
    ).encode()


def read(data: bytes) -> list[ir.Event]:
    decoder, parser = anthropic.Decoder(), anthropic.StreamParser()
    events = [event for sent in decoder.feed(data) for event in parser.feed(sent)]
    events += [event for sent in decoder.close() for event in parser.feed(sent)]
    return [*events, *parser.close()]


def parsed(*events: dict[str, Any] | str) -> list[ir.Event]:
    return read(wire(*events))


def test_text() -> None:
    text = [
        begin(0, type="text", text=""),
        {"type": "ping"},
        delta(0, "text", text="he"),
        delta(0, "text", text="llo"),
        close(0),
    ]
    assert parsed(START, *text, ended(output_tokens=9), STOP) == [
        BEGUN,
        ir.Ping(),
        ir.TextDelta("he"),
        ir.TextDelta("llo"),
        ir.Finish("stop", ir.Usage(3, 9)),
    ]


def test_thoughts_end_with_their_seal() -> None:
    """Edge 10."""
    thought = [
        begin(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking", thinking="hm"),
        delta(0, "signature", signature="s1"),
        close(0),
    ]
    sealed = [begin(1, type="redacted_thinking", data="d"), close(1)]
    assert parsed(START, *thought, *sealed, ended(), STOP)[1:-1] == [
        ir.ReasoningDelta("hm"),
        ir.ReasoningEnd(ir.Opaque("anthropic", "s1")),
        ir.ReasoningEnd(ir.Opaque("anthropic", "d", "redacted_thinking")),
    ]


def test_a_thought_that_is_not_shown_still_has_its_seal() -> None:
    """``display: omitted``."""
    thought = [begin(0, type="thinking", thinking="", signature=""), delta(0, "signature", signature="s1"), close(0)]
    assert parsed(START, *thought, ended(), STOP)[1:-1] == [ir.ReasoningEnd(ir.Opaque("anthropic", "s1"))]


def use(index: int, id: str, *pieces: str, **input: Any) -> list[dict[str, Any]]:
    start = begin(index, type="tool_use", id=id, name="look", input=input)
    return [start, *(delta(index, "input_json", partial_json=piece) for piece in pieces), close(index)]


@pytest.mark.parametrize(
    "pieces, input, arguments",
    [
        (("", '{"at"', ':"sky"}'), {}, ['{"at"', ':"sky"}']),
        ((), {"at": "sky"}, ['{"at":"sky"}']),
        (("",), {}, ["{}"]),
        (('{"cut": "he',), {}, ['{"cut": "he']),
    ],
)
def test_arguments_stream_as_they_come(pieces: tuple[str, ...], input: dict[str, Any], arguments: list[str]) -> None:
    """Pain 1, the most repeated bug: tool_use with `input: {}`. BerriAI/litellm#25836."""
    events = parsed(START, *use(0, "t1", *pieces, **input), ended("tool_use"), STOP)
    assert events[1:-1] == [
        ir.ToolCallStart(0, "t1", "look"),
        *(ir.ToolCallDelta(0, a) for a in arguments),
        ir.ToolCallEnd(0),
    ]
    assert events[-1] == ir.Finish("tool_calls", ir.Usage(3, 1))


def test_calls_are_counted_not_blocks() -> None:
    """Edge 5."""
    text = [begin(0, type="text", text="so"), close(0)]
    events = parsed(START, *text, *use(1, "t1"), *use(2, "t2"), ended("tool_use"), STOP)
    assert [event.index for event in events if isinstance(event, ir.ToolCallStart)] == [0, 1]


def test_a_call_without_name_or_id_gets_one() -> None:
    """Edge 4."""
    events = parsed(START, begin(0, type="tool_use"), close(0), STOP)
    assert events[1] == ir.ToolCallStart(0, "toolu_0", "tool_0")


WEB = {
    "type": "web_search_result_location",
    "url": "https://example.test",
    "title": "T",
    "cited_text": "q",
    "encrypted_index": "e",
}


def test_citations_say_which_piece_of_the_text_they_carry() -> None:
    """Anthropic says them before the text they belong to, in a block of its own."""
    first = [begin(0, type="text", text="One. "), close(0)]
    second = [
        begin(1, type="text", text="", citations=[]),
        delta(1, "citations", citation=WEB),
        delta(1, "text", text="Two."),
        close(1),
    ]
    (text,) = collect(parsed(START, *first, *second, ended(), STOP)).parts
    assert isinstance(text, ir.Text)
    assert text.text == "One. Two."
    assert [(one.url, one.start, one.end) for one in text.citations] == [("https://example.test", 5, 9)]


def test_the_providers_own_tools() -> None:
    """Pain 11: "Did 0 searches"."""
    call = [
        begin(0, type="server_tool_use", id="srvtoolu_1", name="web_search", input={}),
        delta(0, "input_json", partial_json='{"query"'),
        delta(0, "input_json", partial_json=':"sky"}'),
        close(0),
    ]
    page = {"type": "web_search_result", "url": "https://example.test", "title": "T", "encrypted_content": "e"}
    result = [begin(1, type="web_search_tool_result", tool_use_id="srvtoolu_1", content=[page]), close(1)]
    first, second = parsed(START, *call, *result, ended(), STOP)[1:-1]
    assert first == ir.Block(ir.BuiltinCall("srvtoolu_1", "web_search", '{"query":"sky"}'))
    assert isinstance(second, ir.Block)
    assert isinstance(second.part, ir.BuiltinResult)
    assert second.part.sources == (ir.Citation("https://example.test", "T"),)


def test_blocks_of_their_own_grow() -> None:
    block = [
        begin(0, type="compaction", content=None),
        delta(0, "compaction", content="a"),
        delta(0, "compaction", content="b"),
        close(0),
    ]
    mcp = [
        begin(1, type="mcp_tool_use", id="m", name="n", input={}),
        delta(1, "input_json", partial_json='{"a":1}'),
        close(1),
    ]
    assert parsed(START, *block, *mcp, ended(), STOP)[1:-1] == [
        ir.Block(ir.Foreign("anthropic", "compaction", {"type": "compaction", "content": "ab"})),
        ir.Block(
            ir.Foreign("anthropic", "mcp_tool_use", {"type": "mcp_tool_use", "id": "m", "name": "n", "input": {"a": 1}})
        ),
    ]


@pytest.mark.parametrize(
    "reason, finish",
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "pause"),
        ("refusal", "content_filter"),
        ("tool_use", "stop"),
        ("of tomorrow", "stop"),
    ],
)
def test_stop_reasons(reason: str, finish: str) -> None:
    """Edge 7; badrisnarayanan/antigravity-claude-proxy#96."""
    (event,) = parsed(START, ended(reason), STOP)[1:]
    assert isinstance(event, ir.Finish)
    assert event.reason == finish


def test_the_stop_sequence_that_hit() -> None:
    said = {"type": "message_delta", "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END"}}
    assert parsed(START, said, STOP)[-1] == ir.Finish("stop", ir.Usage(3, 1), "END")


# -- streams that are not as they should be ---------------------------------------------


def test_nothing_follows_the_end() -> None:
    """One Anthropic-format gateway ends with ``event: data`` / ``data: [DONE]``."""
    assert parsed(START, ended(), STOP, "event: data\ndata: [DONE]\n\n", START)[-1] == ir.Finish("stop", ir.Usage(3, 1))


def test_done_alone_is_an_end_too() -> None:
    assert isinstance(parsed(START, ended(), "data: [DONE]\n\n")[-1], ir.Finish)
    assert isinstance(parsed(START, ended())[-1], ir.Finish)


@pytest.mark.parametrize(
    "events", [(), (START,), (START, begin(0, type="text", text="he")), (START, "data: [DONE]\n\n")]
)
def test_a_stream_without_an_end_is_an_error(events: Any) -> None:
    """Edge 22; 9j/claude-code-mux#11."""
    last = parsed(*events)[-1]
    assert isinstance(last, ir.Error)
    assert last.status == 502
    assert "ended early" in last.message


@pytest.mark.parametrize(
    "broken",
    [
        'event: error\ndata: {"error":{"details":null,"type":"overloaded_error","message":"Overloaded"}}\n\n',
        'data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
        '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
        '{\n  "error": {\n    "type": "overloaded_error",\n    "message": "Overloaded"\n  }\n}\n',
    ],
)
def test_an_error_within_the_stream(broken: str) -> None:
    """mito-ds/mito#1842: inside a 200 stream, no message_stop follows; others break off with bare JSON."""
    assert parsed(START, begin(0, type="text", text="he"), broken)[-1] == ir.Error(
        529, "Overloaded", "overloaded_error"
    )


def test_missing_stops_and_starts_are_made_up() -> None:
    """Edge 24."""
    events = parsed(START, delta(0, "text", text="he"), begin(1, type="thinking", thinking="hm"), ended(), STOP)
    assert events[1:-1] == [ir.TextDelta("he"), ir.ReasoningDelta("hm"), ir.ReasoningEnd()]
    assert parsed(delta(0, "input_json", partial_json="{}"), ended(), STOP)[0] == ir.Start("", "")


def test_a_whole_message_where_a_stream_was_asked() -> None:
    message = {
        "type": "message",
        "id": "msg_1",
        "model": "m",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
    }
    assert read(json.dumps(message).encode())[1:] == [ir.TextDelta("hi"), ir.Finish("stop")]


@pytest.mark.parametrize(
    "data", ["{", "null", "3", '{"type": 3}', '{"type":"content_block_delta","index":"x","delta":null}']
)
def test_odd_events_do_no_harm(data: str) -> None:
    try:
        events = parsed(START, f"data: {data}\n\n", ended(), STOP)
    except ir.BadAnswer:
        return
    assert events == [BEGUN, ir.Finish("stop", ir.Usage(3, 1))]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_where_the_bytes_are_cut_does_not_matter(size: int) -> None:
    data = wire(START, begin(0, type="text", text="grüße 🙂"), close(0), '{"error":{"message":"x"}}')
    decoder, parser = anthropic.Decoder(), anthropic.StreamParser()
    events = [
        e for at in range(0, len(data), size) for sent in decoder.feed(data[at : at + size]) for e in parser.feed(sent)
    ]
    events += [e for sent in decoder.close() for e in parser.feed(sent)]
    assert [*events, *parser.close()] == read(data)
