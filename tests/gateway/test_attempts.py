"""Attempts through the running gateway: which credential is tried when, and what the client sees of it."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running import KEY, RESTED, Gateway, gateway
from scripted import Answer, Provider, provider, whole
from wires import CHAT_REQUEST, TEXT, chat, chat_pieces, chat_stream, sse

HEADERS = {"authorization": f"Bearer {KEY}", "x-test-rested": "1"}
STREAMED = {**CHAT_REQUEST, "stream": True}
QUICK = {"connect": 1, "first-byte": 1, "whole-answer": 1, "total": 8, "idle": 6}
BUSY = whole({"error": {"message": "busy", "type": "rate_limit_error"}}, 429)


def keys(count: int) -> dict[str, Any]:
    return {"strategy": "fill-first", "credentials": {"openai": [{"key": f"sk-test-{n}"} for n in range(1, count + 1)]}}


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[Gateway, Provider]]:
    """A gateway with two keys of one scripted provider; each test sets the answers."""
    with provider(chat()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1"}, "load-balance": keys(2), "timeouts": QUICK}
        with gateway(config, *RESTED) as running:
            yield running, upstream


def script(upstream: Provider, *answers: Answer) -> None:
    upstream.seen.clear()
    upstream.answers[:] = answers
    upstream.gone = 0


def tried(upstream: Provider) -> list[str]:
    return [seen.headers["authorization"].removeprefix("Bearer sk-test-") for seen in upstream.seen]


def post(running: Gateway, body: Any = CHAT_REQUEST) -> httpx.Response:
    return httpx.post(f"{running.url}/v1/chat/completions", json=body, headers=HEADERS, timeout=30)


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504, 529])
@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_another_credential_is_tried_when_this_one_fails(two: Any, status: int, body: Any) -> None:
    running, upstream = two
    script(upstream, whole({"error": {"message": "no"}}, status), chat_stream() if "stream" in body else chat())
    answer = post(running, body)
    assert (answer.status_code, tried(upstream)) == (200, ["1", "2"])
    assert "Hello" in answer.text


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_the_requests_own_fault_goes_straight_back(two: Any, status: int) -> None:
    running, upstream = two
    fault = {"error": {"message": "your fault", "type": "invalid_request_error", "param": None, "code": None}}
    script(upstream, whole(fault, status))
    answer = post(running)
    assert (answer.status_code, answer.json(), tried(upstream)) == (status, fault, ["1"])


def test_a_connection_dropped_before_the_head_is_another_attempt(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(drop="head"), chat())
    assert (post(running).status_code, tried(upstream)) == (200, ["1", "2"])


def test_a_whole_answer_that_breaks_off_is_another_attempt(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(200, (b'{"id":',), drop="body"), chat())
    assert (post(running).status_code, tried(upstream)) == (200, ["1", "2"])


def test_an_error_inside_a_200_stream_becomes_a_status_and_another_attempt(two: Any) -> None:
    running, upstream = two
    refusal = Answer(200, (sse({"error": {"message": "overloaded", "code": 503}}),), "text/event-stream")
    script(upstream, refusal, chat_stream())
    assert "Hello" in post(running, STREAMED).text
    assert tried(upstream) == ["1", "2"]
    script(upstream, refusal)
    answer = post(running, STREAMED)
    assert answer.status_code >= 500
    assert answer.json()["error"]["message"] == "overloaded"


def test_every_credential_is_tried_once_and_the_last_error_is_told(two: Any) -> None:
    running, upstream = two
    script(upstream, BUSY)
    answer = post(running)
    assert (answer.status_code, tried(upstream)) == (429, ["1", "2"])
    assert 2 <= int(answer.headers["retry-after"]) <= 5
    assert answer.json() == {"error": {"message": "busy", "type": "rate_limit_error"}}


def test_the_providers_hint_when_to_come_back_is_passed_on(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(429, BUSY.pieces, headers={"retry-after": "17"}))
    assert post(running).headers["retry-after"] == "17"


def test_nobody_answers(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(drop="head"))
    answer = post(running)
    assert (answer.status_code, tried(upstream)) == (502, ["1", "2"])
    assert answer.json()["error"]["message"].startswith("openai did not answer (dropped)")


@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_a_silent_provider_is_left_for_another(two: Any, body: Any) -> None:
    running, upstream = two
    quick = chat_stream() if "stream" in body else chat()
    script(upstream, Answer(quick.status, quick.pieces, quick.content_type, delay=4), quick)
    began = time.monotonic()
    answer = post(running, body)
    assert (answer.status_code, tried(upstream)) == (200, ["1", "2"])
    assert time.monotonic() - began < 4, "the first attempt was waited for"


@pytest.mark.parametrize("body", [CHAT_REQUEST, STREAMED], ids=["whole", "stream"])
def test_the_last_credential_is_waited_for_and_the_client_kept_waiting(two: Any, body: Any) -> None:
    running, upstream = two
    slow = chat_stream(delay=5) if "stream" in body else chat()
    script(upstream, Answer(slow.status, slow.pieces, slow.content_type, delay=5))
    with httpx.stream("POST", f"{running.url}/v1/chat/completions", json=body, headers=HEADERS, timeout=30) as answer:
        assert answer.status_code == 200
        pieces = list(answer.iter_raw())
    assert pieces[0] == (b": keep-alive\n\n" if "stream" in body else b"\r\n")
    assert b"Hello" in b"".join(pieces)
    if "stream" not in body:
        assert json.loads(b"".join(pieces))["choices"][0]["message"]["content"] == TEXT


def test_a_failure_after_the_first_byte_is_told_in_the_stream(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(500, (b'{"error":{"message":"boom"}}',), delay=5))
    text = post(running, STREAMED).text
    assert text.startswith(": keep-alive\n\ndata: ")
    assert json.loads(text.split("data: ")[1])["error"]["message"] == "boom"


def test_a_whole_answer_that_fails_late_is_cut_off_and_never_looks_like_an_answer(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(500, (b'{"error":{"message":"boom"}}',), delay=5))
    with pytest.raises(httpx.RemoteProtocolError):
        post(running)


def test_a_stream_that_breaks_off_ends_with_an_error_event(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(200, chat_pieces()[:3], "text/event-stream", drop="body"))
    text = post(running, STREAMED).text
    assert "Hello" in text and '"error"' in text.strip().splitlines()[-1]
    assert tried(upstream) == ["1"]


def test_a_provider_that_falls_silent_in_mid_stream_counts_as_gone(two: Any) -> None:
    running, upstream = two
    script(upstream, Answer(200, chat_pieces()[:2], "text/event-stream", pause=8))
    text = post(running, STREAMED).text
    assert '"error"' in text.strip().splitlines()[-1]


@pytest.mark.parametrize("delay", [0.7, 0.0], ids=["before the first byte", "in the stream"])
def test_a_client_that_leaves_takes_its_request_with_it(two: Any, delay: float) -> None:
    running, upstream = two
    script(upstream, Answer(200, chat_pieces() * 20, "text/event-stream", delay=delay, pause=0.05))
    url = f"{running.url}/v1/chat/completions"
    with (
        contextlib.suppress(httpx.ReadTimeout),
        httpx.stream("POST", url, json=STREAMED, headers=HEADERS, timeout=0.3) as got,
    ):
        next(got.iter_raw())
    deadline = time.monotonic() + 5
    while not upstream.gone and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (upstream.gone, tried(upstream)) == (1, ["1"])


def test_a_kept_alive_connection_serves_many_exchanges(two: Any) -> None:
    running, upstream = two
    script(upstream, BUSY, chat(), Answer(drop="head"), chat(), chat())
    with httpx.Client(headers=HEADERS, timeout=20) as client:
        statuses = [client.post(f"{running.url}/v1/chat/completions", json=CHAT_REQUEST).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]


def test_connection_refused_and_no_connection_at_all() -> None:
    with socket.socket() as full:
        # A listener whose queue is full accepts no connection: the gateway must not wait for ever.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with provider(chat()) as upstream:
            able = {"key": "sk-test-3", "base-url": f"{upstream.url}/v1"}
            refused = {"key": "sk-test-1", "base-url": "http://127.0.0.1:9/v1"}
            stuck = {"key": "sk-test-2", "base-url": f"http://127.0.0.1:{port}/v1"}
            pool = {"strategy": "fill-first", "credentials": {"openai": [refused, stuck, able]}}
            with gateway({"load-balance": pool, "timeouts": QUICK}) as running:
                assert post(running).json()["choices"][0]["message"]["content"] == TEXT
                assert "openai-1: connect" in running.log()
                assert "openai-2: connect (no connection within 1 seconds)" in running.log()
            assert tried(upstream) == ["3"]
        for filler in fillers:
            filler.close()


def test_round_robin_takes_turns() -> None:
    with provider(chat()) as upstream:
        pool = {**keys(3), "strategy": "round-robin"}
        with gateway({"openai": {"base-url": f"{upstream.url}/v1"}, "load-balance": pool}) as running:
            for _ in range(6):
                post(running)
        assert tried(upstream) == ["1", "2", "3"] * 2


def test_a_client_that_leaves_while_we_connect_makes_nobody_rest() -> None:
    """A server whose queue of connections is full does not answer: connecting to it takes as long as one lets it."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        config: dict[str, Any] = {
            "openai": {"base-url": f"http://127.0.0.1:{full.getsockname()[1]}/v1", "api-key": "sk-test-o"},
            "remote-management": {"secret-key": "sk-test-management"},
        }
        running = stack.enter_context(gateway(config))
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{running.url}/v1/chat/completions", json=CHAT_REQUEST, headers=HEADERS, timeout=1)
        time.sleep(0.5)
        headers = {"x-management-key": "sk-test-management"}
        (account,) = httpx.get(f"{running.url}/v0/management/accounts", headers=headers, timeout=20).json()["data"]
        assert (account["state"], account["failures"], account["in_flight"]) == ("ready", 0, 0)
        assert "connect (" not in running.log()
