"""Responses over WebSocket through a running gateway, with every kind of upstream behind it."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from certificates import certificate
from mitmproxy import io
from mitmproxy.http import HTTPFlow
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, stream, whole
from wires import (
    TEXT,
    chat_pieces,
    chat_stream,
    gemini_stream,
    message_stream,
    response_body,
    response_stream,
)

openai = pytest.importorskip("openai")
client = pytest.importorskip("websockets.sync.client")

STREAMED = {
    "openai_chat": chat_stream, "openai_responses": response_stream,
    "anthropic": message_stream, "gemini": gemini_stream,
}  # fmt: skip
FORMATS = {"openai_chat": "openai", "openai_responses": "responses", "anthropic": "anthropic", "gemini": "gemini"}
each_upstream = pytest.mark.parametrize("upstream", FORMATS)


def config(server: Provider, **more: Any) -> dict[str, Any]:
    custom: dict[str, Any] = {
        f"to-{name}": {
            "base-url": server.url + ("/v1" if "openai" in name else ""), "format": word, "models": [f"to-{name}"],
        }
        for name, word in FORMATS.items()
    }  # fmt: skip
    two = {"base-url": f"{server.url}/v1", "models": ["two"], "api-key": "sk-test-1"}
    credentials = {"credentials": {"two": [{"key": "sk-test-2"}]}, "strategy": "fill-first"}
    return {"custom-providers": {**custom, "two": two}, "load-balance": credentials, **more}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Provider, Path]]:
    recorded = tmp_path_factory.mktemp("flows")
    with provider(chat_stream()) as server, gateway(config(server, record=str(recorded))) as running:
        yield running, server, recorded


@pytest.fixture
def server(site: tuple[Gateway, Provider, Path]) -> Provider:
    site[1].seen.clear()
    site[1].gone = 0
    return site[1]


def connect(running: Gateway, key: str = KEY, path: str = "/v1/responses", **more: Any) -> Any:
    headers = {"authorization": f"Bearer {key}"}
    return client.connect(running.url.replace("http", "ws") + path, additional_headers=headers, proxy=None, **more)


def say(open: Any, **message: Any) -> None:
    open.send(json.dumps({"type": "response.create", **message}))


def hear(open: Any) -> list[Any]:
    """All events up to the last of an answer."""
    heard = []
    while not heard or heard[-1]["type"] not in ("response.completed", "response.failed", "error"):
        heard.append(json.loads(open.recv(timeout=20)))
    return heard


def ask(open: Any, **message: Any) -> Any:
    say(open, **message)
    last = hear(open)[-1]
    assert last["type"] == "response.completed", last
    return last["response"]


def texts(sent: Any) -> list[str]:
    return [f"{one['role']}: {one['content']}" for one in sent["messages"]]


@each_upstream
def test_the_sdk_holds_a_conversation(site: Any, server: Provider, upstream: str) -> None:
    server.answers[:] = [STREAMED[upstream]()]
    sdk = openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=KEY)
    with sdk.responses.connect() as connection:
        for _ in range(2):
            connection.response.create(model=f"to-{upstream}", input="Hi", store=False)
            answer = next(event.response for event in connection if event.type == "response.completed")
            assert answer.output_text == TEXT
    assert len(server.seen) == 2


@each_upstream
def test_prewarm_then_only_what_is_new(site: Any, server: Provider, upstream: str) -> None:
    """As Codex does it: `store: false` throughout."""
    server.answers[:] = [STREAMED[upstream]()]
    common = {"model": f"to-{upstream}", "store": False}
    with connect(site[0]) as open:
        warm = ask(open, input="One", instructions="Be brief.", generate=False, **common)
        assert (warm["output"], server.seen) == ([], [])
        first = ask(open, input=[], instructions="Be brief.", previous_response_id=warm["id"], **common)
        ask(open, input="Two", previous_response_id=first["id"], **common)
    sent = json.dumps(server.seen[-1].json)
    assert [sent.find(said) >= 0 for said in ("One", TEXT, "Two", "previous_response_id")] == [True, True, True, False]
    assert sent.index("One") < sent.index(TEXT) < sent.index("Two")
    assert all(word not in sent for word in ('"generate"', "response.create"))


def test_only_the_last_response_is_remembered(site: Any, server: Provider) -> None:
    server.answers[:] = [chat_stream()]
    with connect(site[0]) as open:
        first = ask(open, model="two", input="One", store=False)
        ask(open, model="two", input="Two", store=False)
        say(open, model="two", input="Three", store=False, previous_response_id=first["id"])
        assert hear(open)[-1]["error"]["code"] == "previous_response_not_found"
    with connect(site[0]) as other:
        say(other, model="two", input="Two", previous_response_id=first["id"])
        assert hear(other)[-1]["error"]["code"] == "previous_response_not_found"


def test_what_is_kept_outlives_the_connection(site: Any, server: Provider) -> None:
    server.answers[:] = [chat_stream()]
    with connect(site[0]) as open:
        first = ask(open, model="two", input="One")
    with connect(site[0]) as open:
        ask(open, model="two", input="Two", previous_response_id=first["id"])
    assert texts(server.seen[-1].json) == ["user: One", f"assistant: {TEXT}", "user: Two"]
    sdk = openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=KEY)
    assert sdk.responses.retrieve(first["id"]).output_text == TEXT


def test_messages_are_answered_one_after_the_other_each_in_its_lane(site: Any, server: Provider) -> None:
    server.answers[:] = [chat_stream(pause=0.05)]
    with connect(site[0]) as open:
        for lane in "abc":
            say(open, model="two", input=lane, stream_id=lane)
        lanes = [{event["stream_id"] for event in hear(open)} for _ in "abc"]
    assert lanes == [{"a"}, {"b"}, {"c"}]
    assert [texts(seen.json) for seen in server.seen] == [[f"user: {lane}"] for lane in "abc"]


@pytest.mark.parametrize(
    "message, status, why",
    [
        ("{nonsense", 400, "not valid JSON"),
        ('{"type": "response.append", "input": []}', 400, "not 'response.append'"),
        ('{"type": "response.create"}', 400, "model must be a string"),
        ('{"type": "response.create", "model": "nope"}', 404, "No provider serves the model 'nope'"),
        ('{"type": "response.create", "model": "two", "input": 7}', 400, "input must be"),
    ],
)
def test_a_message_that_can_t_be_served_is_an_error_and_the_connection_stays(
    site: Any, server: Provider, message: str, status: int, why: str
) -> None:
    server.answers[:] = [chat_stream()]
    with connect(site[0]) as open:
        open.send(message)
        [error] = hear(open)
        assert (error["type"], error["status"]) == ("error", status)
        assert why in error["error"]["message"]
        assert ask(open, model="two", input="Hi")["status"] == "completed"


@pytest.mark.parametrize("politely", [True, False])
def test_a_client_that_leaves_cancels_its_answer_upstream(site: Any, server: Provider, politely: bool) -> None:
    server.answers[:] = [stream(*chat_pieces(*[{"content": "x"}] * 200), pause=0.05)]
    with connect(site[0]) as open:
        say(open, model="two", input="Hi")
        json.loads(open.recv(timeout=20))
        if not politely:
            open.socket.shutdown(socket.SHUT_RDWR)
    deadline = time.monotonic() + 8
    while not server.gone and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.gone == 1
    assert "Traceback" not in site[0].log() and "KeyError" not in site[0].log()


def test_frames_that_come_with_the_upgrade_are_not_lost(site: Any, server: Provider) -> None:
    server.answers[:] = [chat_stream()]
    address = urlsplit(site[0].url)
    text = json.dumps({"type": "response.append"}).encode()
    frame = bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text  # masked with zeros
    head = (
        f"GET /v1/responses HTTP/1.1\r\nhost: x\r\nx-api-key: {KEY}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), 10) as raw:
        raw.sendall(head.encode() + frame)
        received = b""
        while b"response.append" not in received:
            received += raw.recv(4096)
    assert received.startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("key, path, status", [("sk-test-wrong", "/v1/responses", 401), (KEY, "/v1/messages", 426)])
def test_who_is_not_let_in_is_told_over_http(site: Any, key: str, path: str, status: int) -> None:
    with pytest.raises(Exception, match=f"HTTP {status}"), connect(site[0], key, path):
        pass


def test_a_key_at_the_upgrade_is_no_key_for_the_connection_before_it(site: Any, server: Provider) -> None:
    """A refused upgrade leaves plain HTTP, where each request shows its key."""
    import httpx

    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "8"}
    with httpx.Client(base_url=site[0].url) as kept:
        first = kept.get("/v1/responses", headers={**upgrade, "x-api-key": KEY})
        second = kept.post("/v1/responses", json={"model": "two", "input": "Hi"})
    assert (first.status_code, second.status_code) == (426, 401)


def test_every_message_is_an_exchange_and_no_key_is_recorded(site: Any, server: Provider) -> None:
    before = set(site[2].iterdir())
    server.answers[:] = [chat_stream()]
    with connect(site[0]) as open:
        for _ in range(2):
            ask(open, model="two", input="Hi", store=False)
    deadline = time.monotonic() + 5
    while len(new := set(site[2].iterdir()) - before) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(new) == 2
    for path in new:
        with path.open("rb") as file:
            flows = [flow for flow in io.FlowReader(file).stream() if isinstance(flow, HTTPFlow)]
        assert [flow.request.method for flow in flows] == ["POST", "POST"]
        assert flows[0].request.path == "/v1/responses"
        content = path.read_bytes()
        assert KEY.encode() not in content and b"sk-test-1" not in content


@contextlib.contextmanager
def other_site(**more: Any) -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat_stream()) as server, gateway(config(server, **more)) as running:
        yield running, server


def test_a_failing_credential_is_replaced_inside_the_message_and_the_last_word_has_its_status() -> None:
    slow = whole({"error": {"message": "slow down", "type": "x"}}, 429, headers={"retry-after": "7"})
    with other_site() as (running, server), connect(running) as open:
        server.answers[:] = [slow, chat_stream()]
        assert ask(open, model="two", input="Hi")["output"][0]["content"][0]["text"] == TEXT
        assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer sk-test-1", "Bearer sk-test-2"]
        server.answers[:] = [slow]
        say(open, model="two", input="Hi")
        [error] = hear(open)
        assert (error["type"], error["status"]) == ("error", 429)
        assert 0 < float(error["error"]["headers"]["retry-after"]) <= 60
        assert error["error"]["message"]


def test_a_stream_that_breaks_off_is_an_error_and_the_connection_stays() -> None:
    with other_site() as (running, server), connect(running) as open:
        server.answers[:] = [stream(*chat_pieces()[:2], drop="body"), chat_stream()]
        say(open, model="two", input="Hi")
        heard = hear(open)
        assert heard[-1]["type"] == "error"
        while json.loads(open.recv(timeout=20))["type"] != "response.failed":
            pass
        assert ask(open, model="two", input="Hi")["status"] == "completed"


def test_where_it_is_switched_off() -> None:
    with (
        other_site(responses={"websocket": False}) as (running, _),
        pytest.raises(Exception, match="HTTP 426"),
        connect(running),
    ):
        pass


def test_over_tls(tmp_path: Path) -> None:
    cert_file, key_file = certificate(tmp_path, "one")
    tls = {"enabled": True, "cert-file": str(cert_file), "key-file": str(key_file)}
    with other_site(tls=tls) as (running, _):
        trusted = ssl.create_default_context(cafile=str(cert_file))
        url = running.url.replace("http://127.0.0.1", "wss://localhost") + "/v1/responses"
        headers = {"authorization": f"Bearer {KEY}"}
        with client.connect(url, additional_headers=headers, proxy=None, ssl=trusted) as open:
            assert ask(open, model="two", input="Hi")["status"] == "completed"


def test_silence_and_too_many() -> None:
    with other_site(responses={"idle": 0.3, "connections": 1}) as (running, _), connect(running) as open:
        with pytest.raises(Exception, match="HTTP 426"), connect(running):
            pass
        with pytest.raises(Exception, match="Nothing was sent for"):
            open.recv(timeout=10)
        with connect(running) as again:  # there is room for it now
            assert ask(again, model="two", input="Hi")["status"] == "completed"


def test_a_gateway_that_stops_ends_the_answer_and_then_the_connection() -> None:
    with other_site() as (running, server), connect(running) as open, connect(running) as idle:
        server.answers[:] = [chat_stream(pause=0.1)]
        say(open, model="two", input="Hi")
        json.loads(open.recv(timeout=20))
        running.process.send_signal(signal.SIGTERM)
        assert hear(open)[-1]["type"] == "response.completed"
        with pytest.raises(Exception, match="The gateway stops"):
            open.recv(timeout=10)
        assert running.process.wait(10) == 0
        with pytest.raises(Exception, match=r"no close frame|1001"):
            idle.recv(timeout=10)


def test_the_providers_own_store_is_gone_on_with() -> None:
    def kept(id: str) -> Answer:
        body = {**response_body("completed", []), "id": id, "store": True}
        first = {**response_body("in_progress", [], None), "id": id, "store": True}
        events = ({"type": "response.created", "response": first}, {"type": "response.completed", "response": body})
        return stream(*(f"data: {json.dumps(event)}\n\n".encode() for event in events))

    with other_site() as (running, server), connect(running) as open:
        server.answers[:] = [kept("resp_a"), kept("resp_b")]
        first = ask(open, model="to-openai_responses", input="One")
        ask(open, model="to-openai_responses", input="Two", previous_response_id=first["id"])
        assert server.seen[-1].json == {
            "model": "to-openai_responses", "input": "Two", "previous_response_id": "resp_a", "stream": True,
        }  # fmt: skip
