"""What the gateway itself refuses: too large, too slow, by WebSocket, unknown; in the client's format, not as HTML."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import Provider, provider
from wires import chat

HEADERS = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:
        config: dict[str, Any] = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "limits": {"body-size": "10k"},
            "timeouts": {"request": 1},
        }
        with gateway(config) as running:
            yield running, upstream


def body(size: int) -> bytes:
    asked = {"model": "gpt-test", "messages": [{"role": "user", "content": "x" * size}]}
    return json.dumps(asked).encode()


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_body_over_the_limit_is_a_413(site: tuple[Gateway, Provider], path: str, chunked: bool) -> None:
    content: Any = iter([body(90_000)]) if chunked else body(90_000)
    answer = httpx.post(site[0].url + path, content=content, headers=HEADERS, timeout=20)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"].startswith("The request's body is larger than 10240 bytes")
    assert answer.json().get("type") == ("error" if path == "/v1/messages" else None)
    assert site[1].seen == []


def test_a_body_under_the_limit_passes(site: tuple[Gateway, Provider]) -> None:
    answer = httpx.post(f"{site[0].url}/v1/chat/completions", content=body(9_000), headers=HEADERS, timeout=20)
    assert answer.status_code == 200
    site[1].seen.clear()


def test_a_body_that_does_not_come_is_a_408(site: tuple[Gateway, Provider]) -> None:
    address = urlsplit(site[0].url)
    with socket.create_connection((address.hostname, address.port), 10) as slow:
        head = f"POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\ncontent-length: 99\r\n\r\n{{"
        slow.sendall(head.encode())
        received = b""
        while piece := slow.recv(4096):
            received += piece
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'"The request\'s body did not arrive in time."' in received
    assert b'"type":"error"' in received


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nx: y\r\nx-long: "], ids=["line", "header"])
def test_a_head_that_does_not_end_is_a_431(site: tuple[Gateway, Provider], begun: bytes) -> None:
    address = urlsplit(site[0].url)
    received = b""
    endless = socket.create_connection((address.hostname, address.port), 10)
    with endless, contextlib.suppress(ConnectionError):
        endless.sendall(begun + b"a" * 400_000)
        while piece := endless.recv(4096):
            received += piece
    assert received.startswith(b"HTTP/1.1 431 ")
    assert b"larger than 262144 bytes" in received


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions", "/v1/nope"])
def test_a_websocket_elsewhere_is_told_at_once_to_use_http(site: tuple[Gateway, Provider], path: str) -> None:
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13", "sec-websocket-key": "x"}
    answer = httpx.get(site[0].url + path, headers={**HEADERS, **upgrade}, timeout=20)
    assert answer.status_code == 426
    assert "by HTTP" in answer.json()["error"]["message"]


UNKNOWN = [
    ("GET", "/v1/nope", 404, "Nothing is served at '/v1/nope'. Served are: POST /v1/chat/completions; "),
    ("POST", "/v1/messages/nope", 404, "Nothing is served at '/v1/messages/nope'."),
    ("POST", "/v1beta/models/m:nope", 404, "Nothing is served at '/v1beta/models/m:nope'."),
    ("GET", "/v1/chat/completions", 405, "GET is not served here; use POST."),
    ("DELETE", "/v1/models", 405, "DELETE is not served here; use GET, HEAD."),
    ("GET", "/v1/models/nope", 404, "There is no model 'nope'; GET /v1/models lists those there are."),
]


@pytest.mark.parametrize("method, path, status, sentence", UNKNOWN, ids=[f"{m} {p}" for m, p, _, _ in UNKNOWN])
def test_what_is_not_served(site: tuple[Gateway, Provider], method: str, path: str, status: int, sentence: str) -> None:
    answer = httpx.request(method, site[0].url + path, headers=HEADERS, timeout=20)
    assert answer.status_code == status
    assert answer.json()["error"]["message"].startswith(sentence)


@pytest.mark.parametrize(
    "path", ["/v1/v1/chat/completions", "/chat/completions", "/v1/chat/completions/", "/openai/v1/chat/completions"]
)
def test_wrong_base_urls_are_understood(site: tuple[Gateway, Provider], path: str) -> None:
    answer = httpx.post(site[0].url + path, content=body(1), headers=HEADERS, timeout=20)
    assert answer.status_code == 200
    assert site[1].seen.pop().path == "/v1/chat/completions"
