"""Counts: whose counter is asked, how the answer is told, and when it is an estimate."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import begun, error_of, flow
from mitmproxy import http

from cliproxy.addons import counting, exchange
from cliproxy.addons.attempts import Attempt
from cliproxy.addons.counting import ESTIMATED, Counting

CONFIG = """
openai: {api-key: sk-test-openai, models: [gpt-test]}
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
gemini: {api-key: sk-test-gemini, models: [gemini-test]}
qwen: {api-key: sk-test-qwen, models: [qwen-test]}
custom-providers: {mine: {base-url: "http://127.0.0.1:1", models: [mine-test], format: anthropic}}
"""
ASK = [{"role": "user", "content": "Hello there"}]


def count(model: str) -> http.HTTPFlow:
    return flow("POST", "/v1/messages/count_tokens", {"model": model, "messages": ASK})


@pytest.mark.parametrize(
    "model, format, target",
    [
        ("claude-test", "anthropic", "/v1/messages/count_tokens"),
        ("mine-test", "anthropic", "/v1/messages/count_tokens"),
        ("gemini-test", "gemini", "/v1beta/models/gemini-test:countTokens"),
        ("gpt-test", "openai_responses", "/responses/input_tokens"),
        ("qwen-test", "openai_chat", ""),
    ],
)
def test_whose_counter_is_asked(model: str, format: str, target: str) -> None:
    call = begun(count(model), CONFIG)
    assert (call.operation, call.answer_format.NAME, call.target) == ("count", format, target)


def test_the_providers_count_in_the_clients_words() -> None:
    call = begun(count("gemini-test"), CONFIG)
    assert json.loads(counting.told(call, b'{"totalTokens": 12}')) == {"input_tokens": 12}
    same = begun(count("claude-test"), CONFIG)
    assert counting.told(same, b'{ "input_tokens":12 }') == b'{ "input_tokens":12 }'


def test_a_request_inside_a_request_is_what_is_counted() -> None:
    inner = {"model": "models/gemini-test", "contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    one = flow("POST", "/v1beta/models/qwen-test:countTokens", {"generateContentRequest": inner})
    call = begun(one, CONFIG)
    Counting().request(one)
    assert call.body == {"contents": inner["contents"]}
    assert one.response and json.loads(one.response.content or b"")["totalTokens"] > 1


def test_an_estimate_says_so() -> None:
    one = count("qwen-test")
    call = begun(one, CONFIG)
    Counting().request(one)
    assert one.response and one.response.headers[ESTIMATED] == "tokens" and call.answered_here
    assert json.loads(one.response.content or b"")["input_tokens"] > 2


def test_what_cant_be_read_is_the_clients_fault() -> None:
    one = flow("POST", "/v1/messages/count_tokens", {"model": "qwen-test", "messages": "no"})
    begun(one, CONFIG)
    Counting().request(one)
    assert one.response and one.response.status_code == 400
    assert "messages" in error_of(one.response)["message"]


@pytest.mark.parametrize(
    "model, status, estimated",
    [("mine-test", 404, True), ("mine-test", 501, True), ("mine-test", 400, False), ("claude-test", 404, False)],
)
def test_a_server_without_the_counter_of_its_format(model: str, status: int, estimated: bool) -> None:
    one = count(model)
    begun(one, CONFIG)
    one.response = http.Response.make(status, b"{}")
    Counting().upstream_failed(Attempt(one, "status"))
    assert (one.response.status_code == 200) is estimated


@pytest.mark.parametrize("failure", ["connect", "timeout"])
def test_a_server_that_is_not_there_is_no_server_without_a_counter(failure: Any) -> None:
    one = count("mine-test")
    begun(one, CONFIG)
    one.response = http.Response.make(404)
    Counting().upstream_failed(Attempt(one, failure))
    assert one.response.status_code == 404


def test_other_flows_are_left_alone() -> None:
    one = flow("GET", "/v1/models")
    Counting().request(one)
    Counting().upstream_failed(Attempt(one, "status"))
    assert one.response is None and exchange.of(one) is None
