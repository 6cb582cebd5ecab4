"""Takes clients of the Responses API over to WebSocket, and reads their messages as the requests that they are."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import FORMATS

from .. import endpoints, exchange, replies
from ..applied import Applied
from ..settings import ResponsesSettings
from . import sockets
from .sockets import Socket

_RESPONSES = FORMATS["openai_responses"]
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""
_OF_THE_MESSAGE = ("type", "generate", "stream_id")
"""What a message has beside the body of a request."""
_SERVED = "response.create"


class Upgrade:
    def __init__(self) -> None:
        self.settings = ResponsesSettings()

    def use(self, applied: Applied) -> None:
        self.settings = applied.settings.responses

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        request, client = flow.request, exchange.client_of(flow)
        if flow.response or client is None or request.headers.get("upgrade", "").lower() != "websocket":
            return
        if refusal := self._refusal(request):
            # 426 makes clients fall back to HTTP at once; any other status costs them seconds of further tries.
            flow.response = replies.error(request, ir.Error(426, refusal))
            flow.response.headers["upgrade"] = "HTTP/1.1"
        else:
            flow.response = accepted(request)

    def _refusal(self, request: http.Request) -> str:
        """ "" where the connection may be taken over."""
        found = endpoints.find(request.path, request.headers, request.query)
        if not found or found.operation != "generate" or found.format is not _RESPONSES:
            return "WebSocket is served at /v1/responses only; send this request by HTTP."
        if not self.settings.websocket:
            return "WebSocket is not served here; send the request by HTTP POST."
        if sockets.count() >= self.settings.connections:
            return f"{sockets.count()} WebSockets are open, as many as may be; send the request by HTTP POST."
        if request.method != "GET" or not request.http_version.startswith("HTTP/1"):
            return "A WebSocket begins with GET over HTTP/1.1."
        if request.headers.get("sec-websocket-version") != "13" or "sec-websocket-key" not in request.headers:
            return "A WebSocket begins with Sec-WebSocket-Version: 13 and a Sec-WebSocket-Key."
        return ""

    def websocket_start(self, flow: http.HTTPFlow) -> None:
        """Only now: until here another addon could have answered, and the connection would have stayed plain HTTP."""
        if client := exchange.client_of(flow):
            sockets.open(flow.client_conn, Socket(client, flow.request.copy(), self.settings))

    def request(self, flow: http.HTTPFlow) -> None:
        """Before routing: the message becomes the body of a streamed request."""
        socket = sockets.of(flow.client_conn)
        if not socket or flow.response or flow.request.method != "POST":
            return
        socket.lane, socket.prewarm = "", False
        message = read(flow.request.content or b"")
        if isinstance(message, ir.Error):
            flow.response = replies.error(flow.request, message)
            return
        lane = message.get("stream_id")
        socket.lane = lane if isinstance(lane, str) else ""
        socket.prewarm = message.get("generate") is False
        body = {name: value for name, value in message.items() if name not in _OF_THE_MESSAGE}
        flow.request.content = wire.dumps({**body, "stream": True})


def accepted(request: http.Request) -> http.Response:
    """The answer that RFC 6455 asks for, without extensions."""
    proof = hashlib.sha1(request.headers["sec-websocket-key"].encode() + _GUID, usedforsecurity=False).digest()
    response = http.Response.make(101)
    response.headers = http.Headers(
        upgrade="websocket", connection="Upgrade", sec_websocket_accept=base64.b64encode(proof).decode()
    )
    return response


def read(content: bytes) -> dict[str, Any] | ir.Error:
    """The `response.create` in a message, or what is wrong with it."""
    try:
        message = wire.loads(content)
    except ValueError as fault:
        return ir.Error(400, f"The message is not valid JSON: {fault}.")
    if not isinstance(message, dict):
        return ir.Error(400, f"The message must be a JSON object, not {wire.kind_of(message)}.")
    if message.get("type") != _SERVED:
        said = message.get("type")
        named = repr(said[:40]) if isinstance(said, str) else "one without a type"
        error = f"Messages of type {_SERVED!r} are served here, not {named}."
        return ir.Error(400, error, code="unsupported_event", param="type")
    return message
