"""Who is taken over to WebSocket, and what a message is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from exchanges import applied, error_of, flow
from mitmproxy import http

from cliproxy.addons import exchange
from cliproxy.addons.responses import sockets
from cliproxy.addons.responses.sockets import Socket
from cliproxy.addons.responses.upgrade import Upgrade
from cliproxy.addons.settings import ResponsesSettings

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEADERS = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13", "sec-websocket-key": KEY}


@pytest.fixture(autouse=True)
def none_open() -> Iterator[None]:
    yield
    sockets._open.clear()


def asked(path: str = "/v1/responses", client: str | None = "ann", config: str = "", **headers: str) -> http.HTTPFlow:
    addon, one = Upgrade(), flow("GET", path, headers={**HEADERS, **headers})
    addon.use(applied(config))
    if client is not None:
        exchange.admit(one, client)
    addon.requestheaders(one)
    return one


def opened(**headers: str) -> http.HTTPFlow:
    one = asked(**headers)
    Upgrade().websocket_start(one)
    return one


def said(message: Any) -> tuple[http.HTTPFlow, Socket]:
    upgrade = opened()
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    one = flow("POST", "/v1/responses", content)
    one.client_conn = upgrade.client_conn
    Upgrade().request(one)
    socket = sockets.of(one.client_conn)
    assert socket
    return one, socket


@pytest.mark.parametrize("path", ["/v1/responses", "/responses", "/v1/v1/responses?x=1"])
@pytest.mark.parametrize("word", ["websocket", "WebSocket"])
def test_the_upgrade_is_answered_as_rfc_6455_says(path: str, word: str) -> None:
    response = asked(path, upgrade=word).response
    assert response
    assert (response.status_code, response.content) == (101, b"")
    # The proof of the sample in RFC 6455, section 1.3.
    assert dict(response.headers) == {
        "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path, config, headers, why",
    [
        ("/v1/messages", "", {}, "at /v1/responses only"),
        ("/v1/nope", "", {}, "at /v1/responses only"),
        ("/v1/responses/resp_1", "", {}, "at /v1/responses only"),
        (
            "/v1/responses",
            "responses: {websocket: false}",
            {},
            "WebSocket is not served here; send the request by HTTP POST.",
        ),
        ("/v1/responses", "", {"sec-websocket-version": "8"}, "Sec-WebSocket-Version: 13"),
    ],
)
def test_what_is_not_served_falls_back_at_once(path: str, config: str, headers: dict[str, str], why: str) -> None:
    response = asked(path, config=config, **headers).response
    assert response
    assert (response.status_code, response.headers["upgrade"]) == (426, "HTTP/1.1")
    assert why in error_of(response)["message"]


def test_no_more_than_may_be() -> None:
    assert opened().response.status_code == 101  # type: ignore[union-attr]
    kept = opened()
    response = asked(config="responses: {connections: 1}").response
    assert response and response.status_code == 426
    assert kept.client_conn


def test_nobody_else_is_touched() -> None:
    assert asked(client=None).response is None
    assert asked(upgrade="h2c").response is None
    refused = flow("GET", "/v1/responses", headers=HEADERS)
    exchange.admit(refused, "ann")
    refused.response = http.Response.make(429)
    Upgrade().requestheaders(refused)
    assert refused.response.status_code == 429


def test_until_the_101_is_out_the_connection_is_plain_http() -> None:
    one = asked()
    assert sockets.of(one.client_conn) is None
    Upgrade().websocket_start(one)
    socket = sockets.of(one.client_conn)
    assert socket and (socket.client, socket.settings) == ("ann", ResponsesSettings())


def test_a_message_becomes_a_streamed_request() -> None:
    message = {"type": "response.create", "model": "m", "input": "Hi", "generate": False, "stream_id": "a"}
    one, socket = said(message)
    assert json.loads(one.request.content or b"") == {"model": "m", "input": "Hi", "stream": True}
    assert (socket.prewarm, socket.lane) == (True, "a")


def test_nothing_of_a_message_is_left_for_the_next() -> None:
    one, socket = said({"type": "response.create", "generate": False, "stream_id": "a"})
    again = flow("POST", "/v1/responses", {"type": "response.create", "model": "m"})
    again.client_conn = one.client_conn
    Upgrade().request(again)
    assert (socket.prewarm, socket.lane) == (False, "")


@pytest.mark.parametrize(
    "message, why",
    [
        (b"{nonsense", "not valid JSON"),
        ([], "must be a JSON object, not a list"),
        ({"model": "m"}, "'response.create' are served here, not one without a type"),
        ({"type": "response.append", "input": []}, "not 'response.append'"),
        ({"type": 7}, "not one without a type"),
    ],
)
def test_other_messages_are_refused(message: Any, why: str) -> None:
    one, _ = said(message)
    assert one.response and one.response.status_code == 400
    assert why in error_of(one.response)["message"]


def test_a_plain_request_is_not_touched() -> None:
    one = flow("POST", "/v1/responses", b"{nonsense")
    Upgrade().request(one)
    assert (one.response, one.request.content) == (None, b"{nonsense")
