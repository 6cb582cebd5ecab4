"""More than one attempt inside one flow: mitmproxy has no hook for that, so its HTTP stream gets a subclass.

This file leans on mitmproxy's internals (checked against 12.2), as does responses/messages.py; their tests say when
they move.

What it adds to `HttpStream`, each as a hook that the dispatching addon answers:
before every connect `upstream_attempt` (aim the flow), after every failure before the first byte
`upstream_failed` (another attempt, or the answer to give), while the provider is silent `upstream_slow`
(give up on it?) and `upstream_held` (what to send so that the client waits on), and `gateway_error`
for what mitmproxy would answer with a page of HTML.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from h11._receivebuffer import ReceiveBuffer  # what mitmproxy's own connections keep bytes in
from mitmproxy import ctx, flow, http
from mitmproxy.connection import Client, Connection, ConnectionState
from mitmproxy.net.http import http1
from mitmproxy.net.server_spec import ServerSpec
from mitmproxy.proxy import commands, events, layer, server_hooks
from mitmproxy.proxy.layers.http import (
    DropStream,
    GetHttpConnection,
    HttpLayer,
    HttpStream,
    RegisterHttpConnection,
    SendHttp,
)
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
    ResponseTrailers,
)
from mitmproxy.proxy.layers.http._hooks import (
    HttpErrorHook,
    HttpRequestHeadersHook,
    HttpRequestHook,
    HttpResponseHeadersHook,
    HttpResponseHook,
)
from mitmproxy.proxy.layers.http._http1 import Http1Server

from cliproxy.translators import wire

from .applied import Applied
from .attempts import (
    Attempt,
    Failure,
    GatewayError,
    GatewayErrorHook,
    Limits,
    UpstreamAttemptHook,
    UpstreamFailedHook,
    UpstreamHeldHook,
    UpstreamSlowHook,
)
from .responses.messages import MessageServer
from .uploads import Upload, upload

logger = logging.getLogger(__name__)

SOON = 0.01
"""Seconds; an event loop may ring so much too early."""

HEAD = 256 * 1024
"""Bytes of a request's line and headers."""

type Timer = Literal["request", "head", "hold", "ping", "idle"]


@dataclass
class FreshConnection(GetHttpConnection):
    """mitmproxy would hand a connection that failed once to every later request; this asks for a live one."""

    def connection_spec_matches(self, connection: Connection) -> bool:
        return not connection.error and super().connection_spec_matches(connection)

    __hash__ = GetHttpConnection.__hash__


class Closed(layer.Layer):
    """Stands where a connection was that we gave up: what still comes from there is nobody's."""

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        yield from ()


_ANSWERS = (ResponseHeaders, ResponseData, ResponseTrailers, ResponseEndOfMessage, ResponseProtocolError)


_BLANKED = bytes.maketrans(b"\r\n\0", b"   ")


def in_one_line(headers: http.Headers) -> None:
    """What an addon took from a body, a model's name say, may hold the end of a line, and behind it a head of the
    client's own making, a whole request even. mitmproxy would send that as it is (RFC 9110, section 5.5)."""
    headers.fields = tuple((name.translate(_BLANKED), value.translate(_BLANKED)) for name, value in headers.fields)


class GatewayStream(HttpStream):
    _committed = False
    _held = False
    """The provider's head is here, the client's not sent yet: the first event decides whether it is an answer."""
    _attempts = 0
    _secret_headers: tuple[tuple[str, str], ...] = ()
    _last_data = 0.0
    _sent_as_it_came = False
    """Some of the request's body went to the provider and was not kept."""
    _given_up = False
    """What arrives now is still of the attempt that we hung up on."""
    upgraded = False
    """The gateway itself answered 101: from here on the connection carries messages."""

    def __init__(self, context: Any, stream_id: int) -> None:
        super().__init__(context, stream_id)
        self._timers: dict[commands.RequestWakeup, tuple[Timer, int]] = {}

    @property
    def _layer(self) -> FailoverLayer:
        return cast(FailoverLayer, self.context.layers[self.context.layers.index(self) - 1])

    def handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if self._given_up and isinstance(event, _ANSWERS):
            return  # it came in one read with what made us give up
        for command in super().handle_event(event):
            yield self._on_the_wire(command)

    def _on_the_wire(self, command: commands.Command) -> commands.Command:
        if not isinstance(command, SendHttp) or not isinstance(command.event, RequestHeaders | ResponseHeaders):
            return command
        if isinstance(command.event, ResponseHeaders):
            in_one_line(command.event.response.headers)
            return command
        request = command.event.request.copy()
        in_one_line(request.headers)
        for name, value in self._secret_headers:
            request.headers[name] = value
        return SendHttp(RequestHeaders(self.stream_id, request, command.event.end_stream), command.connection)

    # -- timers -------------------------------------------------------------------------

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        try:
            if isinstance(event, events.Wakeup):
                timer, attempt = self._timers.pop(event.command)
                yield from self._wake(timer, attempt)
            else:
                self._last_data = time.monotonic()
                yield from super()._handle_event(event)
        except Exception:  # the edge that mitmproxy leaves open: it would log this and let the client hang
            logger.exception("A stream failed in %s", type(event).__name__)  # the event itself holds what was said
            yield from self._end("The gateway failed on this exchange; its log says why.")
            yield DropStream(self.stream_id)
            yield commands.CloseConnection(self.context.client)

    def _end(self, message: str) -> layer.CommandGenerator[None]:
        """Whoever keeps something for this exchange, such as the pool its credential, must hear that it is over."""
        self.client_state = self.server_state = self.state_errored
        one: http.HTTPFlow | None = getattr(self, "flow", None)
        if one and one.live:
            one.live = False
            one.error = flow.Error(message)
            yield HttpErrorHook(one)

    def _after(self, seconds: float, timer: Timer) -> layer.CommandGenerator[None]:
        command = commands.RequestWakeup(max(seconds, 0.0))
        self._timers[command] = (timer, self._attempts)
        yield command

    def _wake(self, timer: Timer, attempt: int) -> layer.CommandGenerator[None]:
        waiting = self._waiting_for_answer()
        match timer:
            case "request" if self.client_state in (self.state_consume_request_body, self.state_hold_request_body):
                yield from self._refuse(408, "The request's body did not arrive in time.")
            case "head" if self._answer_is_due() and attempt == self._attempts and not self._committed:
                yield from self._slow()
            case "hold" | "ping" if waiting:
                yield from self._hold()
            case "idle" if self.server_state not in (self.state_done, self.state_errored):
                yield from self._check_idle()

    def _waiting_for_answer(self) -> bool:
        return self.client_state == self.state_done and (
            self._held or self.server_state in (self.state_wait_for_response_headers, self.state_consume_response_body)
        )

    def _answer_is_due(self) -> bool:
        return self.client_state == self.state_done and self._silent()

    def _silent(self) -> bool:
        return self._held or self.server_state == self.state_wait_for_response_headers

    def _check_idle(self) -> layer.CommandGenerator[None]:
        silent = time.monotonic() - self._last_data
        limit = self._layer.limits.idle
        if silent < limit:
            yield from self._after(limit - silent, "idle")
            return
        yield from self._abandon()
        message = f"The provider has been silent for {limit:.0f} seconds."
        yield from self.handle_protocol_error(
            ResponseProtocolError(self.stream_id, message, ErrorCode.GENERIC_SERVER_ERROR)
        )

    def _slow(self) -> layer.CommandGenerator[None]:
        if self._held:
            assert self.flow.response
            relay = cast(Any, self.flow.response.stream)
            if not relay.patient:
                yield from self._release(relay.release())
            return
        message = "The provider did not begin to answer in time."
        attempt = Attempt(self.flow, "timeout", message, spent=self._sent_as_it_came)
        yield UpstreamSlowHook(attempt)
        if attempt.revoked:
            yield from self._revoke(attempt)
        elif attempt.go and self._silent():
            yield from self._abandon()
            yield from self._fail("timeout", attempt.message)

    def _hold(self) -> layer.CommandGenerator[None]:
        """Give the client a sign of life, and with it a head: from here on failures are told inside the answer."""
        attempt = Attempt(self.flow, committed=self._committed)
        kept, self.flow.response = self.flow.response, None
        yield UpstreamHeldHook(attempt)
        if attempt.revoked:
            yield from self._revoke(attempt)
            return
        head, self.flow.response = self.flow.response, kept
        if not head or (yield from self.check_killed(True)):
            return
        if not self._committed:
            self._committed = True
            yield SendHttp(ResponseHeaders(self.stream_id, head, end_stream=False), self.context.client)
        if attempt.late:
            yield SendHttp(ResponseData(self.stream_id, attempt.late), self.context.client)
        yield from self._after(self._layer.limits.ping, "ping")

    def _revoke(self, attempt: Attempt) -> layer.CommandGenerator[None]:
        """A handler failed while the provider was silent: what it says now would be nobody's to translate."""
        self._held = False
        yield from self._abandon()
        yield from self._answer(attempt)

    # -- the request --------------------------------------------------------------------

    def state_wait_for_request_headers(self, event: RequestHeaders) -> layer.CommandGenerator[None]:
        yield from self._after(self._layer.limits.request, "request")
        yield from super().state_wait_for_request_headers(event)

    def check_body_size(self, request: bool) -> layer.CommandGenerator[bool]:
        if not request:
            return (yield from super().check_body_size(request))
        announced = self.flow.request.headers.get("content-length", "")
        size = len(self.request_body_buf) or (int(announced) if announced.isdigit() else 0)
        carried = not self.request_body_buf and upload(self.flow.request)
        limit = self._layer.limits.upload if carried else self._layer.limits.body
        if size <= limit:
            return False
        if not self.request_body_buf:
            yield HttpRequestHeadersHook(self.flow)  # the flow has not been seen yet
        yield from self._too_large(limit)
        return True

    def _too_large(self, limit: int) -> layer.CommandGenerator[None]:
        message = f"The request's body is larger than {limit} bytes, the limit of this gateway."
        if self.client_state == self.state_hold_request_body:
            message += " A form is not kept, and may be larger, where its field model comes before the file."
        yield from self._refuse(413, message)

    def _refuse(self, status: int, message: str) -> layer.CommandGenerator[None]:
        """Answer before the request is complete. The rest of it is read and dropped, then the connection closes."""
        if not self.flow.response:
            yield GatewayErrorHook(GatewayError(self.flow, status, message))
        response = self.flow.response or http.Response.make(status)
        response.headers["connection"] = "close"
        yield HttpResponseHook(self.flow)
        self.client_state = self.server_state = self.state_errored
        self.flow.live = False
        yield SendHttp(ResponseHeaders(self.stream_id, response, end_stream=False), self.context.client)
        if response.raw_content:
            yield SendHttp(ResponseData(self.stream_id, response.raw_content), self.context.client)
        yield DropStream(self.stream_id)
        yield SendHttp(ResponseEndOfMessage(self.stream_id), self.context.client)
        if status == 408:
            yield commands.CloseConnection(self.context.client)

    # -- a request's body that is carried as it comes --------------------------------------

    def state_consume_request_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, RequestData) and self.flow.response:
            return  # refused by its head: a stranger's body is not kept in memory
        yield from super().state_consume_request_body(event)

    def start_request_stream(self) -> layer.CommandGenerator[None]:
        self.client_state = self.state_hold_request_body
        yield from ()

    def state_hold_request_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        """It is not known yet where the body goes."""
        held = cast(Upload, self.flow.request.stream)
        if isinstance(event, RequestData):
            self.request_body_buf += event.data
            held.look(event.data)
            if held.ready:
                yield from self._begin_upload()
            else:
                yield from self.check_body_size(True)
        elif isinstance(event, RequestEndOfMessage):  # it is all here: a request like any other
            self.flow.request.stream = False
            self.client_state = self.state_consume_request_body
            yield from self.state_consume_request_body(event)

    def _begin_upload(self) -> layer.CommandGenerator[None]:
        """The request hook comes now, before a provider is asked, and not at the end of a body that is long gone."""
        held = bytes(self.request_body_buf)
        self.request_body_buf.clear()
        self._read_client(False)  # what came meanwhile would wait in memory
        try:
            yield HttpRequestHook(self.flow)
            if (yield from self.check_killed(True)):
                return
            if self.flow.response:
                yield from self._answer(Attempt(self.flow))
            elif (yield from self.make_server_connection()):
                head = RequestHeaders(self.stream_id, self.flow.request, end_stream=False)
                yield SendHttp(head, self.context.server)
                self.client_state = self.state_stream_request_body
                yield from self.state_stream_request_body(RequestData(self.stream_id, held))
                return
            if self.client_state == self.state_hold_request_body:
                self.client_state = self.state_drain_request_body
        finally:
            self._read_client(True)

    def _read_client(self, on: bool) -> None:
        """mitmproxy reads on from a client whatever its streams wait for."""
        server = ctx.master.addons.get("proxyserver")
        for handler in list(server.connections.values()) if server else ():
            io = handler.transports.get(self.context.client)
            if io and io.writer:
                transport = io.writer.transport
                _ = transport.resume_reading() if on else transport.pause_reading()

    def state_stream_request_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        carried = cast(Upload, self.flow.request.stream)
        if isinstance(event, RequestData):
            self._sent_as_it_came = True
            for chunk in carried(event.data):
                yield SendHttp(RequestData(self.stream_id, chunk), self.context.server)
            if carried.size > self._layer.limits.upload:
                yield from self._abandon()
                yield from self._too_large(self._layer.limits.upload)
        elif isinstance(event, RequestEndOfMessage):
            self.flow.request.timestamp_end = time.time()
            self.client_state = self.state_done
            yield from self._after(self._layer.limits.whole_answer, "head")
            yield SendHttp(event, self.context.server)

    def state_drain_request_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        """The answer is given; what the client still sends is nobody's."""
        if isinstance(event, RequestEndOfMessage):
            self.client_state = self.state_done
            yield from self.flow_done()

    # -- attempts -----------------------------------------------------------------------

    def make_server_connection(self) -> Generator[commands.Command, Any, bool]:
        if not self._attempts:
            yield from self._after(self._layer.limits.hold, "hold")
            yield from self._after(self._layer.limits.idle, "idle")
        while True:
            self._attempts += 1
            attempt = Attempt(self.flow, committed=self._committed)
            yield UpstreamAttemptHook(attempt)
            if (yield from self.check_killed(True)):
                return False
            if not attempt.go:
                yield from self._answer(attempt)
                return False
            self._secret_headers = attempt.secret_headers
            error = yield from self._connect(attempt.stream, attempt.via)
            if error is None:
                return not (yield from self.check_killed(True))
            if self.context.client.state is ConnectionState.CLOSED:
                # The client left, so mitmproxy ended the connecting: that is no failure of the provider's.
                yield from self._end("Client disconnected.")
                return False
            attempt = yield from self._ask_again("connect", error)
            if self.client_state == self.state_errored:
                return False
            if not attempt.go:
                yield from self._answer(attempt)
                return False

    def _connect(self, stream: bool, via: ServerSpec | None) -> Generator[commands.Command, Any, str | None]:
        request, server = self.flow.request, self.flow.server_conn
        connection, error = yield FreshConnection(
            (request.host, request.port), request.scheme == "https", via, server.transport_protocol
        )
        if error:
            return str(error)
        self.context.server = self.flow.server_conn = connection
        self._given_up = False
        limits = self._layer.limits
        self._last_data = time.monotonic()
        yield from self._after(limits.first_byte if stream else limits.whole_answer, "head")
        return None

    def _ask_again(self, failure: Failure, message: str) -> Generator[commands.Command, Any, Attempt]:
        attempt = Attempt(self.flow, failure, message, self._committed, self._sent_as_it_came)
        yield UpstreamFailedHook(attempt)
        yield from self.check_killed(True)
        return attempt

    def _fail(self, failure: Failure, message: str) -> layer.CommandGenerator[None]:
        """An attempt that was sent has failed: send another, or answer."""
        self._held = False
        attempt = yield from self._ask_again(failure, message)
        if self.client_state == self.state_errored:
            return
        if attempt.go:
            yield from self._send_again()
        elif failure == "status" and not self._committed:
            yield from self.send_response()
        else:
            yield from self._answer(attempt)

    def _send_again(self) -> layer.CommandGenerator[None]:
        self.response_body_buf.clear()
        self.flow.response = None
        self.server_state = self.state_wait_for_response_headers
        if not (yield from self.make_server_connection()):
            return
        content = self.flow.request.raw_content
        yield SendHttp(RequestHeaders(self.stream_id, self.flow.request, not content), self.context.server)
        if content:
            yield SendHttp(RequestData(self.stream_id, content), self.context.server)
        yield SendHttp(RequestEndOfMessage(self.stream_id), self.context.server)

    def _abandon(self) -> layer.CommandGenerator[None]:
        """Hang up on the provider; what still arrives from there must not reach the next attempt."""
        server = self.context.server
        if server in self._layer.connections:
            yield SendHttp(RequestProtocolError(self.stream_id, "given up", ErrorCode.CANCEL), server)
            for connection in self._layer.carrying(server):
                self._layer.connections[connection] = Closed(self.context.fork())
            self._given_up = True
            waiting = [event for event in self._paused_event_queue if not isinstance(event, _ANSWERS)]
            self._paused_event_queue.clear()  # what came while a hook was awaited
            self._paused_event_queue.extend(waiting)

    def _answer(self, attempt: Attempt) -> layer.CommandGenerator[None]:
        """Send what an addon answered in the provider's stead."""
        if self._committed:
            yield from self._answer_late(attempt)
            return
        if not self.flow.response:
            yield GatewayErrorHook(GatewayError(self.flow, 502, "The gateway could not reach a provider."))
        self.flow.response = self.flow.response or http.Response.make(502)
        self.flow.response.timestamp_start = time.time()
        yield HttpResponseHeadersHook(self.flow)
        if not (yield from self.check_killed(True)):
            yield from self.send_response()

    def _answer_late(self, attempt: Attempt) -> layer.CommandGenerator[None]:
        if attempt.late is None:
            error = ResponseProtocolError(self.stream_id, attempt.message or "no answer", ErrorCode.KILL)
            yield from super().handle_protocol_error(error)
            return
        yield SendHttp(ResponseData(self.stream_id, attempt.late), self.context.client)
        self.flow.response = self.flow.response or http.Response.make(502)
        yield from super().send_response(already_streamed=True)

    # -- the answer ---------------------------------------------------------------------

    def start_response_stream(self) -> layer.CommandGenerator[None]:
        assert self.flow.response
        if self._committed:
            self.server_state = self.state_stream_response_body
        elif getattr(self.flow.response.stream, "ready", True):
            yield from super().start_response_stream()
        else:
            self._held = True
            self.server_state = self.state_stream_response_body

    def state_stream_response_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        if not self._held or not isinstance(event, ResponseData | ResponseEndOfMessage):
            yield from super().state_stream_response_body(event)
            return
        assert self.flow.response
        relay = cast(Any, self.flow.response.stream)
        chunks = relay(event.data if isinstance(event, ResponseData) else b"")
        if relay.refusal:
            if isinstance(event, ResponseData):
                yield from self._abandon()
            yield from self._fail("stream", relay.refusal)
        elif relay.ready or isinstance(event, ResponseEndOfMessage):
            yield from self._release(chunks)
            if isinstance(event, ResponseEndOfMessage):
                yield from self.send_response(already_streamed=True)

    def _release(self, chunks: list[bytes]) -> layer.CommandGenerator[None]:
        assert self.flow.response
        self._held = False
        if not self._committed:
            self._committed = True
            yield SendHttp(ResponseHeaders(self.stream_id, self.flow.response, end_stream=False), self.context.client)
        for chunk in chunks:
            yield SendHttp(ResponseData(self.stream_id, chunk), self.context.client)

    def state_consume_response_body(self, event: events.Event) -> layer.CommandGenerator[None]:
        response = self.flow.response
        if isinstance(event, ResponseEndOfMessage) and response and response.status_code >= 400:
            response.data.content = bytes(self.response_body_buf)
            self.response_body_buf.clear()
            # The hook blocks this stream only: the connection finishes this answer meanwhile, and can be used again.
            yield from self._fail("status", f"HTTP {response.status_code}")
        else:
            yield from super().state_consume_response_body(event)

    def send_response(self, already_streamed: bool = False) -> layer.CommandGenerator[None]:
        if not self._committed or already_streamed:
            yield from super().send_response(already_streamed)
            if self.client_state == self.state_stream_request_body:  # answered before all was sent
                yield from self._abandon()
                self.client_state = self.state_drain_request_body
            return
        assert self.flow.response  # a whole answer behind a head that was sent to keep the client waiting
        yield HttpResponseHook(self.flow)
        self.server_state = self.state_done
        if content := self.flow.response.raw_content:
            yield SendHttp(ResponseData(self.stream_id, content), self.context.client)
        yield from self.flow_done()

    def flow_done(self) -> layer.CommandGenerator[None]:
        if self.flow.websocket and cast(http.Response, self.flow.response).status_code == 101 and not self._attempts:
            self.upgraded = True
            yield DropStream(self.stream_id)
        else:
            yield from super().flow_done()

    def handle_protocol_error(
        self, event: RequestProtocolError | ResponseProtocolError
    ) -> layer.CommandGenerator[None]:
        ours = isinstance(event, ResponseProtocolError) and self.client_state == self.state_done
        uploading = isinstance(event, ResponseProtocolError) and self.client_state == self.state_stream_request_body
        if ours and self._waiting_for_answer():
            yield from self._fail("dropped", event.message)
        elif uploading and self.server_state == self.state_wait_for_response_headers:
            yield from self._answer((yield from self._ask_again("dropped", event.message)))
        elif ours and self.server_state == self.state_stream_response_body and self._can_tell():
            assert self.flow.response
            cast(Any, self.flow.response.stream).broken = event.message
            yield from self.state_stream_response_body(ResponseEndOfMessage(self.stream_id))
        else:
            yield from super().handle_protocol_error(event)

    def _can_tell(self) -> bool:
        """What is relayed has words for a broken answer; a file that ended too early must not look whole."""
        return self.flow.response is not None and hasattr(self.flow.response.stream, "broken")


class FailoverLayer(HttpLayer):
    limits = Limits()
    _connecting: dict[commands.RequestWakeup, Connection]

    _due: dict[commands.RequestWakeup, float]
    """The timers of the streams, and when they ring (monotonic seconds)."""
    _alarms: dict[commands.RequestWakeup, float]
    """What mitmproxy was asked to ring at. It takes none back, so none is asked for that rings behind another."""

    def take_over(self, limits: Limits) -> None:
        """What `__init__` would do: mitmproxy made this layer, only its class became ours."""
        self.limits, self._connecting, self._due, self._alarms = limits, {}, {}, {}

    def make_stream(self, stream_id: int) -> layer.CommandGenerator[None]:
        self.streams[stream_id] = GatewayStream(self.context.fork(), stream_id)
        yield from self.event_to_child(self.streams[stream_id], events.Start())

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Wakeup):
            if event.command in self._connecting:
                yield from self._connect_timeout(self._connecting.pop(event.command))
            elif event.command in self._alarms:
                yield from self._ring(event.command)
            return
        yield from super()._handle_event(event)
        if isinstance(event, events.DataReceived):
            yield from self._check_head()

    def _check_head(self) -> layer.CommandGenerator[None]:
        """mitmproxy would keep a head that never ends for as long as it comes."""
        client = self.connections.get(self.context.client)
        if isinstance(client, Http1Server) and client.state == client.read_headers and len(client.buf) > HEAD:
            client.buf = ReceiveBuffer()
            client.state = client.done
            message = f"The request's head is larger than {HEAD} bytes, the limit of this gateway."
            headers = {"content-type": "application/json", "connection": "close"}
            refusal = http.Response.make(431, wire.dumps({"error": {"message": message}}), headers)
            yield commands.SendData(self.context.client, http1.assemble_response(refusal))
            yield commands.CloseConnection(self.context.client)

    def event_to_child(self, child: layer.Layer, event: events.Event) -> layer.CommandGenerator[None]:
        for command in super().event_to_child(child, event):
            if isinstance(command, commands.RequestWakeup) and command in self.command_sources:
                self._due[command] = time.monotonic() + command.delay
                yield from self._ring_at(self._due[command])
            else:
                yield command
        if isinstance(child, GatewayStream) and child.stream_id not in self.streams:
            self._forget(child)
            if child.upgraded:
                child.upgraded = False
                yield from self._take_messages(child)

    def _take_messages(self, stream: GatewayStream) -> layer.CommandGenerator[None]:
        """The client's connection goes on as a WebSocket; what it sent too early is not lost."""
        client = self.context.client
        early = cast(Any, self.connections[client]).buf
        server = MessageServer(self.context.fork(), stream.flow, stream.stream_id, self.limits.body)
        self.connections[client] = server
        yield from self.event_to_child(server, events.Start())
        if received := early.maybe_extract_at_most(len(early) or 1):
            yield from self.event_to_child(server, events.DataReceived(client, bytes(received)))

    def _forget(self, stream: GatewayStream) -> None:
        """A timer must not keep a finished stream, with its bodies, in memory until it rings."""
        for command in stream._timers:
            self.command_sources.pop(command, None)
            self._due.pop(command, None)
        stream._timers.clear()

    def _ring_at(self, when: float) -> layer.CommandGenerator[None]:
        if when < min(self._alarms.values(), default=math.inf):
            alarm = commands.RequestWakeup(max(when - time.monotonic(), 0.0))
            self._alarms[alarm] = when
            yield alarm

    def _ring(self, alarm: commands.RequestWakeup) -> layer.CommandGenerator[None]:
        """Wake all streams whose timers are due by now, or will be before an alarm could be set for them."""
        del self._alarms[alarm]
        now = time.monotonic() + SOON
        for timer in [timer for timer, when in self._due.items() if when <= now]:
            if self._due.pop(timer, None) is not None:  # the one before may have ended the stream
                yield from super()._handle_event(events.Wakeup(timer))
        if self._due:
            yield from self._ring_at(min(self._due.values()))

    # -- connecting takes no longer than it may -----------------------------------------

    def get_connection(self, event: GetHttpConnection, *, reuse: bool = True) -> layer.CommandGenerator[None]:
        before = set(self.waiting_for_establishment)
        yield from super().get_connection(event, reuse=reuse)
        for connection in set(self.waiting_for_establishment) - before:
            timer = commands.RequestWakeup(self.limits.connect)
            self._connecting[timer] = connection
            yield timer

    def _connect_timeout(self, connection: Connection) -> layer.CommandGenerator[None]:
        if connection not in self.waiting_for_establishment:
            return
        connection.error = f"no connection within {self.limits.connect:.0f} seconds"
        yield from self.register_connection(RegisterHttpConnection(connection, connection.error))
        for one in self.carrying(connection):
            yield commands.CloseConnection(one)

    def carrying(self, connection: Connection) -> list[Connection]:
        """All that a connection goes over: itself, and through a proxy also the one to the proxy."""
        stack = self.connections.get(connection)
        return [one for one, carried in self.connections.items() if carried is stack] or [connection]

    def register_connection(self, command: RegisterHttpConnection) -> layer.CommandGenerator[None]:
        if command.connection in self.waiting_for_establishment:
            yield from super().register_connection(command)


@dataclass
class Failover:
    """Puts the layer in place: mitmproxy decides what comes next, then its HTTP layer becomes ours."""

    limits: Limits = field(default_factory=Limits)

    def use(self, applied: Applied) -> None:
        self.limits = Limits.of(applied.settings)

    def next_layer(self, nextlayer: layer.NextLayer) -> None:
        ctx.master.addons.get("nextlayer").next_layer(nextlayer)
        chosen: Any = nextlayer.layer
        while chosen is not None:
            if type(chosen) is HttpLayer:
                chosen.__class__ = FailoverLayer
                cast(FailoverLayer, chosen).take_over(self.limits)
            chosen = getattr(chosen, "child_layer", None)

    async def client_disconnected(self, client: Client) -> None:
        """mitmproxy's task of a connection can be ended while it waits for its turn to tell that the client left. Then
        nobody would hear of it, and its exchanges would stay open, and their credentials taken, for good."""
        if client.state is ConnectionState.CLOSED:
            return
        client.state = ConnectionState.CLOSED
        for handler in list(ctx.master.addons.get("proxyserver").connections.values()):
            if handler.client is client:
                await handler.server_event(events.ConnectionClosed(client))
                if (io := handler.transports.pop(client, None)) and io.writer:
                    io.writer.close()

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        # One exchange a connection: then giving up on an attempt is closing its connection, and nothing else.
        data.server.alpn_offers = (b"http/1.1",)
