"""Reads a client's request: its JSON with the place of any fault, its method, its content type."""

from __future__ import annotations

from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, wire

from . import endpoints
from .endpoints import Endpoint


class Refused(Exception):
    """The client's request can't be served: `error` says why."""

    def __init__(self, status: int, message: str, param: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.error = ir.Error(status, message, param=param)
        self.headers = headers or {}


def method_checked(request: http.Request, found: Endpoint | None) -> Endpoint:
    """The endpoint, if it is served and by this method."""
    if not found:
        served = "; ".join(endpoints.SERVED)
        raise Refused(404, f"Nothing is served at {request.path.partition('?')[0]!r}. Served are: {served}.")
    if request.method not in found.methods:
        allowed = ", ".join(found.methods)
        raise Refused(405, f"{request.method} is not served here; use {allowed}.", headers={"allow": allowed})
    return found


def read_body(request: http.Request) -> dict[str, Any]:
    """The JSON object that the client sent. Raises `Refused`, with the place of the fault."""
    try:
        content = request.content
    except ValueError as fault:
        encoding = request.headers.get("content-encoding", "")
        raise Refused(400, f"The body can't be decoded as {encoding!r}: {fault}") from None
    if not content:
        raise Refused(400, "The body is empty; it must be a JSON object.")
    try:
        body = wire.loads(content)
    except ValueError as fault:
        raise Refused(400, f"The body is not valid JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Refused(400, f"The body must be a JSON object, not {wire.kind_of(body)}.")
    return body
