from __future__ import annotations

from typing import Any

import openai_judge
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_chat_answers import CONTEXT, FULL

from cliproxy.translators import ir
from cliproxy.translators.collect import collect, events_of
from cliproxy.translators.openai_chat import parse_response, render_response
from cliproxy.translators.wire import dumps


def body(message: dict[str, Any], finish: Any = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "x-1", "object": "chat.completion", "created": 5, "model": "m", "choices": [choice], **more}


def test_whole_calls_are_told_apart_by_their_place() -> None:
    """Some servers give each call of a whole answer index 0."""
    calls = [{"index": 0, "id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}} for _ in "ab"]
    parsed = collect(parse_response(body({"content": None, "tool_calls": calls}, "tool_calls")))
    assert parsed.parts == (ir.ToolCall("call_x10", "f", "{}"), ir.ToolCall("call_x11", "f", "{}"))


def test_snowflake_says_everything_empty() -> None:
    audio = {"data": "", "expires_at": 0, "id": "", "transcript": ""}
    message = {
        "content": "4",
        "audio": audio,
        "function_call": {"arguments": "", "name": ""},
        "refusal": "",
        "tool_calls": None,
    }
    parsed = collect(parse_response(body(message, "", id="", service_tier="")))
    assert (parsed.parts, parsed.finish) == ((ir.Text("4"),), ir.Finish("stop"))


def test_an_error_inside_a_200_answer() -> None:
    parsed = list(parse_response({"error": {"message": "filtered", "code": "content_filter", "status": 400}}))
    assert parsed == [ir.Error(400, "filtered", "", "content_filter")]


@pytest.mark.parametrize("answer", [{}, [], "hi", {"choices": []}, {"choices": [3]}, {"choices": [{"message": None}]}])
def test_no_answer_at_all(answer: Any) -> None:
    with pytest.raises(ir.BadAnswer):
        list(parse_response(answer))


def test_a_full_answer_survives() -> None:
    rendered = render_response(FULL, CONTEXT)
    assert collect(parse_response(rendered)) == FULL


def test_whole_and_stream_agree() -> None:
    assert collect(events_of(FULL)) == FULL


def test_what_is_missing_is_made_up() -> None:
    rendered = render_response(ir.Response("", "", None, (ir.Text("hi"),), ir.Finish("stop")), CONTEXT)
    assert (rendered["id"], rendered["model"], rendered["created"]) == ("chatcmpl-abc", "asked-for", 17)
    assert "usage" not in rendered


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ((), ""),
        ((ir.Text("a"), ir.Text("b")), "ab"),
        ((ir.ToolCall("c", "f", "{}"),), None),
        ((ir.Refusal("no"),), None),
        ((ir.Reasoning("hm"),), ""),
    ],
)
def test_content(parts: tuple[ir.Part, ...], content: str | None) -> None:
    rendered = render_response(ir.Response("i", "m", 1, parts, ir.Finish("stop")), CONTEXT)
    assert rendered["choices"][0]["message"]["content"] == content


@pytest.mark.parametrize(
    ("reason", "called", "expected"),
    [("stop", True, "tool_calls"), ("pause", False, "stop"), ("error", False, "length"), ("tool_calls", False, "stop")],
)
def test_finish_reason(reason: ir.FinishReason, called: bool, expected: str) -> None:
    parts = (ir.ToolCall("c", "f", "{}"),) if called else (ir.Text("hi"),)
    rendered = render_response(ir.Response("i", "m", 1, parts, ir.Finish(reason)), CONTEXT)
    assert rendered["choices"][0]["finish_reason"] == expected


def test_a_client_of_old_functions_is_answered_so() -> None:
    context = ir.Context("abc", 17, ir.Request("m", legacy_functions=True))
    response = ir.Response("i", "m", 1, (ir.ToolCall("c", "f", '{"a":1}'),), ir.Finish("tool_calls"))
    choice = render_response(response, context)["choices"][0]
    assert choice["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert choice["finish_reason"] == "function_call" and "tool_calls" not in choice["message"]


def test_citations_count_in_the_whole_message() -> None:
    parts = (ir.Text("abc"), ir.ToolCall("c", "f", "{}"), ir.Text("def", (ir.Citation("u", "t", "q", 1, 2),)))
    message = render_response(ir.Response("i", "m", 1, parts, ir.Finish("stop")), CONTEXT)["choices"][0]["message"]
    assert message["annotations"][0]["url_citation"] == {
        "url": "u",
        "title": "t",
        "start_index": 4,
        "end_index": 5,
        "content": "q",
    }


def test_the_sdk_reads_it() -> None:
    read = openai_judge.client(dumps(render_response(FULL, CONTEXT))).chat.completions.create(model="m", messages=[])
    message = read.choices[0].message
    assert message.content == "Hello, world" and message.annotations[0].url_citation.url == "https://a.example"
    assert [call.function.name for call in message.tool_calls] == ["look", "find"]
    assert read.usage.prompt_tokens_details.cached_tokens == 4 and read.service_tier == "default"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "message", "content", "tool_calls", "error", "usage"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_an_answer_or_a_bad_one(answer: Any) -> None:
    try:
        parsed = list(parse_response(answer))
    except ir.BadAnswer:
        return
    assert isinstance(parsed[-1], ir.Finish | ir.Error)
