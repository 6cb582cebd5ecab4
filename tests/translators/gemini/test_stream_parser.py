"""Chunks of an answer as events, from first to last."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy.translators import gemini, ir, sse

type Read = Callable[..., list[ir.Event]]


def chunk(*parts: Any, **candidate: Any) -> Any:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, "index": 0, **candidate}]}


def wire(*chunks: Any) -> bytes:
    return b"".join(b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in chunks)


def test_an_answer(read: Read) -> None:
    head = {"modelVersion": "gemini-3", "responseId": "r", "createTime": "2026-01-01T00:00:00.123456789Z"}
    usage = {"promptTokenCount": 5, "cachedContentTokenCount": 2, "serviceTier": "standard"}
    last = usage | {"candidatesTokenCount": 3, "thoughtsTokenCount": 1, "totalTokenCount": 9}
    data = wire(
        chunk({"text": "he"}) | head | {"usageMetadata": usage},
        chunk({"text": "llo"}, finishReason="STOP") | {"usageMetadata": last},
    )
    assert read(data) == [
        ir.Start("r", "gemini-3", 1767225600, ir.Usage(5, cache_read=2)),
        ir.TextDelta("he"),
        ir.TextDelta("llo"),
        ir.Finish("stop", ir.Usage(5, 4, 2, None, 1), service_tier="standard"),
    ]


REASONS: dict[Any, ir.FinishReason] = {
    "STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter", "PROHIBITED_CONTENT": "content_filter", "SPII": "content_filter",
    "LANGUAGE": "content_filter", "MODEL_ARMOR": "content_filter", "IMAGE_SAFETY": "content_filter",
    "MALFORMED_FUNCTION_CALL": "error", "UNEXPECTED_TOOL_CALL": "error", "OTHER": "error", "NEW_ONE": "error",
    "CONTINUATION": "pause", 1: "stop", 2: "length", 3: "content_filter", 4: "content_filter", 5: "error",
    8: "content_filter", 10: "error", 99: "error", -1: "error", 1.5: "error",
}  # fmt: skip


@pytest.mark.parametrize("said, reason", REASONS.items())
def test_reasons(read: Read, said: Any, reason: ir.FinishReason) -> None:
    """Edge 7: one table; numbers where the client asked for them; what is unknown is not called complete."""
    assert read(wire(chunk({"text": "a"}, finishReason=said)))[-1] == ir.Finish(reason)


@pytest.mark.parametrize(
    "said, reason", [("STOP", "tool_calls"), ("MAX_TOKENS", "length"), ("MALFORMED_FUNCTION_CALL", "error")]
)
def test_a_call_seen_makes_the_reason(read: Read, said: str, reason: ir.FinishReason) -> None:
    """Pain 5, edge 7, in whichever chunk the reason comes."""
    call = {"functionCall": {"name": "f"}}
    assert read(wire(chunk(call, finishReason=said)))[-1] == ir.Finish(reason)
    assert read(wire(chunk(call), chunk({"text": ""}, finishReason=said)))[-1] == ir.Finish(reason)


def test_a_call_that_google_answered_is_not_the_clients(read: Read) -> None:
    data = wire(
        chunk({"functionCall": {"name": "f"}}, finishReason="STOP"),
        chunk({"functionResponse": {"name": "f", "response": {}}}),
        chunk({"text": "a"}, finishReason="STOP"),
    )
    assert [type(event).__name__ for event in read(data)] == [
        "Start", "ToolCallStart", "ToolCallDelta", "ToolCallEnd", "Block", "TextDelta", "Finish"
    ]  # fmt: skip
    assert read(data)[-1] == ir.Finish("stop")


@pytest.mark.parametrize("feedback", [{"blockReason": "SAFETY"}, {"blockReason": 4}, {"blockReasonMessage": "no"}])
def test_a_blocked_prompt(read: Read, feedback: Any) -> None:
    usage = {"promptTokenCount": 5}
    assert read(wire({"promptFeedback": feedback, "usageMetadata": usage}))[-1] == ir.Finish(
        "content_filter", ir.Usage(5)
    )


def test_usage_after_the_reason_still_counts(read: Read) -> None:
    """Edge 6."""
    data = wire(
        chunk({"text": "a"}, finishReason="STOP"), {"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 0}}
    )
    assert read(data)[-1] == ir.Finish("stop", ir.Usage(5, 0))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"[", wire(chunk({"text": "a"})), wire(chunk({"text": "a"}, finishReason=None)), b"data: [DONE]\n\n",
     wire(chunk({"text": "a"}, finishReason="FINISH_REASON_UNSPECIFIED")), wire({"usageMetadata": {}}), b"hello"],
)  # fmt: skip
def test_a_stream_without_an_end_is_an_error(read: Read, data: bytes) -> None:
    """Pain 16: never a quiet stop."""
    end = read(data)[-1]
    assert isinstance(end, ir.Error) and end.status == 502 and "ended early" in end.message


ERROR = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}


@pytest.mark.parametrize(
    "tail",
    [
        wire(ERROR),
        json.dumps(ERROR, indent=2).encode(),
        wire([ERROR]),
        wire(ERROR, chunk({"text": "more"}, finishReason="STOP")),
    ],
)
@pytest.mark.parametrize("size", [0, 1, 7])
def test_an_error_inside_the_stream(read: Read, tail: bytes, size: int) -> None:
    """Pain 14, edge 22: it is the end, whatever follows."""
    events = read(wire(chunk({"text": "a"})) + tail, size)
    assert events[-1] == ir.Error(503, "overloaded", "UNAVAILABLE")
    assert sum(isinstance(event, ir.Error | ir.Finish) for event in events) == 1


def test_only_the_first_candidate_is_read(read: Read) -> None:
    second = {"content": {"parts": [{"text": "b"}]}, "index": 1, "finishReason": "SAFETY"}
    first = chunk({"text": "a"}, finishReason="STOP")["candidates"][0]
    for candidates in ([first, second], [second, first]):
        assert read(wire({"candidates": candidates}))[1:] == [ir.TextDelta("a"), ir.Finish("stop")]
    assert read(wire({"candidates": [second]}, {"candidates": [first]}))[1:] == [ir.TextDelta("a"), ir.Finish("stop")]


def test_code_assist_wraps_its_chunks(read: Read) -> None:
    wrapped = {"response": chunk({"text": "a"}, finishReason="STOP"), "traceId": "t"}
    assert read(wire(wrapped) + b"data: [DONE]")[1:] == [ir.TextDelta("a"), ir.Finish("stop")]


def test_snake_case_and_log_probabilities(read: Read) -> None:
    tokens = {"chosenCandidates": [{"token": "a", "logProbability": -1}]}
    data = {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finish_reason": "STOP", "logprobs_result": tokens}],
            "usage_metadata": {"prompt_token_count": 3}, "response_id": "r"}  # fmt: skip
    assert read(wire(data)) == [
        ir.Start("r", "", None, ir.Usage(3)),
        ir.TextDelta("a", (ir.TokenLogprob("a", -1.0),)),
        ir.Finish("stop", ir.Usage(3)),
    ]


def test_searches_come_behind_the_text_with_its_sources(read: Read) -> None:
    """Pain 11."""
    support = {"segment": {"endIndex": 1}, "groundingChunkIndices": [0]}
    metadata = {
        "webSearchQueries": ["q"],
        "groundingChunks": [{"web": {"uri": "https://a.test"}}],
        "groundingSupports": [support],
    }
    events = read(
        wire(chunk({"text": "a"}) | {"responseId": "r"}, chunk(finishReason="STOP", groundingMetadata=metadata))
    )
    assert events[2:] == [
        ir.Cite(ir.Citation("https://a.test", start=0, end=1)),
        ir.Block(ir.BuiltinCall("search_r", "web_search", '{"query":"q"}')),
        ir.Block(ir.BuiltinResult("search_r", "web_search", (ir.Citation("https://a.test"),))),
        ir.Finish("stop"),
    ]


@pytest.mark.parametrize("data", ["{", "7", '"x"', "[7]", "[[{}]]"])
def test_what_is_no_answer(data: str) -> None:
    with pytest.raises(ir.BadAnswer):
        list(gemini.StreamParser().feed(sse.ServerSentEvent("", data)))


KEYS = st.sampled_from([
    "candidates", "content", "parts", "text", "thought", "thoughtSignature", "functionCall", "name", "args", "id",
    "partialArgs", "jsonPath", "stringValue", "willContinue", "finishReason", "usageMetadata", "promptTokenCount",
    "promptFeedback", "blockReason", "groundingMetadata", "groundingChunks", "groundingSupports", "segment",
    "endIndex", "web", "uri", "inlineData", "mimeType", "data", "executableCode", "codeExecutionResult", "response",
    "error", "code", "message", "details", "logprobsResult", "chosenCandidates", "topCandidates", "index",
    "urlContextMetadata", "urlMetadata", "createTime",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
    | st.sampled_from(["STOP", "$.a[1]", "2026-01-01T00:00:00Z", "9999-99-99Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=30,
)  # fmt: skip
_METADATA = ("finishReason", "groundingMetadata", "citationMetadata", "logprobsResult", "urlContextMetadata")
CANDIDATE = st.fixed_dictionaries(
    {"content": st.fixed_dictionaries({"parts": st.lists(JSON, max_size=4)})}, optional=dict.fromkeys(_METADATA, JSON)
)
CHUNK = JSON | st.fixed_dictionaries({"candidates": st.lists(CANDIDATE | JSON, max_size=2)}, optional={
    "usageMetadata": JSON, "responseId": JSON, "createTime": JSON, "promptFeedback": JSON
})  # fmt: skip


def _all(data: bytes, size: int) -> list[ir.Event]:
    decoder, parser = gemini.Decoder(), gemini.StreamParser()
    sent = [event for i in range(0, len(data), size) for event in decoder.feed(data[i : i + size])]
    return [event for one in [*sent, *decoder.close()] for event in parser.feed(one)] + list(parser.close())


@settings(max_examples=300, deadline=None)
@given(chunks=st.lists(CHUNK, max_size=3), size=st.integers(1, 50))
def test_any_chunks_end_once(chunks: Any, size: int) -> None:
    for data in (wire(*chunks), json.dumps(chunks).encode()):
        try:
            events = _all(data, size)
        except ir.BadAnswer:
            continue
        assert [isinstance(event, ir.Finish | ir.Error) for event in events] == [False] * (len(events) - 1) + [True]
        renderer = gemini.StreamRenderer(ir.Context("x", 0, ir.Request("m")))
        assert b"".join(piece for event in events for piece in renderer.feed(event))


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200) | st.text(alphabet='data: {}[]"\\\r\n,x', max_size=100).map(str.encode))
def test_any_bytes_are_events_or_a_bad_answer(data: bytes) -> None:
    results = []
    for size in (1, 1000):
        try:
            results.append(_all(data, size))
        except ir.BadAnswer:
            results.append([])
    assert results[0] == results[1]
