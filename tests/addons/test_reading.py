"""What a recorded exchange says, whichever side knows more of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import request
from mitmproxy import http
from recorded_exchanges import refused, translated
from wires import chat, chat_pieces, gemini, message_pieces

from cliproxy.addons import reading
from cliproxy.addons.recordings import Recorded
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS

JSON = {"content-type": "application/json"}


def test_the_request_has_the_model_as_the_client_named_it() -> None:
    asked = reading.asked(translated())
    assert (asked.model, asked.stream, len(asked.messages)) == ("gpt-test(high)", True, 4)


def test_what_is_no_request_of_ours_says_so() -> None:
    with pytest.raises(ir.BadRequest, match="/odd is no request"):
        reading.asked(Recorded({}, request("POST", "/odd?x=1", {}), None))


def test_the_answer_is_what_the_client_was_told_with_the_providers_count() -> None:
    answer = reading.answered(translated())
    assert answer and answer.parts == (ir.Text("Hello there"),)
    assert answer.finish and answer.finish.usage and answer.finish.usage.input == 9
    assert answer.model == "gpt-test"


def test_a_client_that_left_has_what_the_provider_said() -> None:
    answer = reading.answered(replace(translated(), response=None, error="Client disconnected."))
    assert answer and answer.parts == (ir.Text("Hello there"),)


def test_a_refusal_is_an_error() -> None:
    answer = reading.answered(refused())
    assert answer and answer.error and (answer.error.status, answer.error.message) == (400, "no")


def test_nothing_was_answered_yet() -> None:
    one = translated()
    assert one.last
    assert reading.answered(replace(one, response=None, attempts=(replace(one.last, response=None),))) is None


@pytest.mark.parametrize(
    "format, content, kind, text",
    [
        ("openai_chat", chat().pieces[0], "application/json", "Hello there"),
        ("openai_chat", b"".join(chat_pieces()), "text/event-stream", "Hello there"),
        ("anthropic", b"".join(message_pieces()[:-2]), "text/event-stream", "Hello there"),
        ("gemini", b"[" + gemini().pieces[0] + b"]", "application/json", "Hello there"),
    ],
)
def test_answers_are_read_whole_streamed_and_cut(format: str, content: bytes, kind: str, text: str) -> None:
    answer = reading.read(FORMATS[format], http.Response.make(200, content, {"content-type": kind}))
    assert answer and "".join(part.text for part in answer.parts if isinstance(part, ir.Text)) == text


def test_what_can_not_be_read_is_an_error_and_no_exception() -> None:
    answer = reading.read(FORMATS["openai_chat"], http.Response.make(200, b"{", JSON))
    assert answer and answer.error and answer.error.message.startswith("unreadable")
    page = reading.read(FORMATS["openai_chat"], http.Response.make(502, b"<html>"))
    assert page and page.error and page.error.status == 502
    assert reading.read(None, http.Response.make(200)) is None
