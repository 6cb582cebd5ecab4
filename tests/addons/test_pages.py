"""The four ways to look at an exchange."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import request
from mitmproxy import http
from recorded_exchanges import refused, translated

from cliproxy.addons import pages
from cliproxy.addons.recordings import Recorded


def test_the_conversation_is_what_was_asked_and_what_was_answered() -> None:
    one = translated(model="gpt-5")
    asked, answer = pages.conversation(one, "request"), pages.conversation(one, "response")
    assert asked.startswith("model: gpt-test(high) (streamed)\nmax_tokens: 1000\n")
    assert "user:\n  How warm is it in Paris?\n" in asked
    assert "  call get_weather [toolu_01]:\n" in asked and "result [toolu_01]:\n  18 °C\n" in asked
    assert answer.startswith("model: gpt-test\nfinish: stop\ntokens: 9 input + 2 output\ncost: about $0.0000")
    assert answer.endswith("assistant:\n  Hello there\n")


def test_a_model_without_a_price_has_no_cost() -> None:
    assert "cost" not in pages.conversation(translated(), "response")


def test_the_clients_side_is_as_it_came_and_as_it_was_answered() -> None:
    asked, answer = (pages.client(translated(), side) for side in ("request", "response"))  # type: ignore[arg-type]
    assert asked.startswith("POST /v1/messages HTTP/1.1\nx-api-key: [redacted]\n")
    assert '"context_management": {' in asked
    assert answer.startswith("HTTP/1.1 200 OK\ncontent-type: text/event-stream\n")
    assert "event: message_stop" in answer


def test_the_providers_side_has_every_attempt_and_the_time_of_each_event() -> None:
    sent, answer = (pages.provider(translated(), side) for side in ("request", "response"))  # type: ignore[arg-type]
    assert sent.startswith("attempt 1 · openai-1\n\nPOST http://127.0.0.1:9/v1/chat/completions HTTP/1.1\n")
    assert sent.count('"max_completion_tokens": 1000') == 2
    first, second = answer.split("attempt 2 · openai-2\n")
    assert "HTTP/1.1 503 Service Unavailable" in first and '   0.250 s  {\n              "error": {' in first
    assert "   0.500 s  data: {" in second and second.endswith(" s  data: [DONE]\n")
    times = [float(line[:8]) for line in second.splitlines() if line[9:12] == "s  "]
    assert times == sorted(times) and len(times) > 3


def test_what_was_not_answered_or_not_asked_says_so() -> None:
    one = replace(translated(), response=None, attempts=(), error="Client disconnected.")
    assert pages.conversation(one, "response") == pages.client(one, "response") == "error: Client disconnected.\n"
    assert pages.provider(refused(), "request") == "No provider was asked.\n"
    last = translated().last
    assert last and pages.provider(replace(one, attempts=(replace(last, response=None),)), "response") == (
        "No answer came.\n"
    )


def test_what_can_not_be_read_is_shown_as_it_is() -> None:
    odd = Recorded({}, request("POST", "/odd", b"{not json"), http.Response.make(200, b"\xff"))
    assert "error: /odd is no request" in (text := pages.conversation(odd, "request")) and "{not json" in text
    assert "\\xff" in pages.client(odd, "response")


def test_base64_is_shortened_and_says_so() -> None:
    odd = Recorded({}, request("POST", "/v1/messages", {"data": "A" * 5000}), None)
    assert "A" * 100 + "… (4,900 more characters)" in pages.client(odd, "request")


@pytest.mark.parametrize("name", ["conversation", "Client", "provider", "EXPLAIN"])
def test_a_page_has_both_halves(name: str) -> None:
    text = pages.page(translated(), name)
    assert ("─" * 80 in text) is (name.lower() != "explain")
