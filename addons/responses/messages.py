"""A client connection that was upgraded to WebSocket, as mitmproxy's HTTP layer sees it: one more kind of HTTP.

There HTTP/1 and HTTP/2 have a connection class each; this is the one of messages. Each message of the client is a
request to the path of the upgrade, and each server-sent event of its answer a message back. So a message passes
through all addons as any other exchange does, and a client that leaves cancels it.

Like failover.py, whose layer puts it in place, this leans on mitmproxy's internals (checked against 12.2).
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from mitmproxy import http
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http._base import HttpConnection, HttpEvent, ReceiveHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestData,
    RequestEndOfMessage,
    RequestHeaders,
    RequestProtocolError,
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.websocket import WebsocketEndHook, WebsocketStartHook
from wsproto import events as frames  # a package that mitmproxy itself needs
from wsproto.connection import Connection, ConnectionType
from wsproto.connection import ConnectionState as WireState
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import RemoteProtocolError

from . import sockets
from .frames import AnswerFrames, error_frame, request_of
from .sockets import Socket

WAITING = 8
"""Messages that may wait for the one before them."""

type Commands = layer.CommandGenerator[None]


@dataclass(slots=True)
class _Inbox:
    """Messages that came and are not begun; `size` counts their bytes, and those of one still coming in."""

    whole: deque[bytes] = field(default_factory=deque)
    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, piece: bytes, ends: bool) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        if ends:
            self.whole.append(b"".join(self.pieces))
            self.pieces.clear()

    def next(self) -> bytes:
        message = self.whole.popleft()
        self.size -= len(message)
        return message

    def drop(self) -> None:
        """The last one is not to be begun at all."""
        self.size -= len(self.whole.pop())


class MessageServer(HttpConnection):
    """One answer at a time; what comes meanwhile waits its turn."""

    def __init__(self, context: Context, upgrade: http.HTTPFlow, stream_id: int, limit: int) -> None:
        """`stream_id`: of the stream that was upgraded. `limit`: bytes that the client may have waiting here."""
        super().__init__(context, context.client)
        self._socket: Socket
        self._upgrade, self._limit = upgrade, limit
        self._wire = Connection(ConnectionType.SERVER)
        self._stream_id = stream_id
        self._answer: AnswerFrames | None = None
        self._inbox = _Inbox()
        self._active = time.monotonic()

    def _handle_event(self, event: events.Event) -> Commands:
        match event:
            case events.Start():
                yield from self._open()
            case events.Wakeup():
                yield from self._check_idle()
            case events.DataReceived():
                yield from self._receive(event.data)
            case events.ConnectionClosed():
                yield from self._end(CloseReason.ABNORMAL_CLOSURE, "", by_client=True)
            case HttpEvent() if self._answer and event.stream_id == self._stream_id:
                yield from self._send(event, self._answer)

    def _open(self) -> Commands:
        yield WebsocketStartHook(self._upgrade)
        if socket := sockets.of(self.context.client):
            self._socket = socket
            yield commands.RequestWakeup(socket.settings.idle)
        else:
            yield from self._close(CloseReason.INTERNAL_ERROR, "The gateway failed; its log says why.")

    # -- from the client ----------------------------------------------------------------

    def _receive(self, data: bytes) -> Commands:
        self._active = time.monotonic()
        try:
            self._wire.receive_data(data)
            for event in self._wire.events():
                yield from self._frame(event)
        except RemoteProtocolError as fault:
            hint: Any = fault.event_hint
            yield from self._close(getattr(hint, "code", CloseReason.PROTOCOL_ERROR), str(fault))

    def _frame(self, event: frames.Event) -> Commands:
        match event:
            case frames.TextMessage():
                self._inbox.add(event.data.encode(), event.message_finished)
                yield from self._take()
            case frames.BytesMessage():
                yield from self._close(CloseReason.UNSUPPORTED_DATA, "Messages must be text.")
            case frames.Ping():
                yield from self._write(event.response())
            case frames.CloseConnection():
                # Of the client, or of the parser, for which the client's bytes were no frames.
                yield from self._write(event.response())
                yield from self._end(event.code, event.reason or "", by_client=True)

    def _take(self) -> Commands:
        if self._inbox.size > self._limit:
            reason = f"More than {self._limit} bytes are waiting here, the limit of this gateway."
            yield from self._close(CloseReason.MESSAGE_TOO_BIG, reason)
        elif len(self._inbox.whole) > WAITING:
            self._inbox.drop()
            message = f"{WAITING} messages wait already: one response at a time is made on a connection."
            yield from self._text(error_frame(429, message, "too_many_messages", self._socket.lane))
        elif self._inbox.whole and not self._answer:
            yield from self._begin(self._inbox.next())

    def _begin(self, message: bytes) -> Commands:
        self._stream_id += 2
        self._answer = AnswerFrames(self._socket)
        request = request_of(self._socket.upgrade, message)
        yield ReceiveHttp(RequestHeaders(self._stream_id, request, end_stream=False))
        yield ReceiveHttp(RequestData(self._stream_id, message))
        yield ReceiveHttp(RequestEndOfMessage(self._stream_id))

    # -- to the client ------------------------------------------------------------------

    def _send(self, event: HttpEvent, answer: AnswerFrames) -> Commands:
        self._active = time.monotonic()
        match event:
            case ResponseHeaders():
                answer.begin(event.response)
            case ResponseData():
                yield from self._pass(answer.feed(event.data))
            case ResponseEndOfMessage():
                yield from self._pass(answer.close())
                yield from self._next()
            case ResponseProtocolError():
                yield from self._pass(answer.broken(event.message))
                yield from self._next()

    def _next(self) -> Commands:
        self._answer = None
        if not self.context.options.server:
            yield from self._close(CloseReason.GOING_AWAY, "The gateway stops.")
        else:
            yield from self._take()

    def _pass(self, frames: list[str]) -> Commands:
        for frame in frames:
            yield from self._text(frame)

    def _text(self, frame: str) -> Commands:
        """ "" is a sign of life."""
        yield from self._write(frames.TextMessage(frame) if frame else frames.Ping())

    def _write(self, event: frames.Event) -> Commands:
        if self._wire.state in (WireState.OPEN, WireState.REMOTE_CLOSING):
            yield commands.SendData(self.conn, self._wire.send(event))

    # -- the end ------------------------------------------------------------------------

    def _check_idle(self) -> Commands:
        limit = self._socket.settings.idle
        silent = time.monotonic() - self._active
        if self._answer:
            yield commands.RequestWakeup(limit)
        elif silent < limit:
            yield commands.RequestWakeup(limit - silent)
        else:
            yield from self._close(CloseReason.GOING_AWAY, f"Nothing was sent for {limit:.0f} seconds.")

    def _close(self, code: int, reason: str) -> Commands:
        yield from self._write(frames.CloseConnection(code, reason[:100]))
        yield from self._end(code, reason, by_client=False)

    def _end(self, code: int, reason: str, by_client: bool) -> Commands:
        """The provider is hung up on first, the client last: with the client mitmproxy ends all tasks of a connection,
        and a task that is ended while it closes a socket leaves it open."""
        self._handle_event = self._done  # type: ignore[method-assign]
        if self._answer:
            self._answer = None
            gone = RequestProtocolError(self._stream_id, "Client disconnected.", ErrorCode.CLIENT_DISCONNECTED)
            yield ReceiveHttp(gone)
        sockets.closed(self.context.client)
        assert self._upgrade.websocket
        self._upgrade.websocket.closed_by_client = by_client
        self._upgrade.websocket.close_code, self._upgrade.websocket.close_reason = code, reason
        self._upgrade.websocket.timestamp_end = time.time()
        self._upgrade.live = False
        yield WebsocketEndHook(self._upgrade)
        yield commands.CloseConnection(self.conn)

    def _done(self, event: events.Event) -> Commands:
        yield from ()
