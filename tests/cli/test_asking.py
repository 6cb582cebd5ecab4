"""Asking, and reading the answer whatever its format."""

from __future__ import annotations

import httpx
import pytest
from scripted import Answer, provider, whole
from wires import CHAT_REQUEST, MESSAGES_REQUEST, TEXT, chat, chat_stream

from cliproxy.cli.asking import ask, calls_of, text_of
from cliproxy.translators import wire

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}


@pytest.mark.parametrize("answer", [chat(), chat_stream()])
def test_what_is_said_is_read_whole_or_streamed(answer: Answer) -> None:
    with provider(answer) as one:
        told = ask(one.url, "sk-test-k", "/v1/chat/completions", [("x-a", "b")], wire.dumps(CHAT_REQUEST))
        assert one.seen[0].headers["authorization"] == "Bearer sk-test-k" and one.seen[0].headers["x-a"] == "b"
    assert (told.status, told.text, told.calls) == (200, TEXT, [])
    assert 0 < told.first_byte <= told.seconds


def test_what_is_called_is_read() -> None:
    with provider(chat({"content": None, "tool_calls": [CALL]}, "tool_calls")) as one:
        told = ask(one.url, "k", "/v1/chat/completions", [], b"{}")
    assert (told.text, told.calls) == ("", [("f", '{"a":1}')])


def test_an_error_says_its_message() -> None:
    refused = whole({"type": "error", "error": {"type": "x", "message": "no such model"}}, 404)
    with provider(refused) as one:
        told = ask(one.url, "k", "/v1/messages", [], wire.dumps(MESSAGES_REQUEST))
    assert (told.status, told.text) == (404, "no such model")


def test_what_is_no_format_of_ours_has_its_bytes_only() -> None:
    with provider(whole({"a": 1})) as one:
        told = ask(one.url, "k", "/other", [], b"")
    assert (told.content, told.answer, told.text, told.calls) == (b'{"a": 1}', None, "", [])


def test_nobody_there() -> None:
    with provider(chat()) as one:
        gone = one.url
    with pytest.raises(httpx.ConnectError):
        ask(gone, "k", "/v1/messages", [], b"")


def test_nothing_was_answered() -> None:
    assert (text_of(None), calls_of(None)) == ("", [])
