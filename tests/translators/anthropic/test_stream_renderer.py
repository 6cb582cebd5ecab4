from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy.translators import anthropic, ir, opaque

CONTEXT = ir.Context("x1", 1_700_000_000, ir.Request("claude-alias"))
START = ir.Start("msg_1", "m")
DONE = ir.Finish("stop", ir.Usage(30, 12, 10, 5, 3))


def rendered(*events: ir.Event) -> list[dict[str, Any]]:
    """The events on the wire, each told by its ``event:`` line too."""
    renderer = anthropic.StreamRenderer(CONTEXT)
    data = b"".join(piece for event in events for piece in renderer.feed(event))
    sent = [json.loads(one.data) | {"event": one.event} for one in anthropic.Decoder().feed(data)]
    assert all(one.pop("event") == one["type"] for one in sent)
    return sent


def blocks(*events: ir.Event) -> list[Any]:
    """What the blocks say, checked to be strictly one after the other, with rising indexes."""
    said: list[Any] = []
    opened = -1
    for one in rendered(START, *events):
        match one["type"]:
            case "content_block_start":
                assert one["index"] == len(said)
                assert opened < 0
                opened = one["index"]
                said.append([one["content_block"]])
            case "content_block_delta":
                assert one["index"] == opened
                said[-1].append({key: value for key, value in one["delta"].items() if key != "type"})
            case "content_block_stop":
                assert one["index"] == opened, "a ghost stop"
                opened = -1
    return said


def test_the_whole_grammar() -> None:
    types = [one["type"] for one in rendered(START, ir.TextDelta("he"), ir.TextDelta("llo"), DONE)]
    assert types == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_message_at_its_start() -> None:
    (message,) = rendered(ir.Start("msg_1", "m", usage=ir.Usage(30, 1, 10)))
    assert message["message"] == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "cache_read_input_tokens": 10, "output_tokens": 1},
    }
    (nameless,) = rendered(ir.Start("", ""))
    assert (nameless["message"]["id"], nameless["message"]["model"]) == ("msg_x1", "claude-alias")
    assert nameless["message"]["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_the_end_has_reason_and_counts() -> None:
    """Edge 6: it waits for Finish; nothing after message_stop."""
    *_, delta, stop = rendered(START, ir.TextDelta("hi"), DONE, ir.TextDelta("more"), DONE)
    assert delta["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert delta["usage"] == {
        "input_tokens": 15,
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 5,
        "output_tokens": 12,
        "output_tokens_details": {"thinking_tokens": 3},
    }
    assert stop == {"type": "message_stop"}


def test_an_error_is_the_last_event() -> None:
    """Pain 14: Anthropic clients need ``event: error``; 16: a stream that just stops hangs them."""
    *_, last = rendered(START, ir.TextDelta("he"), ir.Error(529, "Overloaded"), DONE)
    assert last == {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert [one["type"] for one in rendered(ir.Error(429, "x"))] == ["error"]


def test_a_stream_that_begins_without_a_start() -> None:
    assert rendered(ir.TextDelta("he"))[0]["type"] == "message_start"
    assert rendered(ir.Ping()) == [{"type": "ping"}]


def call(index: int, *pieces: str, end: bool = False) -> list[ir.Event]:
    start = ir.ToolCallStart(index, f"t{index}", f"tool{index}")
    return [start, *(ir.ToolCallDelta(index, p) for p in pieces), *([ir.ToolCallEnd(index)] if end else [])]


def use(index: int) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"t{index}", "name": f"tool{index}", "input": {}}


def arguments(piece: str) -> dict[str, str]:
    return {"partial_json": piece}


def test_text_and_calls_are_blocks_of_their_own() -> None:
    """Pain 3: one call split into many blocks. diegosouzapw/OmniRoute#686."""
    assert blocks(ir.TextDelta("so"), *call(0, '{"a"', ":1}"), *call(1, "{}"), DONE) == [
        [{"type": "text", "text": ""}, {"text": "so"}],
        [use(0), arguments('{"a"'), arguments(":1}")],
        [use(1), arguments("{}")],
    ]


def test_arguments_are_sent_as_they_come() -> None:
    """Not held back to the end."""
    assert rendered(START, *call(0, '{"a"'))[-1]["delta"] == {"type": "input_json_delta", "partial_json": '{"a"'}


@pytest.mark.parametrize("end", [False, True])
def test_interleaved_calls_become_serial(end: bool) -> None:
    """Edge 5; decolua/9router#2248 "Content block not found"."""
    first, second = call(0, '{"a":', "1}", end=end), call(1, '{"b":', "2}", end=end)
    woven = [first[0], second[0], first[1], second[1], *second[2:], *first[2:]]
    assert blocks(*woven, DONE) == [
        [use(0), arguments('{"a":'), arguments("1}")],
        [use(1), arguments('{"b":'), arguments("2}")],
    ]


def test_a_call_whose_arguments_are_whole_gives_way_at_once() -> None:
    sent = rendered(START, *call(0, '{"a":1}'), *call(1, '{"b":'))
    assert [one["type"] for one in sent][-3:] == ["content_block_stop", "content_block_start", "content_block_delta"]


def test_a_call_that_never_gets_whole_does_not_swallow_the_rest() -> None:
    assert blocks(*call(0, '{"a":'), *call(1, "{}"), ir.TextDelta("so"), DONE) == [
        [use(0), arguments('{"a":')],
        [use(1), arguments("{}")],
        [{"type": "text", "text": ""}, {"text": "so"}],
    ]


def test_pieces_for_a_call_that_is_closed_are_no_ghosts() -> None:
    assert blocks(
        *call(0, "{}"), *call(1, "{}"), ir.ToolCallDelta(0, " "), ir.ToolCallEnd(0), ir.ToolCallDelta(7, "?"), DONE
    ) == [
        [use(0), arguments("{}")],
        [use(1), arguments("{}")],
    ]


def test_text_between_pieces_of_a_call_waits() -> None:
    """BerriAI/litellm#18238: text and tool_calls in one chunk."""
    first = call(0, '{"a":', "1}")
    assert blocks(*first[:2], ir.TextDelta("so"), *first[2:], DONE) == [
        [use(0), arguments('{"a":'), arguments("1}")],
        [{"type": "text", "text": ""}, {"text": "so"}],
    ]


def test_empty_deltas_open_nothing() -> None:
    """BerriAI/litellm#29286: content + empty tool_calls."""
    assert blocks(ir.TextDelta(""), ir.ReasoningDelta(""), ir.RefusalDelta(""), ir.ReasoningEnd(), DONE) == []


@pytest.mark.parametrize(
    "reason, called, word",
    [
        ("stop", True, "tool_use"),
        ("tool_calls", False, "end_turn"),
        ("length", True, "max_tokens"),
        ("pause", False, "pause_turn"),
    ],
)
def test_a_call_seen_decides(reason: ir.FinishReason, called: bool, word: str) -> None:
    """Edge 7; router-for-me/CLIProxyAPI#866."""
    events = call(0, "{}") if called else [ir.TextDelta("so")]
    assert rendered(START, *events, ir.Finish(reason))[-2]["delta"]["stop_reason"] == word


def test_the_stop_sequence_that_hit() -> None:
    delta = rendered(START, ir.TextDelta("so"), ir.Finish("stop", stop_sequence="END"))[-2]["delta"]
    assert delta == {"stop_reason": "stop_sequence", "stop_sequence": "END"}


def test_a_refusal_is_text_and_a_stop_reason() -> None:
    sent = rendered(START, ir.RefusalDelta("I can't."), DONE)
    assert sent[3]["delta"] == {"type": "text_delta", "text": "I can't."}
    assert sent[-2]["delta"]["stop_reason"] == "refusal"


THINKING = {"type": "thinking", "thinking": "", "signature": ""}
FOREIGN = ir.Opaque("openai_responses", "gAAAA", "rs_1")


@pytest.mark.parametrize(
    "opaque_, signature",
    [(None, []), (ir.Opaque("anthropic", "s"), [{"signature": "s"}]), (FOREIGN, [{"signature": opaque.pack(FOREIGN)}])],
)
def test_the_seal_comes_once_behind_the_thought(opaque_: ir.Opaque | None, signature: list[Any]) -> None:
    """Edge 10."""
    assert blocks(
        ir.ReasoningDelta("h"), ir.ReasoningDelta("m"), ir.ReasoningEnd(opaque_), ir.TextDelta("so"), DONE
    ) == [
        [THINKING, {"thinking": "h"}, {"thinking": "m"}, *signature],
        [{"type": "text", "text": ""}, {"text": "so"}],
    ]


@pytest.mark.parametrize(
    "opaque_, said",
    [
        (FOREIGN, [{"type": "redacted_thinking", "data": opaque.pack(FOREIGN)}]),
        (ir.Opaque("anthropic", "d", "redacted_thinking"), [{"type": "redacted_thinking", "data": "d"}]),
        (ir.Opaque("anthropic", "s"), [THINKING, {"signature": "s"}]),
    ],
)
def test_a_seal_alone_opens_no_empty_thought(opaque_: ir.Opaque, said: list[Any]) -> None:
    """Edge 10. (Anthropic's own, without a text, is what `display: omitted` looks like.)"""
    assert blocks(ir.ReasoningEnd(opaque_), DONE) == [said]


def test_the_seal_of_a_call_goes_before_it() -> None:
    seal = ir.Opaque("gemini", "c2ln")
    (sealed, called) = blocks(ir.ToolCallStart(0, "t0", "tool0", opaque=seal), ir.ToolCallDelta(0, "{}"), DONE)
    assert sealed[0]["type"] == "redacted_thinking"
    assert opaque.unpack(sealed[0]["data"], "anthropic") == ir.Opaque("gemini", "c2ln", "tool_call:2:t0")
    assert called == [use(0), arguments("{}")]


def test_sources() -> None:
    citation = ir.Citation("https://example.test", "T")
    (text,) = blocks(ir.TextDelta("so"), ir.Cite(citation), ir.TextDelta("!"), DONE)
    assert [list(piece) for piece in text[1:]] == [["text"], ["citation"], ["text"]]
    assert text[2]["citation"]["url"] == "https://example.test"


def test_whole_blocks() -> None:
    found = blocks(
        ir.Block(ir.BuiltinCall("ws_1", "web_search", '{"query":"sky"}')),
        ir.Block(ir.BuiltinResult("ws_1", "web_search", (ir.Citation("https://example.test", "T"),))),
        ir.Block(ir.Foreign("anthropic", "compaction", {"type": "compaction", "content": "c"})),
        ir.Block(ir.Foreign("gemini", "grounding", {})),
        ir.Block(ir.Media("image", "image/png", "eA==")),
        DONE,
    )
    assert found[0] == [
        {"type": "server_tool_use", "id": "ws_1", "name": "web_search", "input": {}},
        arguments('{"query":"sky"}'),
    ]
    assert found[1][0]["content"][0]["url"] == "https://example.test"
    assert found[2] == [{"type": "compaction", "content": "c"}]
    assert found[3] == [{"type": "text", "text": ""}, {"text": "[image image/png]"}]


def test_a_freeform_call_is_an_object_when_it_is_whole() -> None:
    start = ir.ToolCallStart(0, "t0", "tool0", kind="custom")
    assert blocks(start, ir.ToolCallDelta(0, "*** "), ir.ToolCallDelta(0, "Begin"), DONE) == [
        [use(0), arguments('{"input":"*** Begin"}')]
    ]


def test_half_an_emoji_passes() -> None:
    (text,) = blocks(ir.TextDelta("\ud83d"), DONE)
    assert text[1] == {"text": "\ud83d"}


def test_the_makers_sdk_reads_it() -> None:
    judge = pytest.importorskip("anthropic_judge")
    renderer = anthropic.StreamRenderer(CONTEXT)
    events = [
        START,
        ir.ReasoningDelta("hm"),
        ir.ReasoningEnd(FOREIGN),
        ir.TextDelta("so"),
        *call(0, '{"a":'),
        *call(1, '{"b":2}'),
        ir.ToolCallDelta(0, "1}"),
        ir.Finish("stop", ir.Usage(30, 12, 10)),
    ]
    message = judge.read_stream(b"".join(p for event in events for p in renderer.feed(event)), strict=True)
    assert judge.meaning(message) == {
        "text": "so",
        "cited": [],
        "thinking": [("hm", opaque.pack(FOREIGN))],
        "redacted": [],
        "calls": [("t0", "tool0", {"a": 1}), ("t1", "tool1", {"b": 2})],
        "builtin": [],
        "stop": ("tool_use", None),
        "usage": [20, 12, 10, 0],
    }
