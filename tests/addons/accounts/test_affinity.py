"""Tables of (request) → conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy.addons.accounts.affinity import CACHED, Conversation, conversation, token

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
LONG = {"role": "system", "content": "x" * CACHED}


def of(body: Any, format: str = "openai_chat", **headers: str) -> Conversation | None:
    return conversation({name.replace("_", "-"): value for name, value in headers.items()}, body, format)


@pytest.mark.parametrize(
    "headers, body",
    [
        ({"x-claude-code-session-id": "s"}, {}),
        ({"session-id": "s"}, {}),
        ({"session_id": "s"}, {}),
        ({"thread-id": "s"}, {}),
        ({"x-session-affinity": "s"}, {}),
        ({"x-session-id": "s"}, {}),
        ({"x-affinity": "s"}, {}),
        ({}, {"prompt_cache_key": "s"}),
        ({}, {"metadata": {"user_id": json.dumps({"session_id": "s", "device_id": "d"})}}),
        ({}, {"metadata": {"user_id": "user_abc_account__session_s"}}),
        ({}, {"conversation": "s"}),
        ({}, {"conversation": {"id": "s"}}),
    ],
)
def test_what_clients_call_their_conversation(headers: dict[str, str], body: Any) -> None:
    found = conversation(headers, {**body, "messages": [USER]}, "openai_chat")
    later = conversation(headers, {**body, "messages": [{"role": "user", "content": "Other"}]}, "openai_chat")
    assert found and found == later and not found.opening
    assert found.token != "s" and len(found.token) == 32


@pytest.mark.parametrize(
    "body",
    [
        {"metadata": {"user_id": "a-whole-team"}},
        {"metadata": {"user_id": "{not json"}},
        {"metadata": {"user_id": 7}},
        {"metadata": "text"},
        {"prompt_cache_key": ""},
        {"conversation": None},
    ],
)
def test_what_is_no_name_of_a_conversation(body: Any) -> None:
    assert of({**body, "messages": [USER]}) != of({**body, "messages": [{"role": "user", "content": "Other"}]})


FORMATS = {
    "openai_chat": ({"tools": [1], "messages": [LONG, USER]}, "messages"),
    "anthropic": ({"system": "x" * CACHED, "messages": [USER]}, "messages"),
    "openai_responses": ({"instructions": "x" * CACHED, "input": [USER]}, "input"),
    "gemini": ({"systemInstruction": {"parts": ["x" * CACHED]}, "contents": [{"parts": [{"text": "Hi"}]}]}, "contents"),
}


@pytest.mark.parametrize("format", FORMATS)
def test_how_it_began_is_the_same_in_every_later_request(format: str) -> None:
    body, turns = FORMATS[format]
    first = of(body, format)
    assert first and not first.opening
    assert of({**body, turns: [*body[turns], ANSWER, USER], "temperature": 0.5}, format) == first  # type: ignore[misc]
    assert of({**body, turns: [{"role": "user", "content": "Other"}]}, format) != first
    assert of({**body, "tools": [2]}, format) != first


def test_a_small_first_request_is_an_opening_and_the_others_follow_it() -> None:
    first, second = of({"messages": [USER]}), of({"messages": [USER, ANSWER, USER]})
    assert first and second
    assert (first.opening, second.opening, first.token) == (True, False, second.token)


@pytest.mark.parametrize("body", [{}, {"messages": None}, {"messages": "text"}, {"messages": [1, None]}])
def test_bodies_that_are_none_are_read_too(body: Any) -> None:
    assert of(body)


def test_a_text_alone_is_a_turn() -> None:
    assert of({"input": "Hi"}, "openai_responses") != of({"input": "Other"}, "openai_responses")


def test_the_old_completions_are_no_conversation() -> None:
    assert of({"prompt": "x" * CACHED}, "openai_completions") is None


def test_a_token_says_nothing_of_the_name() -> None:
    assert token("user-17") != token("user-18") and "user" not in token("user-17")
    assert token("\ud800")
