"""Turns the client's request into the provider's format, and the provider's answer into the client's."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from mitmproxy import http

from cliproxy.translators import ir, sse, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.envelope import taken_out
from cliproxy.translators.formats import FORMATS

from . import counting, exchange, replies, upstreams
from .attempts import Attempt
from .exchange import Exchange
from .preparation import prepare
from .provider_errors import provider_error
from .relays import in_envelope, observer_of, relay_for, repacked, restorer

logger = logging.getLogger(__name__)

SSE = "text/event-stream"


class Translation:
    def request(self, flow: http.HTTPFlow) -> None:
        """Before a credential is spent: can this be said in the provider's format at all?"""
        call = exchange.of(flow)
        if not call or flow.response or call.uncounted or call.operation == "pass":
            return
        if error := prepare(call):
            call.answered_here = True
            flow.response = replies.error(call.sent, error)

    # -- the answer ---------------------------------------------------------------------

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or call.answered_here:
            return
        if call.recording:
            call.recording.last.response = response.copy()
        if call.operation == "pass":
            return
        response.headers = upstreams.answer_headers(response.headers)
        _own_headers(call, response)
        kind = response.headers.get("content-type", "")
        as_it_is = call.same_format and call.stream
        streams = call.stream or call.upstream.door.always_streams
        if response.status_code < 400 and streams and (as_it_is or "json" not in kind):
            _chunk(call, response)
            if not as_it_is or not kind or call.upstream.door.answer_member:
                response.headers["content-type"] = _stream_type(call)
            response.stream = relay_for(call)

    def response(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        if not call or not response or call.answered_here or response.stream:
            return
        if call.operation == "pass" and response.status_code < 400:
            return
        response.decode(strict=False)
        if call.recording:
            call.recording.whole(time.time(), response)
        if response.status_code >= 400:
            self._error(call, response)
        else:
            self._whole(call, response)
        response.headers["content-length"] = str(len(response.raw_content or b""))

    def _error(self, call: Exchange, response: http.Response) -> None:
        error = provider_error(call.answer_format, response, time.time())
        response.headers.update(replies.retry_after(error))
        if not call.same_format:
            response.headers["content-type"] = "application/json"
            response.content = wire.dumps(call.format.render_error(error))

    def _whole(self, call: Exchange, response: http.Response) -> None:
        if call.operation == "count":
            _count(call, response)
            return
        try:
            events = list(whole_events(call, response))
            call.answer = collect(events)
        except (ir.BadAnswer, ValueError) as fault:
            if not call.same_format:
                _unreadable(call, response, str(fault))
                return  # in its own format, what we can't read may still be what the client expects
        if call.same_format:
            response.content = repacked(call)(response.content or b"")
            return
        assert call.answer
        if call.answer.error:
            _unreadable(call, response, call.answer.error.message, call.answer.error.status)
        elif call.stream:
            renderer = call.format.StreamRenderer(call.context)
            response.headers["content-type"] = _stream_type(call)
            rendered = b"".join(chunk for event in events for chunk in renderer.feed(event))
            response.content = in_envelope(call, rendered)
        else:
            response.headers["content-type"] = "application/json"
            response.content = in_envelope(call, wire.dumps(call.format.render_response(call.answer, call.context)))

    # -- while the provider is silent ----------------------------------------------------

    def upstream_held(self, attempt: Attempt) -> None:
        """A comment keeps a stream alive, white space a JSON document; neither is part of the answer."""
        call = exchange.of(attempt.flow)
        if not call or call.answered_here or call.operation != "generate":
            return
        kind = _stream_type(call)
        attempt.flow.response = head = http.Response.make(200, b"", {"content-type": kind})
        _own_headers(call, head)
        _chunk(call, head)
        # google-genai takes a comment for a broken event; an empty line is none to anyone, and white space in JSON.
        attempt.late = sse.COMMENT if call.stream and call.format is not FORMATS["gemini"] else b"\r\n"


def whole_events(call: Exchange, response: http.Response) -> Iterable[ir.Event]:
    """The events of an answer that is all here, be it JSON or a stream that nobody asked for."""
    content = response.content or b""
    if SSE in response.headers.get("content-type", ""):
        observer = observer_of(call)
        events: Iterable[ir.Event] = [*observer.feed(content), *observer.feed(b"")]
    else:
        inside = call.upstream.door.answer_member
        opened = taken_out(inside)(content) if inside else content
        events = call.answer_format.parse_response(wire.loads(opened))
    if call.same_format:
        return events
    restore = restorer(call)
    return (restored for event in events for restored in restore.feed(event))


def _count(call: Exchange, response: http.Response) -> None:
    try:
        response.content = counting.told(call, response.content or b"")
    except (ir.BadAnswer, ValueError) as fault:
        _unreadable(call, response, str(fault))


def _unreadable(call: Exchange, response: http.Response, message: str, status: int = 502) -> None:
    logger.warning("%s · %s gave no readable answer: %s", call.id, call.upstream.name, message)
    error = ir.Error(status, f"{call.upstream.name} gave no readable answer: {message}")
    response.status_code = status
    response.headers["content-type"] = "application/json"
    response.headers.update(replies.retry_after(error))
    response.content = wire.dumps(call.format.render_error(error))


def _stream_type(call: Exchange) -> str:
    return SSE if call.stream and not call.json_array else "application/json"


def _own_headers(call: Exchange, response: http.Response) -> None:
    response.headers["x-cliproxy-id"] = call.id
    response.headers["x-cliproxy-model"] = call.model
    if call.lost:
        response.headers["x-cliproxy-lost"] = ", ".join(call.lost)


def _chunk(call: Exchange, response: http.Response) -> None:
    """The length of a stream is not known before its end."""
    response.headers.pop("content-length", None)
    response.headers["cache-control"] = "no-cache"
    response.headers["x-accel-buffering"] = "no"  # a proxy such as nginx in front must not hold events back
    if call.sent.http_version == "HTTP/1.1":
        response.headers["transfer-encoding"] = "chunked"
