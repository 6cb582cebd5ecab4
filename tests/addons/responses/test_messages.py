"""The connection of messages: what it makes of frames and of answers. tests/gateway/test_websocket.py runs it whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from exchanges import flow
from mitmproxy import connection, http
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import _events as http_events
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.websocket import WebsocketEndHook, WebsocketStartHook
from mitmproxy.test import taddons, tflow
from mitmproxy.websocket import WebSocketData
from wires import sse
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage

from cliproxy.addons.responses import messages, sockets
from cliproxy.addons.responses.messages import WAITING, MessageServer
from cliproxy.addons.responses.sockets import Socket
from cliproxy.addons.settings import ResponsesSettings

LIMIT = 1000


class Driven:
    """A connection with a client at its other end. `sent`: the frames that the client got, as wsproto reads them."""

    def __init__(self, opens: bool = True) -> None:
        context = Context(tflow.tclient_conn(), taddons.context(Proxyserver()).options)
        context.client.state = connection.ConnectionState.OPEN
        self.upgrade = flow("GET", "/v1/responses", headers={"user-agent": "codex"})
        self.upgrade.websocket = WebSocketData()
        self.client, self.opens = context.client, opens
        self.layer = MessageServer(context, self.upgrade, 1, LIMIT)
        self.wire = Connection(ConnectionType.CLIENT)
        self.sent: list[Event] = []
        self.received: list[Any] = []
        self.hooks: list[type] = []
        self.timers: list[commands.RequestWakeup] = []
        self.closed = False
        self.feed(events.Start())

    def feed(self, event: events.Event) -> None:
        waiting = [event]
        while waiting:
            for command in self.layer.handle_event(waiting.pop(0)):
                self._command(command)
                if isinstance(command, commands.StartHook):
                    waiting.append(events.HookCompleted(command))

    def _command(self, command: commands.Command) -> None:
        match command:
            case WebsocketStartHook() | WebsocketEndHook():
                self.hooks.append(type(command))
                if isinstance(command, WebsocketStartHook) and self.opens:
                    sockets.open(self.client, Socket("ann", self.upgrade.request, ResponsesSettings(idle=60)))
            case commands.SendData():
                self.wire.receive_data(command.data)
                self.sent += self.wire.events()
            case commands.CloseConnection():
                self.closed = True
            case commands.RequestWakeup():
                self.timers.append(command)
            case ReceiveHttp():
                self.received.append(command.event)

    def send(self, event: Event) -> None:
        self.feed(events.DataReceived(self.client, self.wire.send(event)))

    def say(self, text: str) -> None:
        self.send(TextMessage(text))

    def answer(self, *pieces: bytes, id: int = 3, **headers: str) -> None:
        head = http.Response.make(200, b"", {"content-type": "text/event-stream", **headers})
        self.feed(http_events.ResponseHeaders(id, head))
        for piece in pieces:
            self.feed(http_events.ResponseData(id, piece))
        self.feed(http_events.ResponseEndOfMessage(id))

    @property
    def asked(self) -> list[bytes]:
        return [event.data for event in self.received if isinstance(event, http_events.RequestData)]

    @property
    def texts(self) -> list[Any]:
        return [json.loads(event.data) for event in self.sent if isinstance(event, TextMessage)]

    @property
    def close(self) -> CloseConnection:
        return next(event for event in self.sent if isinstance(event, CloseConnection))


@pytest.fixture
def one() -> Iterator[Driven]:
    yield Driven()
    sockets._open.clear()


def test_messages_that_were_refused_take_no_room(one: Driven) -> None:
    for _ in range(WAITING + 2 * LIMIT // 100):
        one.say(json.dumps({"a": "x" * 80}))
    assert one.texts and all(told["status"] == 429 for told in one.texts)
    assert not one.closed


def test_a_message_is_a_request(one: Driven) -> None:
    one.say('{"a":1}')
    head, body, end = one.received
    assert (head.request.method, head.request.path, head.request.headers["user-agent"]) == (
        "POST", "/v1/responses", "codex",
    )  # fmt: skip
    assert (head.stream_id, body.data, body.stream_id, end.stream_id) == (3, b'{"a":1}', 3, 3)


def test_each_event_of_the_answer_is_a_message(one: Driven) -> None:
    one.say("{}")
    one.answer(sse({"type": "a"}) + sse({"type": "b"}), sse({"type": "c"}))
    assert [text["type"] for text in one.texts] == ["a", "b", "c"]
    assert not one.closed


def test_a_message_in_pieces_is_one(one: Driven) -> None:
    one.send(TextMessage('{"a"', message_finished=False))
    assert one.received == []
    one.send(TextMessage(":1}"))
    assert one.asked == [b'{"a":1}']


def test_frames_in_one_read_and_bytes_one_by_one(one: Driven) -> None:
    data = one.wire.send(TextMessage("1")) + one.wire.send(TextMessage("2"))
    for byte in data:
        one.feed(events.DataReceived(one.client, bytes([byte])))
    assert one.asked == [b"1"]
    one.answer()
    assert one.asked == [b"1", b"2"]


def test_one_answer_at_a_time_and_the_next_when_it_is_done(one: Driven) -> None:
    one.say("1")
    one.say("2")
    one.say("3")
    assert one.asked == [b"1"]
    one.answer(sse({"type": "a"}), id=3)
    assert one.asked == [b"1", b"2"]
    one.feed(http_events.ResponseProtocolError(5, "reset", http_events.ErrorCode.GENERIC_SERVER_ERROR))
    assert one.texts[-1]["status"] == 502
    assert one.asked == [b"1", b"2", b"3"]


def test_what_comes_late_of_an_earlier_answer_is_nobodys(one: Driven) -> None:
    one.say("1")
    one.answer(id=3)
    one.feed(http_events.ResponseData(3, sse({"type": "late"})))
    one.say("2")
    one.feed(http_events.ResponseData(3, sse({"type": "late"})))
    assert one.texts == []


def test_so_many_may_wait(one: Driven) -> None:
    for number in range(WAITING + 2):
        one.say(str(number))
    [refused] = one.texts
    assert (refused["status"], refused["error"]["code"]) == (429, "too_many_messages")
    one.answer()
    assert one.asked == [b"0", b"1"]


@pytest.mark.parametrize("finished", [True, False])
def test_more_bytes_than_may_wait_close_it(one: Driven, finished: bool) -> None:
    one.send(TextMessage("x" * (LIMIT + 1), message_finished=finished))
    assert (one.close.code, one.closed, one.received) == (1009, True, [])


def test_bytes_that_wait_count_together(one: Driven) -> None:
    one.say("x" * LIMIT)
    one.say("y" * (LIMIT - 1))
    assert not one.closed
    one.say("zz")
    assert one.close.code == 1009


def test_messages_are_text(one: Driven) -> None:
    one.send(BytesMessage(b"{}"))
    assert (one.close.code, one.received) == (1003, [])


@pytest.mark.parametrize("data", [b"\x81\x02hi", b"\x83\x80\x00\x00\x00\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_websocket_closes_it(one: Driven, data: bytes) -> None:
    one.feed(events.DataReceived(one.client, data))
    assert (one.close.code, one.closed, one.received) == (1002, True, [])


def test_a_ping_is_answered(one: Driven) -> None:
    one.send(Ping(b"x"))
    assert one.sent == [Pong(b"x")]


def test_a_sign_of_life_is_a_ping(one: Driven) -> None:
    one.say("{}")
    one.answer(b": keep-alive\n\n")
    assert [type(event) for event in one.sent] == [Ping]


@pytest.mark.parametrize("politely", [True, False])
def test_a_client_that_leaves_cancels_its_answer(one: Driven, politely: bool) -> None:
    one.say("{}")
    one.say("waits")
    if politely:
        one.send(CloseConnection(1000, "bye"))
        assert one.close.code == 1000
    else:
        one.feed(events.ConnectionClosed(one.client))
    assert isinstance(one.received[-1], http_events.RequestProtocolError)
    assert (one.received[-1].stream_id, one.asked, one.closed) == (3, [b"{}"], True)
    assert one.upgrade.websocket and one.upgrade.websocket.close_code == (1000 if politely else 1006)


def test_what_comes_after_the_end_is_nobodys(one: Driven) -> None:
    one.say("{}")
    one.feed(events.ConnectionClosed(one.client))
    count = len(one.received)
    one.answer(sse({"type": "a"}))
    one.feed(events.ConnectionClosed(one.client))
    one.feed(events.Wakeup(one.timers[0]))
    assert (len(one.received), one.texts, one.hooks) == (count, [], [WebsocketStartHook, WebsocketEndHook])
    assert sockets.of(one.client) is None


def test_a_gateway_that_stops_ends_the_answer_first(one: Driven) -> None:
    one.say("1")
    one.say("2")
    one.layer.context.options.update(server=False)
    one.answer(sse({"type": "a"}))
    assert [text["type"] for text in one.texts] == ["a"]
    assert (one.close.code, one.asked) == (1001, [b"1"])


def test_silence_closes_it(one: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    now = one.layer._active
    monkeypatch.setattr(messages.time, "monotonic", lambda: now + 59)
    one.feed(events.Wakeup(one.timers[-1]))
    assert (one.timers[-1].delay, one.closed) == (pytest.approx(1), False)
    monkeypatch.setattr(messages.time, "monotonic", lambda: now + 61)
    one.feed(events.Wakeup(one.timers[-1]))
    assert (one.close.code, one.closed) == (1001, True)


def test_an_answer_is_no_silence(one: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    one.say("{}")
    now = one.layer._active
    monkeypatch.setattr(messages.time, "monotonic", lambda: now + 1000)
    one.feed(events.Wakeup(one.timers[-1]))
    assert not one.closed


def test_one_that_nobody_opened_is_closed() -> None:
    one = Driven(opens=False)
    assert (one.close.code, one.closed) == (1011, True)
