"""Streams for Gemini clients, as google-genai reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cliproxy.translators import gemini, ir
from cliproxy.translators.collect import collect

START = ir.Start("r", "gemini-3-flash")
FINISH = ir.Finish("stop", ir.Usage(9, 5, 4, None, 2))
TALK: list[ir.Event] = [
    START, ir.ReasoningDelta("hm"), ir.ReasoningEnd(ir.Opaque("anthropic", "s")),
    ir.TextDelta("he"), ir.Ping(), ir.TextDelta("llo"),
    ir.ToolCallStart(0, "a", "f"), ir.ToolCallStart(1, "b", "g"), ir.ToolCallDelta(0, '{"x":'), ir.ToolCallDelta(1, ""),
    ir.ToolCallDelta(0, "1}"), ir.Finish("tool_calls", FINISH.usage),
]  # fmt: skip


def test_the_whole_stream(render: Callable[..., bytes], chunks: Callable[[bytes], list[Any]]) -> None:
    *before, last = chunks(render([START, ir.TextDelta("a"), FINISH]))
    head = {"modelVersion": "gemini-3-flash", "responseId": "r"}
    assert before == [{"candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}, "index": 0}], **head}]
    assert last == {
        "candidates": [{"content": {"parts": [{"text": ""}], "role": "model"}, "index": 0, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 9, "cachedContentTokenCount": 4, "candidatesTokenCount": 3, "thoughtsTokenCount": 2,
            "totalTokenCount": 14,
        },
        **head,
    }  # fmt: skip


def test_the_sdk_reads_it(judge: Any, render: Callable[..., bytes]) -> None:
    verdict = judge.verdict(judge.stream(render(TALK)))
    assert verdict == ("hello", "hm", [("f", {"x": 1}), ("g", {})], "STOP", (9, 3, 2, 4))


def test_the_sdk_returns_what_it_got(judge: Any, render: Callable[..., bytes]) -> None:
    """Pain 7: a chat of google-genai sends the foreign seal home, on its thought; no chunk makes it drop the turn."""
    judge._body, judge._type, judge._status = render([*TALK[:6], ir.Finish("stop")]), "text/event-stream", 200
    chat = judge.client.chats.create(model="gemini-x")
    assert "".join(chunk.text or "" for chunk in chat.send_message_stream("hi")) == "hello"
    judge._body = render([START, ir.TextDelta("bye"), FINISH])
    list(chat.send_message_stream("more"))
    request = gemini.parse_request(
        json.loads(judge.requests[-1].content), "/v1beta/models/m:streamGenerateContent?alt=sse"
    )
    assert [message.role for message in request.messages] == ["user", "assistant", "user"]
    seal = ir.Opaque("anthropic", "s")
    assert request.messages[1].parts[:2] == (ir.Reasoning("hm", seal, True), ir.Text("hello"))


def test_a_call_takes_the_seal_home(judge: Any, render: Callable[..., bytes]) -> None:
    events = [START, ir.ReasoningEnd(ir.Opaque("openai_responses", "enc", "rs_1")), *TALK[6:]]
    (chunk,) = judge.stream(render(events))
    contents = [chunk.candidates[0].content.model_dump(mode="json", exclude_none=True, by_alias=True)]
    (message,) = gemini.parse_request({"contents": contents}, "/models/m:generateContent").messages
    assert message.parts[0] == ir.Reasoning("", ir.Opaque("openai_responses", "enc", "rs_1"))


@pytest.mark.parametrize(
    "events", [TALK, [START, FINISH], [FINISH], [ir.Error(503, "no")], [START, ir.TextDelta("a"), ir.Error(503, "no")]]
)
def test_the_array_says_the_same(
    events: list[ir.Event], render: Callable[..., bytes], chunks: Callable[[bytes], list[Any]]
) -> None:
    """Without ``alt=sse`` the stream is one JSON array, whole also when it ends in an error."""
    array = render(events, json_array=True)
    assert json.loads(array) == chunks(render(events))


def test_what_we_write_we_read(read: Callable[..., list[ir.Event]], render: Callable[..., bytes]) -> None:
    for array in (False, True):
        response, again = collect(TALK), collect(read(render(TALK, json_array=array), 5))
        assert again.finish == response.finish and again.error is None
        assert [part for part in again.parts if isinstance(part, ir.ToolCall)] == [
            ir.ToolCall("a", "f", '{"x":1}'),
            ir.ToolCall("b", "g", "{}"),
        ]


@pytest.mark.parametrize(
    "reason, word",
    [
        ("stop", "STOP"),
        ("tool_calls", "STOP"),
        ("length", "MAX_TOKENS"),
        ("content_filter", "SAFETY"),
        ("pause", "OTHER"),
        ("error", "OTHER"),
    ],
)
def test_reasons(reason: ir.FinishReason, word: str, render: Callable[..., bytes], judge: Any) -> None:
    """Edge 7."""
    (chunk,) = judge.stream(render([START, ir.Finish(reason)]))
    assert chunk.candidates[0].finish_reason.value == word and chunk.usage_metadata is None


def test_an_error_in_mid_stream(judge: Any, render: Callable[..., bytes]) -> None:
    """Pain 14: google-genai raises it as its own error."""
    data = render([START, ir.TextDelta("a"), ir.Error(429, "slow down", retry_after=3), ir.TextDelta("more"), FINISH])
    with pytest.raises(judge.errors.APIError) as raised:
        judge.stream(data)
    assert (raised.value.code, raised.value.status, raised.value.message) == (429, "RESOURCE_EXHAUSTED", "slow down")


def test_sources_come_with_the_end(judge: Any, render: Callable[..., bytes]) -> None:
    """Pain 11: another provider's search, told in Gemini's words."""
    events = [
        START, ir.Block(ir.BuiltinCall("w", "web_search", '{"query":"q"}')),
        ir.Block(ir.BuiltinResult("w", "web_search", (ir.Citation("https://a.test", "A"),))), ir.TextDelta("aß"),
        ir.Cite(ir.Citation("https://a.test", "A", start=0, end=2)), ir.Finish("stop"),
    ]  # fmt: skip
    grounding = judge.stream(render(events))[-1].candidates[0].grounding_metadata
    assert grounding.web_search_queries == ["q"] and grounding.grounding_chunks[0].web.uri == "https://a.test"
    assert grounding.grounding_supports[0].segment.end_index == 3


def test_log_probabilities_stand_on_their_chunk(judge: Any, render: Callable[..., bytes]) -> None:
    (first, _) = judge.stream(render([START, ir.TextDelta("a", (ir.TokenLogprob("a", -1.0),)), FINISH]))
    assert first.candidates[0].logprobs_result.chosen_candidates[0].token == "a"


def test_without_a_head_the_clients_words_stand_in(
    render: Callable[..., bytes], chunks: Callable[[bytes], list[Any]]
) -> None:
    (chunk,) = chunks(render([ir.Start("", ""), ir.Finish("stop")], model="mine"))
    assert (chunk["modelVersion"], chunk["responseId"]) == ("mine", "fresh")
