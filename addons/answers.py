"""What every answer has, whoever gave it: an id to ask for, no body for HEAD, and less of it on the wire."""

from __future__ import annotations

import re
from weakref import WeakSet

from mitmproxy import http

from . import compression, exchange
from .attempts import Attempt

SMALL = 2048
"""Bytes that are not worth compressing."""
_IDS = ("x-request-id", "request-id")
_OWN_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TEXT = re.compile(r"application/(?:[\w.-]+\+)?json|text/")


class Answers:
    def __init__(self) -> None:
        self._begun: WeakSet[http.HTTPFlow] = WeakSet()
        """Flows whose head went out while the provider was silent: it can't be changed any more."""

    def upstream_held(self, attempt: Attempt) -> None:
        if attempt.flow.response:
            identify(attempt.flow, attempt.flow.response)
            self._begun.add(attempt.flow)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.response:
            identify(flow, flow.response)

    def response(self, flow: http.HTTPFlow) -> None:
        response = flow.response
        if not response or response.stream or flow in self._begun or response.status_code == 101:
            return
        identify(flow, response)
        if flow.request.method == "HEAD":
            response.data.content = b""  # the length stays: it is what GET would bring
        else:
            compress(sent(flow), response)


def sent(flow: http.HTTPFlow) -> http.Request:
    """The client's request: what the flow has may by now be the provider's."""
    call = exchange.of(flow)
    return call.sent if call else flow.request


def identify(flow: http.HTTPFlow, response: http.Response) -> None:
    """The provider's own id is the one its support asks for; else the client's, else the flow's."""
    if not any(name in response.headers for name in _IDS):
        own = sent(flow).headers.get("x-request-id", "")
        response.headers["x-request-id"] = own if _OWN_ID.fullmatch(own) else flow.id.partition("-")[0]


def compress(request: http.Request, response: http.Response) -> None:
    """A whole answer; streams go out as they come, and what a provider packed stays as it is."""
    content = response.raw_content or b""
    if len(content) < SMALL or "content-encoding" in response.headers:
        return
    if not _TEXT.match(response.headers.get("content-type", "")):
        return
    response.headers["vary"] = ", ".join(filter(None, (response.headers.get("vary", ""), "accept-encoding")))
    if encoding := compression.chosen(request.headers.get("accept-encoding", "")):
        response.data.content = compression.ENCODERS[encoding](content)
        response.headers["content-encoding"] = encoding
        response.headers["content-length"] = str(len(response.data.content))
