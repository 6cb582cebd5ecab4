"""What a message and its answer look like as HTTP, and an HTTP answer as messages."""

from __future__ import annotations

import time

from mitmproxy import http

from cliproxy.translators import ir, sse, wire
from cliproxy.translators.formats import FORMATS

from .sockets import Socket

RESPONSES = FORMATS["openai_responses"]

_NOT_PASSED = frozenset({
    "connection", "upgrade", "content-length", "content-type", "content-encoding", "transfer-encoding",
    "accept", "accept-encoding",
})  # fmt: skip
_SHOWN = ("retry-after", "x-request-id", "x-cliproxy-id", "x-cliproxy-lost")
"""Headers that an error message repeats, for on a WebSocket there are no others."""
_LONGEST = 1024 * 1024
"""Bytes of an answer that is no stream."""


def request_of(upgrade: http.Request, message: bytes) -> http.Request:
    """The request that a message stands for: to the path of the upgrade, under its headers."""
    fields = [
        (name, value)
        for name, value in upgrade.headers.fields
        if (lower := name.decode("latin-1").lower()) not in _NOT_PASSED and not lower.startswith("sec-websocket-")
    ]
    made = http.Request.make("POST", "http://127.0.0.1:9/")
    made.headers = http.Headers(fields)
    _plain_beta(made.headers)
    made.headers["content-type"] = "application/json"
    made.headers["content-length"] = str(len(message))
    made.headers["accept"] = "text/event-stream"
    made.data.path = upgrade.data.path
    made.timestamp_start = time.time()
    return made


def _plain_beta(headers: http.Headers) -> None:
    """`openai-beta: responses_websockets=…` is of the connection, not of what is asked."""
    told = [one.strip() for listed in headers.get_all("openai-beta") for one in listed.split(",")]
    headers.set_all("openai-beta", [one for one in told if one and not one.startswith("responses_websockets")])


class AnswerFrames:
    """The bytes of one answer in, messages out. "" stands for a sign of life."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._head: http.Response | None = None
        self._decoder: sse.Decoder | None = None
        self._body: list[bytes] = []
        self._size = 0

    def begin(self, head: http.Response) -> None:
        self._head = head
        if head.status_code < 400 and "text/event-stream" in head.headers.get("content-type", ""):
            self._decoder = sse.Decoder()

    def feed(self, data: bytes) -> list[str]:
        if self._decoder is None:
            self._size += len(data)
            if self._size <= _LONGEST:
                self._body.append(data)
            return []
        frames = self._frames(self._decoder.feed(data))
        return frames or ([""] if data == sse.COMMENT else [])

    def close(self) -> list[str]:
        if self._decoder:
            return self._frames(self._decoder.close())
        head = self._head or http.Response.make(502)
        headers = {name: head.headers[name] for name in _SHOWN if name in head.headers}
        try:
            body = wire.loads(b"".join(self._body))
        except ValueError:
            body = None
        if head.status_code < 400 and isinstance(body, dict):
            return [_written({"type": "response.completed", "response": body}, self._lane)]
        if head.status_code < 400:
            return [error_frame(502, "The provider's answer could not be read.", lane=self._lane)]
        error = RESPONSES.parse_error(head.status_code, body)
        said = body.get("error") if isinstance(body, dict) else None
        return [_error(head.status_code, said if isinstance(said, dict) else _words(error), self._lane, headers)]

    def broken(self, message: str) -> list[str]:
        return [error_frame(502, f"The answer broke off: {message}", lane=self._lane)]

    @property
    def _lane(self) -> str:
        return self._socket.lane

    def _frames(self, events: list[sse.ServerSentEvent]) -> list[str]:
        return [_in_lane(event.data, self._lane) for event in events if event.data != "[DONE]"]


def error_frame(status: int, message: str, code: str = "", lane: str = "") -> str:
    """What the API sends when a message can't be answered: an `error` event with the status that HTTP would have."""
    return _error(status, _words(ir.Error(status, message, code=code)), lane, {})


def _words(error: ir.Error) -> ir.Json:
    said: ir.Json = RESPONSES.render_error(error)["error"]
    return said


def _error(status: int, said: ir.Json, lane: str, headers: dict[str, str]) -> str:
    with_headers = {**said, "headers": headers} if headers else said
    return _written({"type": "error", "status": status, "error": with_headers}, lane)


def _written(event: ir.Json, lane: str) -> str:
    return _in_lane(wire.dumps(event).decode(), lane)


def _in_lane(data: str, lane: str) -> str:
    """The client named the lane that it wants to hear this answer on; the rest of the text stays as it is."""
    if not lane or not data.startswith("{"):
        return data
    return f'{{"stream_id":{wire.dumps(lane).decode()},{data[1:]}'
