"""The small things that clients rely on, through a running gateway."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
from backports import zstd
from running import KEY, Gateway, gateway
from scripted import Provider, provider, whole
from wires import CHAT_REQUEST, MESSAGES_REQUEST, chat, chat_stream, message

ORIGIN = "https://app.example.com"
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:
        config: dict[str, Any] = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o", "models": ["gpt-test"]},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a", "models": ["claude-test"]},
            "cors": {"origins": [ORIGIN]},
            "limits": {"body-size": "1m"},
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    site[1].answers[:] = [chat()]
    return site[1]


@pytest.fixture
def client(site: tuple[Gateway, Provider]) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {KEY}", "accept-encoding": "identity"}
    with httpx.Client(base_url=site[0].url, headers=headers, timeout=20) as made:
        yield made


# -- bodies -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding, pack", [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)])
def test_a_packed_request_reaches_the_provider_plain(
    client: httpx.Client, upstream: Provider, encoding: str, pack: Any
) -> None:
    body = json.dumps(CHAT_REQUEST).encode()
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    assert client.post(CHAT, content=pack(body), headers=headers).status_code == 200
    assert upstream.seen[0].body == body and "content-encoding" not in upstream.seen[0].headers


@pytest.mark.parametrize("encoding, pack", [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)])
def test_a_bomb_is_refused(client: httpx.Client, upstream: Provider, encoding: str, pack: Any) -> None:
    headers = {"content-encoding": encoding, "content-type": "application/json"}
    found = client.post(CHAT, content=pack(b" " * (8 << 20)), headers=headers)
    assert found.status_code == 413 and "when unpacked" in found.json()["error"]["message"]
    assert upstream.seen == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize(
    "path, model, answer", [(CHAT, "gpt-test", chat), (MESSAGES, "gpt-test", chat), (CHAT, "claude-test", message)]
)
def test_answers_are_packed_for_those_who_take_it(
    client: httpx.Client, upstream: Provider, encoding: str, path: str, model: str, answer: Any
) -> None:
    text = "word " * 1000
    upstream.answers[:] = [answer([{"type": "text", "text": text}]) if answer is message else answer({"content": text})]
    request = {**(MESSAGES_REQUEST if path == MESSAGES else CHAT_REQUEST), "model": model}
    with client.stream("POST", path, json=request, headers={"accept-encoding": encoding}) as found:
        raw = b"".join(found.iter_raw())
    assert (
        found.headers["content-encoding"] == encoding
        and len(raw) < 1000
        and len(raw) == int(found.headers["content-length"])
    )
    undo = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}[encoding]
    assert text in undo(raw).decode()
    assert client.post(path, json=request).headers.get("content-encoding") is None


def test_a_stream_is_never_packed(client: httpx.Client, upstream: Provider) -> None:
    upstream.answers[:] = [chat_stream()]
    with client.stream(
        "POST", CHAT, json={**CHAT_REQUEST, "stream": True}, headers={"accept-encoding": "gzip"}
    ) as found:
        assert "content-encoding" not in found.headers
        assert b"data: [DONE]" in b"".join(found.iter_raw())


@pytest.mark.parametrize(
    "content, headers, status, message",
    [
        (b'{"model": "gpt-test",\n "messages": [}', {"content-type": "application/json"}, 400, "line 2 column 15"),
        (
            b"model=gpt-test",
            {"content-type": "application/x-www-form-urlencoded"},
            400,
            "content-type application/json",
        ),
        (b"{}", {"origin": "https://evil.example"}, 400, "content-type application/json"),
        (b"[]", {"content-type": "application/json"}, 400, "not a list"),
    ],
)
def test_what_is_wrong_with_a_body(
    client: httpx.Client, upstream: Provider, content: bytes, headers: dict[str, str], status: int, message: str
) -> None:
    for path in (CHAT, MESSAGES):
        found = client.post(path, content=content, headers=headers)
        assert (found.status_code, message in found.json()["error"]["message"]) == (status, True), found.text
    assert upstream.seen == []


# -- methods and paths --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/hello", "/v1/models", "/v1/models/gpt-test"])
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert client.get("/healthz").json() == {"status": "ok"}, "the connection goes on"


def test_options_says_what_is_served(client: httpx.Client) -> None:
    found = client.options("/v1/files/file-1")
    assert (found.status_code, found.headers["allow"]) == (204, "GET, DELETE, OPTIONS")
    assert "access-control-allow-origin" not in found.headers


def test_a_wrong_method_and_a_wrong_path(client: httpx.Client) -> None:
    found = client.put("/v1/files")
    assert (found.status_code, found.headers["allow"]) == (405, "GET, POST")
    missing = client.get("/v1/messages/nowhere", headers={"anthropic-version": "2023-06-01"})
    assert missing.status_code == 404 and missing.json()["type"] == "error"
    assert "POST /v1/messages" in missing.json()["error"]["message"]


# -- ids and limits -----------------------------------------------------------------------


def test_ids_go_in_and_out(client: httpx.Client, upstream: Provider) -> None:
    upstream.answers[:] = [chat()]
    found = client.post(CHAT, json=CHAT_REQUEST, headers={"x-request-id": "mine-1"})
    assert found.headers["x-request-id"] == "mine-1" and upstream.seen[0].headers["x-request-id"] == "mine-1"
    translated = client.post(
        MESSAGES, json={**MESSAGES_REQUEST, "model": "gpt-test"}, headers={"x-request-id": "mine-2"}
    )
    assert translated.headers["x-request-id"] == "mine-2" and upstream.seen[1].headers["x-request-id"] == "mine-2"
    assert client.get("/v1/models", headers={"x-request-id": "mine-3"}).headers["x-request-id"] == "mine-3"
    assert client.get("/nothing").headers["x-request-id"]


def test_the_providers_ids_and_limits_pass(client: httpx.Client, upstream: Provider) -> None:
    told = {"x-request-id": "req-theirs", "x-ratelimit-remaining-requests": "9", "openai-processing-ms": "12"}
    upstream.answers[:] = [whole(json.loads(chat().pieces[0]), headers={**told, "set-cookie": "a=b"})]
    found = client.post(CHAT, json=CHAT_REQUEST, headers={"x-request-id": "mine-1"})
    assert {name: found.headers[name] for name in told} == told and "set-cookie" not in found.headers


def test_betas_and_version_of_anthropic_pass(client: httpx.Client, upstream: Provider) -> None:
    upstream.answers[:] = [message()]
    headers = {"anthropic-version": "2026-10-21", "anthropic-beta": "a-1,b-2"}
    assert client.post(MESSAGES, json=MESSAGES_REQUEST, headers=headers).status_code == 200
    assert {name: upstream.seen[0].headers[name] for name in headers} == headers


# -- browsers -----------------------------------------------------------------------------


def test_a_browser_of_an_allowed_origin(client: httpx.Client, upstream: Provider) -> None:
    asks = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    before = httpx.options(f"{client.base_url}{CHAT}", headers=asks)
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert before.headers["access-control-allow-headers"] == "authorization"
    upstream.answers[:] = [chat(), chat_stream()]
    for stream in (False, True):
        found = client.post(CHAT, json={**CHAT_REQUEST, "stream": stream}, headers={"origin": ORIGIN})
        assert found.headers["access-control-allow-origin"] == ORIGIN
    refused = httpx.post(f"{client.base_url}{CHAT}", json=CHAT_REQUEST, headers={"origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, ORIGIN)
    assert "origin" not in upstream.seen[0].headers


def test_a_browser_of_any_other_origin(client: httpx.Client) -> None:
    for found in (
        httpx.options(f"{client.base_url}{CHAT}", headers={"origin": "https://evil.example"}),
        client.get("/v1/models", headers={"origin": "https://evil.example"}),
    ):
        assert not [name for name in found.headers if name.startswith("access-control")]


INJECTED = "2023-06-01\r\nhost: y\r\ncontent-length: 0\r\n\r\nDELETE /v1/files/file-1 HTTP/1.1\r\nhost: x\r\nx-evil: 1"


def test_what_a_client_writes_is_no_line_of_a_head(client: httpx.Client, upstream: Provider) -> None:
    """Of a request with our credential least of all: what follows would be a request of the client's own making."""
    asked = {**MESSAGES_REQUEST, "model": "claude-test", "anthropic_version": INJECTED}
    upstream.answers[:] = [message()]
    client.post("/v1/messages", json=asked)
    assert [(seen.method, seen.path) for seen in upstream.seen] == [("POST", "/v1/messages")]
    assert "x-evil" not in upstream.seen[0].headers

    upstream.answers[:] = [chat()]
    found = client.post("/v1/messages", json={**MESSAGES_REQUEST, "model": "gpt-test", "a\r\nx-evil: 1": 1})
    assert found.status_code == 200 and "x-evil" not in found.headers


def test_what_is_lost_is_named_in_a_head_that_clients_can_read(client: httpx.Client, upstream: Provider) -> None:
    upstream.answers[:] = [chat()]
    unknown = {f"field-{number}-{'x' * 200}": 1 for number in range(2000)}
    found = client.post("/v1/messages", json={**MESSAGES_REQUEST, "model": "gpt-test", **unknown})
    assert found.status_code == 200
    assert found.headers["x-cliproxy-lost"].startswith("anthropic:field-0-x")
    assert len(found.headers["x-cliproxy-lost"]) < 8000
