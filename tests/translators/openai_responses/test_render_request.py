from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import Extra, Message, Opaque, Reasoning, Request, ResponseFormat, Text, Thinking
from cliproxy.translators.openai_responses.parse_request import parse_request
from cliproxy.translators.openai_responses.render_request import endpoint, render_request
from cliproxy.translators.openai_responses.words import NAME

HI = Message("user", (Text("hi"),))
SAID = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
SEALED = "reasoning.encrypted_content"


def render(**fields: Any) -> dict[str, Any]:
    return render_request(Request(**{"model": "m", "messages": (HI,), **fields}))


def test_the_least() -> None:
    assert render() == {"model": "m", "input": [SAID], "store": False}
    assert endpoint(Request("m")) == "/responses"


@pytest.mark.parametrize(
    "fields, body",
    [
        ({"stream": True}, {"stream": True}),
        ({"max_tokens": 9, "temperature": 0.0}, {"max_output_tokens": 9, "temperature": 0.0}),
        ({"thinking": Thinking("high")}, {"reasoning": {"effort": "high"}, "include": [SEALED]}),
        ({"thinking": Thinking(budget=8192)}, {"reasoning": {"effort": "medium"}, "include": [SEALED]}),
        ({"thinking": Thinking("none")}, {"reasoning": {"effort": "none"}}),
        ({"thinking": Thinking(adaptive=True)}, {"include": [SEALED]}),
        (
            {"thinking": Thinking("low", show=True)},
            {"reasoning": {"effort": "low", "summary": "auto"}, "include": [SEALED]},
        ),
        ({"logprobs": True}, {"include": ["message.output_text.logprobs"]}),
        ({"response_format": ResponseFormat()}, {"text": {"format": {"type": "json_object"}}}),
        (
            {"response_format": ResponseFormat({"a": 1}), "verbosity": "low"},
            {"text": {"format": {"type": "json_schema", "name": "response", "schema": {"a": 1}}, "verbosity": "low"}},
        ),
        ({"user": "u"}, {"safety_identifier": "u"}),
        ({"store": True}, {"store": True}),
        ({"metadata": (("a", "b"),)}, {"metadata": {"a": "b"}}),
        ({"extra": Extra("anthropic", {"x": 1})}, {}),
    ],
)
def test_fields(fields: dict[str, Any], body: dict[str, Any]) -> None:
    """Edge cases 20 and 25. Other formats' extras are not sent."""
    assert render(**fields) == {"model": "m", "input": [SAID], "store": False, **body}


def test_a_client_of_this_format_decides_about_its_store() -> None:
    """Unsaid means yes here: `previous_response_id` and references lean on it."""
    body = {"model": "m", "input": [SAID], "previous_response_id": "resp_1"}
    assert render_request(parse_request(body, "")) == body


def test_a_long_user_is_hashed() -> None:
    """Claude Code's `metadata.user_id` is longer than what OpenAI takes."""
    long = render(user="x" * 200)["safety_identifier"]
    assert len(long) == 64 and long == render(user="x" * 200)["safety_identifier"]


SYSTEM = Message("system", (Text("a"), Text("b")))


def test_the_head_is_instructions() -> None:
    """Edge case 11: system as several blocks; in mid-conversation it keeps its place."""
    body = render(messages=(SYSTEM, HI, SYSTEM))
    assert body["instructions"] == "a\n\nb"
    assert [item["role"] for item in body["input"]] == ["user", "system"]


def test_a_system_message_alone_is_input() -> None:
    """Edge case 11: without `input` the API refuses the request."""
    body = render(messages=(SYSTEM,))
    assert "instructions" not in body and body["input"][0]["role"] == "system"


def test_developer_messages_stay_where_they_are() -> None:
    body = render(messages=(Message("developer", (Text("a"),)), HI))
    assert "instructions" not in body and body["input"][0]["role"] == "developer"


def test_seals_are_asked_for_where_the_model_thinks() -> None:
    """Pain 7: encrypted reasoning lost between turns degrades silently."""
    thought = Reasoning("", Opaque(NAME, "E", "rs_1"))
    body = render(messages=(HI, Message("assistant", (thought, Text("a"))), HI), thinking=Thinking("low"))
    assert body["include"] == [SEALED]
    assert body["input"][1] == {"type": "reasoning", "summary": [], "encrypted_content": "E"}


def test_extras_are_merged_into_their_objects() -> None:
    body = {
        "model": "m",
        "input": [SAID],
        "reasoning": {"effort": "low", "context": "all"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "more": 1}, "other": 2},
        "include": ["file_search_call.results"],
        "tool_choice": {"type": "mcp", "server_label": "x"},
    }
    assert render_request(parse_request(body, "")) == body


@pytest.mark.parametrize(
    "model, seals",
    [
        ("gpt-5.1", True),
        ("o4-mini", True),
        ("openai/gpt-6-codex", True),
        ("gpt-5-chat-latest", False),
        ("gpt-4.1", False),
    ],
)
def test_seals_are_asked_for_where_the_model_reasons_unasked(model: str, seals: bool) -> None:
    """Pain 7: without them reasoning is lost between turns, in silence; other models answer 400."""
    assert ("include" in render_request(Request(model, (Message("user", (Text("hi"),)),)))) == seals
