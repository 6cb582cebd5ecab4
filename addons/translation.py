"""Turns the client's request into the provider's format, and the provider's answer into the client's."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from mitmproxy import http

from cliproxy.translators import ir, sse, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

from . import counting, exchange, replies, upstreams
from .attempts import Attempt
from .exchange import Exchange
from .preparation import prepare
from .provider_errors import provider_error
from .relay import Relay

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
        if response.status_code < 400 and call.stream and (call.same_format or "json" not in kind):
            _chunk(call, response)
            if not call.same_format:
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
            if call.same_format:
                return  # what we can't read may still be what the client expects
            _unreadable(call, response, str(fault))
            return
        if call.same_format:
            return
        if call.answer.error:
            _unreadable(call, response, call.answer.error.message, call.answer.error.status)
        elif call.stream:
            renderer = call.format.StreamRenderer(call.context)
            response.headers["content-type"] = _stream_type(call)
            response.content = b"".join(chunk for event in events for chunk in renderer.feed(event))
        else:
            response.headers["content-type"] = "application/json"
            response.content = wire.dumps(call.format.render_response(call.answer, call.context))

    # -- while the provider is silent ----------------------------------------------------

    def upstream_held(self, attempt: Attempt) -> None:
        """A comment keeps a stream alive, white space a JSON document; neither is part of the answer."""
        call = exchange.of(attempt.flow)
        if not call or call.answered_here or call.operation != "generate":
            return
        kind = _stream_type(call) if call.stream else "application/json"
        attempt.flow.response = head = http.Response.make(200, b"", {"content-type": kind})
        _own_headers(call, head)
        _chunk(call, head)
        # google-genai takes a comment for a broken event; an empty line is none to anyone, and white space in JSON.
        attempt.late = sse.COMMENT if call.stream and call.format is not FORMATS["gemini"] else b"\r\n"


def relay_for(call: Exchange) -> Relay:
    if call.same_format:
        observer = Observer(call.format)
        call.collected = observer.collected
        return Relay(observer, None, call.format.StreamRenderer(call.context), call.recording)
    translator = StreamTranslator(call.answer_format, call.format, call.context, restorer(call))
    call.collected = translator.observer.collected
    return Relay(translator.observer, translator, translator.renderer, call.recording)


def restorer(call: Exchange) -> Restorer:
    assert call.prepared
    tools = (tool for tool in call.prepared.tools if isinstance(tool, ir.Tool) and tool.kind == "custom")
    return Restorer(call.names, frozenset(call.names.get(tool.name, tool.name) for tool in tools), call.namespaces)


def whole_events(call: Exchange, response: http.Response) -> Iterable[ir.Event]:
    """The events of an answer that is all here, be it JSON or a stream that nobody asked for."""
    content = response.content or b""
    if SSE in response.headers.get("content-type", ""):
        observer = Observer(call.answer_format)
        events: Iterable[ir.Event] = [*observer.feed(content), *observer.feed(b"")]
    else:
        events = call.answer_format.parse_response(wire.loads(content))
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
    return "application/json" if call.json_array else SSE


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
