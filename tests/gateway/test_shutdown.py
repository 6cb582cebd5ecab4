"""SIGTERM to a running gateway: streams finish, new connections are refused, a second signal ends it."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import provider, stream

CHUNK = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test"}


def events(count: int) -> list[bytes]:
    deltas = [{"index": 0, "delta": {"content": f"{n} "}, "finish_reason": None} for n in range(count)]
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    told = [json.dumps({**CHUNK, "choices": [choice]}).encode() for choice in (*deltas, end)]
    return [b"data: " + data + b"\n\n" for data in (*told, b"[DONE]")]


def config(url: str) -> dict[str, object]:
    return {"openai": {"api-key": "sk-test-openai", "base-url": url}, "shutdown-timeout": 20}


def ask(client: httpx.Client, one: Gateway) -> Iterator[bytes]:
    body = {"model": "gpt-test", "stream": True, "messages": [{"role": "user", "content": "count"}]}
    headers = {"authorization": f"Bearer {KEY}"}
    with client.stream("POST", f"{one.url}/v1/chat/completions", json=body, headers=headers, timeout=30) as response:
        assert response.status_code == 200
        yield from response.iter_raw()


def connects(one: Gateway) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(one.url.rpartition(":")[2])), 1).close()
    except OSError:
        return False
    return True


def test_an_open_stream_finishes_and_nobody_new_comes_in() -> None:
    with (
        provider(stream(*events(20), pause=0.1)) as upstream,
        gateway(config(upstream.url)) as one,
        httpx.Client() as client,
    ):
        answer = ask(client, one)
        got = next(answer)
        one.process.send_signal(signal.SIGTERM)
        while connects(one):
            time.sleep(0.02)
        got += b"".join(answer)
        assert got == b"".join(events(20))
        assert one.process.wait(10) == 0
        assert "still open" in one.log()


def test_idle_it_ends_at_once() -> None:
    with gateway(config("http://127.0.0.1:9")) as one:
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(10) == 0
        assert "still open" not in one.log() and "Traceback" not in one.log()


def test_a_second_signal_does_not_wait() -> None:
    with (
        provider(stream(*events(300), pause=0.1)) as upstream,
        gateway(config(upstream.url)) as one,
        httpx.Client() as client,
    ):
        answer = ask(client, one)
        next(answer)
        one.process.send_signal(signal.SIGTERM)
        while connects(one):
            time.sleep(0.02)
        one.process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.HTTPError):
            b"".join(answer)
        assert one.process.wait(10) == 0
