"""The contract with mitmproxy's internals: what `failover.py` leans on is there, and behaves as it was in 12.2.

When this fails after an upgrade, read the message, then `mitmproxy/proxy/layers/http/__init__.py` beside `failover.py`.
How the gateway behaves is shown in `tests/gateway`.
"""

from __future__ import annotations

import inspect
from collections import deque
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest
from exchanges import flow, request
from mitmproxy import connection, http
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy import commands, events, layer, server_hooks
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import http as internals
from mitmproxy.proxy.layers import modes
from mitmproxy.proxy.layers.http import HttpLayer, HTTPMode, HttpStream
from mitmproxy.proxy.layers.http import _events as http_events
from mitmproxy.proxy.layers.http import _hooks as http_hooks
from mitmproxy.proxy.layers.http._http1 import Http1Server
from mitmproxy.proxy.server import ConnectionHandler, ConnectionIO
from mitmproxy.test import taddons, tflow

from cliproxy.addons import failover
from cliproxy.addons.attempts import Attempt, Limits
from cliproxy.addons.failover import Failover, FailoverLayer, FreshConnection, GatewayStream


def parameters(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


def context() -> Context:
    return Context(tflow.tclient_conn(), taddons.context(Proxyserver()).options)


def gateway_layer(**limits: float) -> FailoverLayer:
    made: Any = HttpLayer(context(), HTTPMode.transparent)
    made.__class__ = FailoverLayer
    made.take_over(Limits(**limits))  # type: ignore[arg-type]
    return made  # type: ignore[no-any-return]


# -- names and signatures -----------------------------------------------------------------

STREAM = {
    "__init__": ["context", "stream_id"],
    "_handle_event": ["event"],
    "state_wait_for_request_headers": ["event"],
    "state_consume_request_body": ["event"],
    "state_wait_for_response_headers": ["event"],
    "state_consume_response_body": ["event"],
    "state_stream_response_body": ["event"],
    "state_errored": ["_"],
    "state_done": ["_"],
    "start_response_stream": [],
    "start_request_stream": [],
    "state_stream_request_body": ["event"],
    "check_body_size": ["request"],
    "check_killed": ["emit_error_hook"],
    "make_server_connection": [],
    "send_response": ["already_streamed"],
    "handle_protocol_error": ["event"],
    "flow_done": [],
}
LAYER = {
    "_handle_event": ["event"],
    "make_stream": ["stream_id"],
    "event_to_child": ["child", "event"],
    "get_connection": ["event", "reuse"],
    "register_connection": ["command"],
}


@pytest.mark.parametrize("owner, name, expected", [
    *((HttpStream, name, expected) for name, expected in STREAM.items()),
    *((HttpLayer, name, expected) for name, expected in LAYER.items()),
])  # fmt: skip
def test_mitmproxy_still_has_the_method(owner: type, name: str, expected: list[str]) -> None:
    assert hasattr(owner, name), f"mitmproxy's {owner.__name__} has lost {name}: failover.py overrides or calls it"
    found = parameters(getattr(owner, name))
    assert found == expected, f"{owner.__name__}.{name} takes {found}, failover.py expects {expected}"


@pytest.mark.parametrize("ours, theirs", [(GatewayStream, HttpStream), (FailoverLayer, HttpLayer)])
def test_what_we_override_is_theirs_and_takes_the_same(ours: type, theirs: type) -> None:
    shared = [name for name in vars(ours) if name in vars(theirs) and inspect.isfunction(vars(ours)[name])]
    assert len(shared) >= 5
    for name in shared:
        assert parameters(getattr(ours, name)) == parameters(getattr(theirs, name)), f"{theirs.__name__}.{name} changed"


@pytest.mark.parametrize(
    "command, expected",
    [
        (internals.GetHttpConnection, ["address", "tls", "via", "transport_protocol"]),
        (internals.RegisterHttpConnection, ["connection", "err"]),
        (internals.SendHttp, ["event", "connection"]),
        (internals.DropStream, ["stream_id"]),
        (commands.RequestWakeup, ["delay"]),
        (commands.CloseConnection, ["connection"]),
        (events.Wakeup, ["command"]),
        (http_events.RequestHeaders, ["stream_id", "request", "end_stream", "replay_flow"]),
        (http_events.RequestData, ["stream_id", "data"]),
        (http_events.RequestEndOfMessage, ["stream_id"]),
        (http_events.RequestProtocolError, ["stream_id", "message", "code"]),
        (http_events.ResponseHeaders, ["stream_id", "response", "end_stream"]),
        (http_events.ResponseData, ["stream_id", "data"]),
        (http_events.ResponseEndOfMessage, ["stream_id"]),
        (http_events.ResponseProtocolError, ["stream_id", "message", "code"]),
        (http_hooks.HttpRequestHeadersHook, ["flow"]),
        (http_hooks.HttpResponseHeadersHook, ["flow"]),
        (http_hooks.HttpResponseHook, ["flow"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_commands_and_events_are_made_as_before(command: type, expected: list[str]) -> None:
    found = parameters(command)
    assert found == expected, f"{command.__name__} takes {found}, failover.py expects {expected}"


@pytest.mark.parametrize("code", ["GENERIC_SERVER_ERROR", "CANCEL", "KILL"])
def test_the_error_codes_that_we_send_exist(code: str) -> None:
    assert hasattr(http_events.ErrorCode, code), f"mitmproxy's ErrorCode has lost {code}"


@pytest.mark.parametrize(
    "method, call",
    [
        ("state_consume_request_body", "self.make_server_connection()"),
        ("state_consume_request_body", "self.check_body_size(True)"),
        ("state_wait_for_request_headers", "self.check_body_size(True)"),
        ("state_wait_for_response_headers", "self.start_response_stream()"),
        ("state_consume_response_body", "self.send_response()"),
        ("state_stream_response_body", "self.send_response(already_streamed=True)"),
    ],
)
def test_mitmproxy_still_calls_what_we_override(method: str, call: str) -> None:
    source = inspect.getsource(getattr(HttpStream, method))
    assert call in source, f"HttpStream.{method} no longer calls {call}: our override would be passed by"


def test_the_streams_of_a_layer_are_made_by_the_method_that_we_override() -> None:
    source = inspect.getsource(HttpLayer.event_to_child)
    for call in ("self.make_stream(", "self.get_connection(", "self.register_connection(", "self.command_sources["):
        assert call in source, f"HttpLayer.event_to_child no longer has {call}"


def test_the_end_of_an_exchange_is_where_a_websocket_begins() -> None:
    for method in ("send_response", "state_stream_request_body"):
        source = inspect.getsource(getattr(HttpStream, method))
        assert "self.flow_done()" in source, f"HttpStream.{method} no longer calls flow_done"
    assert "WebSocketData()" in inspect.getsource(HttpStream.send_response)
    source = inspect.getsource(HttpLayer._handle_event)
    assert "self.connections[event.connection]" in source, "HttpLayer no longer looks its connections up by their peer"


def test_what_came_before_the_101_is_not_lost() -> None:
    server: Any = Http1Server(context())
    server.buf += b"early"
    assert server.buf.maybe_extract_at_most(len(server.buf)) == b"early"
    assert server.buf.maybe_extract_at_most(1) is None


# -- the state that we read ---------------------------------------------------------------


def test_a_layer_has_the_tables_that_we_read() -> None:
    made = HttpLayer(context(), HTTPMode.transparent)
    for name in ("streams", "connections", "command_sources", "waiting_for_establishment"):
        assert getattr(made, name) == {}, f"HttpLayer.{name} is no longer a table that begins empty"


def test_a_stream_has_the_state_that_we_read() -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    assert type(stream) is GatewayStream
    assert stream.client_state == stream.state_wait_for_request_headers
    assert stream.server_state == stream.state_uninitialized
    assert (stream.stream_id, stream._layer) == (1, made)
    for name in ("request_body_buf", "response_body_buf"):
        buffer = getattr(stream, name)
        buffer += b"abc"
        assert (len(buffer), bytes(buffer)) == (3, b"abc"), f"HttpStream.{name} is no buffer any more"
        buffer.clear()
        assert not buffer


def test_a_layer_forks_its_context_with_its_own_place_in_it() -> None:
    made = gateway_layer()
    forked = made.context.fork()
    assert forked.layers == made.context.layers and forked.layers is not made.context.layers
    assert (forked.client, forked.server) == (made.context.client, made.context.server)


def test_keys_are_written_on_the_wire_and_nowhere_else() -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    stream.flow, stream._secret_headers = (
        flow(headers={"authorization": "[openai-1]"}),
        (("authorization", "sk-test-up"),),
    )
    server = connection.Server(address=("a.test", 443))
    head = http_events.RequestHeaders(1, stream.flow.request, end_stream=False)
    sent = stream._on_the_wire(internals.SendHttp(head, server))
    assert (sent.connection, sent.event.end_stream) == (server, False)
    assert sent.event.request.headers.get_all("authorization") == ["sk-test-up"]
    assert stream.flow.request.headers["authorization"] == "[openai-1]"
    assert "sk-test-up" not in repr(Attempt(stream.flow, secret_headers=stream._secret_headers))
    other = commands.CloseConnection(server)
    assert stream._on_the_wire(other) is other


# -- what we put in place -----------------------------------------------------------------


def test_mitmproxys_choice_of_layer_becomes_ours() -> None:
    addon = Failover(Limits(connect=3))
    with taddons.context(Proxyserver(), NextLayer(), addon) as running:
        made = Context(tflow.tclient_conn(), running.options)
        made.layers[:] = [modes.HttpProxy(made)]
        ask = layer.NextLayer(made)
        ask.data_client = lambda: b"POST /v1/messages HTTP/1.1\r\n"  # type: ignore[method-assign]
        addon.next_layer(ask)
    found: Any = ask.layer
    assert isinstance(found, FailoverLayer), f"mitmproxy chose {found!r}"
    assert found.limits.connect == 3


@pytest.mark.parametrize("error, fits", [(None, True), ("connection refused", False)])
def test_a_connection_that_failed_is_never_asked_again(error: str | None, fits: bool) -> None:
    ask = FreshConnection(("a.test", 443), True, None, "tcp")
    server = connection.Server(address=("a.test", 443))
    server.tls, server.error = True, error
    assert ask.connection_spec_matches(server) is fits
    assert not ask.connection_spec_matches(connection.Server(address=("b.test", 443)))
    assert hash(ask) == id(ask)


@pytest.mark.parametrize("state", [connection.ConnectionState.CLOSED, connection.ConnectionState.CAN_WRITE])
async def test_that_a_client_left_is_told_also_where_mitmproxys_own_task_was_ended_before(state: Any) -> None:
    client, told, closed = context().client, [], []
    with taddons.context(Proxyserver()) as tctx:

        class Handler:
            transports = {client: ConnectionIO(writer=SimpleNamespace(close=lambda: closed.append(client)))}  # type: ignore[arg-type]

            async def server_event(self, event: events.Event) -> None:
                told.append(event)

        one: Any = Handler()
        one.client, client.state = client, state
        tctx.master.addons.get("proxyserver").connections["one"] = one
        await Failover().client_disconnected(client)
        lost = state is not connection.ConnectionState.CLOSED
        assert ([event.connection for event in told], closed) == (([client], [client]) if lost else ([], []))
        assert client.state is connection.ConnectionState.CLOSED


def test_mitmproxy_still_tells_the_end_of_a_connection_behind_a_lock() -> None:
    source = inspect.getsource(ConnectionHandler.handle_connection)
    assert "await self.server_event(events.ConnectionClosed(connection))" in source
    assert "async with self._server_event_lock" in inspect.getsource(ConnectionHandler.server_event)


def test_upstreams_are_spoken_to_in_http_1_1() -> None:
    server = connection.Server(address=("a.test", 443))
    Failover().server_connect(server_hooks.ServerConnectionHookData(server, tflow.tclient_conn()))
    assert server.alpn_offers == (b"http/1.1",)


def test_what_comes_from_a_connection_that_was_given_up_is_nobodys() -> None:
    made = failover.Closed(context())
    assert list(made.handle_event(events.DataReceived(made.context.server, b"late"))) == []


def test_the_rest_of_an_answer_that_was_given_up_does_not_wait_for_the_next_attempt() -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    stream.context.server = connection.Server(address=("a.test", 443))
    made.connections[stream.context.server] = failover.Closed(made.context.fork())
    assert type(stream._paused_event_queue) is deque, "mitmproxy keeps what a layer must wait for elsewhere now"
    kept = http_events.RequestEndOfMessage(1)
    stream._paused_event_queue.extend((http_events.ResponseEndOfMessage(1), kept))
    assert [type(command) for command in stream._abandon()] == [internals.SendHttp]
    assert list(stream._paused_event_queue) == [kept]
    for late in (http_events.ResponseData(1, b"x"), http_events.ResponseEndOfMessage(1)):
        assert list(stream.handle_event(late)) == []
    assert stream.client_state == stream.state_wait_for_request_headers, "it reached the stream"


class Timed(failover.GatewayStream):
    """A stream that sets a timer of so many seconds with every event, and notes what rings."""

    rung: list[str]

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        self.rung = getattr(self, "rung", [])
        if isinstance(event, events.Wakeup):
            self.rung.append(self._timers.pop(event.command)[0])
        else:
            yield from self._after(event.data, "idle")  # type: ignore[attr-defined]


def timed(made: failover.FailoverLayer, id: int) -> Timed:
    made.streams[id] = one = Timed(made.context.fork(), id)
    return one


def test_a_timer_of_a_stream_that_is_done_wakes_nobody_and_keeps_nothing() -> None:
    made = gateway_layer()
    stream = timed(made, 1)
    (alarm,) = made.event_to_child(stream, http_events.RequestData(1, 9))  # type: ignore[arg-type]
    assert len(made.command_sources) == len(made._due) == 1
    del made.streams[1]
    made._forget(stream)
    assert (made.command_sources, made._due, stream._timers) == ({}, {}, {})
    assert list(made._handle_event(events.Wakeup(alarm))) == []  # type: ignore[arg-type]
    assert made._alarms == {} and stream.rung == []


def test_many_streams_in_turn_ask_for_one_alarm_as_long_as_it_rings_soon_enough() -> None:
    made, asked = gateway_layer(), []
    for id in range(1, 200, 2):
        stream = timed(made, id)
        for seconds in (60, 50, 300):
            asked += list(made.event_to_child(stream, http_events.RequestData(id, seconds)))  # type: ignore[arg-type]
        del made.streams[id]
        made._forget(stream)
    assert [round(alarm.delay) for alarm in asked] == [60, 50]
    assert made._due == {} and len(made._alarms) == 2


def test_timers_ring_in_their_time_and_the_next_alarm_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(failover.time, "monotonic", lambda: now)
    made = gateway_layer()
    first, second = timed(made, 1), timed(made, 3)
    (alarm,) = made.event_to_child(first, http_events.RequestData(1, 5))  # type: ignore[arg-type]
    assert list(made.event_to_child(second, http_events.RequestData(3, 8))) == []  # type: ignore[arg-type]
    now = 105.0
    (following,) = made._handle_event(events.Wakeup(alarm))  # type: ignore[arg-type]
    assert (first.rung, second.rung) == (["idle"], [])
    assert isinstance(following, commands.RequestWakeup) and following.delay == 3.0
    now = 108.0
    assert list(made._handle_event(events.Wakeup(following))) == []
    assert second.rung == ["idle"] and made._due == {}


def test_the_first_bytes_of_a_request_start_its_clock() -> None:
    made = gateway_layer(request=7)
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    first = next(iter(stream._handle_event(http_events.RequestHeaders(1, request(), end_stream=False))))
    assert isinstance(first, commands.RequestWakeup) and first.delay == 7


def test_a_negative_wait_is_none() -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    (timer,) = made.streams[1]._after(-3.0, "idle")  # type: ignore[attr-defined]
    assert timer.delay == 0.0


def test_a_defect_in_a_stream_closes_the_client_and_does_not_let_it_hang(caplog: Any) -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    stream.client_state = None  # calling it raises
    given = list(stream._handle_event(http_events.RequestEndOfMessage(1)))
    assert [type(command) for command in given] == [internals.DropStream, commands.CloseConnection]
    assert given[1].connection is made.context.client
    assert stream.client_state == stream.server_state == stream.state_errored
    assert "A stream failed" in caplog.text


def test_a_defect_in_a_stream_is_told_to_whoever_keeps_something_for_it() -> None:
    made = gateway_layer()
    list(made.make_stream(1))
    stream: Any = made.streams[1]
    stream.client_state, stream.flow = None, flow()
    stream.flow.live = True
    hook, *_ = stream._handle_event(http_events.RequestEndOfMessage(1))
    assert isinstance(hook, http_hooks.HttpErrorHook) and hook.flow is stream.flow
    assert stream.flow.error and not stream.flow.live


def test_connecting_that_takes_too_long_is_an_error_of_that_connection_only() -> None:
    made = gateway_layer(connect=2)
    server = connection.Server(address=("a.test", 443))
    assert list(made._connect_timeout(server)) == []
    made.waiting_for_establishment[server] = []
    (closing,) = made._connect_timeout(server)
    assert isinstance(closing, commands.CloseConnection) and closing.connection is server
    assert server.error == "no connection within 2 seconds"
    late = internals.RegisterHttpConnection(server, None)
    assert list(made.register_connection(late)) == [], "a connection that was given up must not be registered later"


def test_the_limits_are_in_the_order_in_which_they_must_strike() -> None:
    default = Limits()
    assert default.connect < default.first_byte < default.whole_answer < default.hold < default.idle
    assert {one.name for one in fields(Limits)} >= {"request", "ping", "body"}


def test_a_response_is_whole_unless_it_is_said_to_stream() -> None:
    assert http.Response.make(502).stream is False


def test_a_head_has_no_lines_but_its_own() -> None:
    headers = http.Headers([(b"a", b"1\r\nb: 2\0"), (b"c\nd", b"3")])
    failover.in_one_line(headers)
    assert headers.fields == ((b"a", b"1  b: 2 "), (b"c d", b"3"))
