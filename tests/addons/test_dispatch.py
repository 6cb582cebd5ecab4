"""Attempts: who is asked, with what, and what becomes of a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import CONFIG, PATHS, begun, error_of, flow, routing
from mitmproxy import http
from wires import CHAT_REQUEST, CONTENTS_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import dispatch as module
from cliproxy.addons import exchange
from cliproxy.addons.accounts.pool import Pool
from cliproxy.addons.attempts import Attempt, Failure
from cliproxy.addons.dispatch import LAST_START, Dispatch, header_hint, none_left, provider_error
from cliproxy.addons.exchange import Exchange, Recording
from cliproxy.addons.translation import Translation
from cliproxy.translators import ir
from cliproxy.translators.collect import Collector

TWO = """
openai: {models: [gpt-test]}
load-balance:
  strategy: fill-first
  credentials: {openai: [{key: sk-test-1}, {key: sk-test-2}]}
"""
ONE = "openai: {api-key: sk-test-1, models: [gpt-test]}"
CLIENT = {"authorization": "Bearer sk-test-client", "x-trace": "t"}


def dispatch(config: str = TWO) -> Dispatch:
    made = Dispatch()
    made.pool = Pool(routing(config).routes.credentials(), "fill-first")
    return made


def started(
    config: str = TWO, path: str = PATHS["openai_chat"], body: Any = CHAT_REQUEST
) -> tuple[Dispatch, Attempt, Exchange]:
    """A dispatcher whose first attempt is under way."""
    one, made = flow("POST", path, body, CLIENT), dispatch(config)
    call = begun(one, config)
    Translation().request(one)
    attempt = Attempt(one)
    made.upstream_attempt(attempt)
    return made, attempt, call


def failed(made: Dispatch, one: Attempt, failure: Failure, status: int = 0, body: Any = None, **more: Any) -> Attempt:
    attempt = Attempt(one.flow, failure, "why", **more)
    if failure == "status":
        one.flow.response = http.Response.make(status, json.dumps(body or {}), {"content-type": "application/json"})
    made.upstream_failed(attempt)
    return attempt


# -- an attempt begins --------------------------------------------------------------------


def test_an_attempt_is_aimed_with_the_credentials_key_and_the_clients_own_bytes() -> None:
    body = b'{ "model":"gpt-test", "messages":[] , "x":1.0}'
    made, attempt, call = started(path=f"{PATHS['openai_chat']}?a=%20b&key=sk-test-client", body=body)
    request = attempt.flow.request
    assert (attempt.go, attempt.stream, attempt.flow.response) == (True, False, None)
    assert request.url == "https://api.openai.com/v1/chat/completions?a=%20b"
    assert request.raw_content == body
    assert (request.headers["authorization"], request.headers["x-trace"]) == ("[openai-1]", "t")
    assert attempt.secret_headers == (("authorization", "Bearer sk-test-1"),)
    assert "sk-test-client" not in str(request.headers) + request.path
    assert (made.pool.in_flight("openai-1"), call.tried) == (1, {"openai-1"})


def test_a_translated_request_is_our_own() -> None:
    _, attempt, _ = started(CONFIG, PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True})
    request = attempt.flow.request
    assert request.url == "https://api.openai.com/v1/chat/completions"
    assert json.loads(request.content or b"")["messages"] == [{"role": "user", "content": "Hi"}]
    assert (request.headers["accept"], attempt.stream) == ("text/event-stream", True)
    assert "x-trace" not in request.headers


@pytest.mark.parametrize("verb", ["generateContent", "streamGenerateContent"])
def test_a_gemini_stream_stays_one(verb: str) -> None:
    _, attempt, _ = started(CONFIG, f"/v1/models/gemini-test:{verb}", CONTENTS_REQUEST)
    assert attempt.flow.request.path == f"/v1/models/gemini-test:{verb}"


def test_a_second_attempt_has_the_next_key_and_nothing_of_the_first() -> None:
    made, attempt, call = started()
    assert failed(made, attempt, "status", 429).go
    attempt.flow.response = None
    again = Attempt(attempt.flow)
    made.upstream_attempt(again)
    assert again.go
    assert again.flow.request.headers.get_all("authorization") == ["[openai-2]"]
    assert again.secret_headers == (("authorization", "Bearer sk-test-2"),)
    assert [record.credential for record in call.attempts] == ["openai-1"]


def test_what_is_sent_is_what_is_recorded() -> None:
    one, made = flow(body=CHAT_REQUEST), dispatch()
    call = begun(one, TWO)
    call.recording = Recording()
    made.upstream_attempt(Attempt(one))
    (sent,) = call.recording.attempts
    assert (sent.request.url, sent.credential) == (one.request.url, "openai-1")
    assert sent.request is not one.request


def test_without_a_credential_left_nobody_is_asked() -> None:
    made, attempt, call = started(ONE)
    again = Attempt(attempt.flow)
    made.upstream_attempt(again)
    assert not again.go
    assert again.flow.response and again.flow.response.status_code == 503
    assert error_of(again.flow.response)["message"] == "No credential is configured for openai."
    assert call.answered_here


@pytest.mark.parametrize("case", ["no exchange", "revoked", "answered"])
def test_what_must_not_go_out_does_not(case: str) -> None:
    one, made = flow(body=CHAT_REQUEST), dispatch()
    if case != "no exchange":
        call = begun(one, TWO)
        call.revoked = case == "revoked"
    if case == "answered":
        one.response = http.Response.make(400)
    attempt = Attempt(one)
    made.upstream_attempt(attempt)
    assert (attempt.go, one.request.host, made.pool.in_flight("openai-1")) == (False, "127.0.0.1", 0)
    assert "authorization" not in one.request.headers


# -- an attempt fails ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504, 529])
def test_another_credential_is_asked_for_what_another_may_not_meet(status: int) -> None:
    made, attempt, call = started()
    assert failed(made, attempt, "status", status).go
    assert [str(record).partition(" after")[0] for record in call.attempts] == [f"openai-1: {status}"]
    assert made.pool.in_flight("openai-1") == 0
    assert repr(made.pool).startswith("<Pool openai-1: 0 in flight, 1 failed")


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 422, 424])
def test_the_requests_own_fault_is_nobody_elses(status: int) -> None:
    made, attempt, call = started()
    assert not failed(made, attempt, "status", status).go
    assert not call.answered_here
    assert repr(made.pool).startswith("<Pool openai-1: 0 in flight, 0 failed")


def test_googles_400_for_an_unknown_key_is_the_credentials_fault() -> None:
    config = "load-balance: {credentials: {gemini: [{key: sk-test-1}, {key: sk-test-2}]}}"
    made, attempt, _ = started(config, PATHS["gemini"], CONTENTS_REQUEST)
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    body = {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT", "details": [detail]}}
    assert failed(made, attempt, "status", 400, body).go


@pytest.mark.parametrize("failure, status", [("connect", 502), ("dropped", 502), ("timeout", 504), ("stream", 502)])
def test_when_nobody_is_left_the_client_hears_what_happened(failure: Failure, status: int) -> None:
    made, attempt, call = started(ONE)
    assert not failed(made, attempt, failure).go
    assert attempt.flow.response and attempt.flow.response.status_code == status
    assert error_of(attempt.flow.response)["message"] == f"openai did not answer ({failure}): why"
    (record,) = call.attempts
    assert (record.status, record.failure) == (0, f"{failure} (why)")


def test_the_providers_own_last_error_is_left_to_translation() -> None:
    made, attempt, call = started(ONE)
    failed(made, attempt, "status", 500, {"error": {"message": "boom"}})
    assert attempt.flow.response and attempt.flow.response.status_code == 500
    assert not call.answered_here


def test_an_error_in_place_of_a_stream_keeps_its_words_and_status() -> None:
    made, attempt, call = started(ONE)
    call.collected = Collector()
    call.collected.feed(ir.Error(429, "busy", retry_after=7.0))
    failed(made, attempt, "stream")
    response = attempt.flow.response
    assert response and (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert error_of(response)["message"] == "busy"


def test_after_the_first_byte_there_is_no_other_attempt_and_the_stream_says_why() -> None:
    made, attempt, call = started(body={**CHAT_REQUEST, "stream": True})
    late = failed(made, attempt, "status", 500, {"error": {"message": "boom"}}, committed=True)
    assert not late.go and call.answered_here
    assert late.late and json.loads(late.late.removeprefix(b"data: "))["error"]["message"] == "boom"


def test_after_the_first_byte_a_whole_answer_is_cut_off() -> None:
    made, attempt, _ = started()
    late = failed(made, attempt, "dropped", committed=True)
    assert (late.go, late.late) == (False, None)


@pytest.mark.parametrize("hook", ["upstream_failed", "upstream_slow"])
def test_no_attempt_begins_when_the_client_has_given_up(hook: str, monkeypatch: Any) -> None:
    made, attempt, call = started()
    monkeypatch.setattr(module.time, "time", lambda: call.began + LAST_START)
    late = Attempt(attempt.flow, "timeout", "why")
    getattr(made, hook)(late)
    assert not late.go


@pytest.mark.parametrize("config, go", [(TWO, True), (ONE, False)])
def test_a_silent_provider_is_left_only_for_another(config: str, go: bool) -> None:
    made, attempt, call = started(config)
    slow = Attempt(attempt.flow, "timeout", "why")
    made.upstream_slow(slow)
    assert (slow.go, call.attempts, made.pool.in_flight("openai-1")) == (go, [], 1)


def test_flows_that_are_no_exchange_are_nobodys_attempt() -> None:
    made, attempt = dispatch(), Attempt(flow(), "dropped", "why")
    made.upstream_failed(attempt)
    made.upstream_slow(attempt)
    made.response(attempt.flow)
    made.error(attempt.flow)
    assert (attempt.go, attempt.flow.response, attempt.flow.metadata) == (False, None, {})


# -- an attempt ends ----------------------------------------------------------------------


def test_an_answer_gives_the_credential_back_once() -> None:
    made, attempt, call = started()
    attempt.flow.response = http.Response.make(200)
    made.response(attempt.flow)
    made.error(attempt.flow)
    assert (made.pool.in_flight("openai-1"), [record.status for record in call.attempts]) == (0, [200])


def test_a_client_that_leaves_gives_the_credential_back_without_blame() -> None:
    made, attempt, call = started()
    made.error(attempt.flow)
    assert [record.status for record in call.attempts] == [499]
    assert repr(made.pool).startswith("<Pool openai-1: 0 in flight, 0 failed")


def test_an_attempt_that_was_revoked_half_way_still_gives_the_credential_back() -> None:
    made, attempt, _ = started()
    exchange.revoke(attempt.flow)
    attempt.flow.response = http.Response.make(502)
    made.response(attempt.flow)
    assert made.pool.in_flight("openai-1") == 0


# -- errors and hints ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"retry-after": "17"}, 17.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_the_hint_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert header_hint(http.Headers((k.encode(), v.encode()) for k, v in headers.items())) == seconds


@pytest.mark.parametrize(
    "content, message",
    [
        (b'{"error":{"message":"boom"}}', "boom"),
        (b"<html><title>Bad gateway</title></html>", "Bad gateway"),
        (b"", "The provider answered 502 and said no more."),
        (b"\xff\xfe", None),
        (b'["x"]', None),
    ],
)
def test_errors_come_in_every_shape_and_are_read(content: bytes, message: str | None) -> None:
    _, _, call = started()
    error = provider_error(call, http.Response.make(502, content, {"retry-after": "3"}))
    assert (error.status, error.retry_after) == (502, 3.0)
    assert message is None or error.message == message


# -- what one credential alone can answer -----------------------------------------------------


def pinned(to: str, path: str = PATHS["openai_responses"]) -> tuple[Dispatch, Attempt, Exchange]:
    body = {"model": "gpt-test", "input": "Hi", "previous_response_id": "resp_1"}
    one, made = flow("POST", path, body, CLIENT), dispatch()
    call = begun(one, TWO)
    call.pinned = to
    attempt = Attempt(one)
    made.upstream_attempt(attempt)
    return made, attempt, call


def test_what_a_credential_holds_is_asked_of_it_alone() -> None:
    for _ in range(2):
        made, attempt, call = pinned("openai-2")
        assert attempt.secret_headers == (("authorization", "Bearer sk-test-2"),)
    assert failed(made, attempt, "status", 429).go is False
    assert [record.credential for record in call.attempts] == ["openai-2"]


def test_when_that_credential_is_gone_the_client_is_told_what_to_do() -> None:
    _, attempt, _ = pinned("openai-9")
    assert attempt.go is False and attempt.flow.response and attempt.flow.response.status_code == 400
    error = error_of(attempt.flow.response)
    assert error["code"] == "previous_response_not_found"
    assert "'openai-9' alone, which is not available. Send the whole conversation." in error["message"]


def test_of_a_thread_the_client_is_told_in_its_own_words() -> None:
    one = flow("POST", PATHS["anthropic"], {**MESSAGES_REQUEST, "thread": {"type": "continue"}}, CLIENT)
    call = begun(one, CONFIG)
    call.pinned = "anthropic-9"
    assert none_left(call).code == "thread_not_found"


def test_of_what_is_no_conversation_none_is_asked_for() -> None:
    one = flow("POST", PATHS["anthropic"], MESSAGES_REQUEST, CLIENT)
    call = begun(one, CONFIG)
    call.pinned = "anthropic-9"
    assert (none_left(call).status, none_left(call).code) == (503, "")
