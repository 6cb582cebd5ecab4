"""Reads a client's request: its JSON with the place of any fault, its method, its content type."""

from __future__ import annotations

import re
from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, wire

from . import compression, endpoints
from .endpoints import Endpoint
from .settings import Limits

BODY_SIZE = Limits().body_size
_JSON = re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)


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


def unpacked(request: http.Request, limit: int = BODY_SIZE) -> None:
    """Undo the compression of a body that is kept. Raises `Refused`, also for one that would not fit in `limit`."""
    if not (encoding := request.headers.get("content-encoding", "")):
        return
    try:
        content = compression.decoded(request.raw_content or b"", encoding, limit)
    except compression.TooLarge:
        message = f"The request's body is larger than {limit} bytes when unpacked, the limit of this gateway."
        raise Refused(413, message) from None
    except ValueError as fault:
        raise Refused(400, f"The body can't be decoded as {encoding!r}: {fault}") from None
    del request.headers["content-encoding"]
    request.content = content


def read_body(request: http.Request, limit: int = BODY_SIZE) -> dict[str, Any]:
    """The JSON object that the client sent. Raises `Refused`, with the place of the fault."""
    unpacked(request, limit)
    content = request.raw_content
    if not content:
        raise Refused(400, "The body is empty; it must be a JSON object.")
    kind_checked(request)
    try:
        body = wire.loads(content)
    except ValueError as fault:
        raise Refused(400, f"The body is not valid JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Refused(400, f"The body must be a JSON object, not {wire.kind_of(body)}.")
    return body


def kind_checked(request: http.Request) -> None:
    """JSON that is called so. A browser sends what is called otherwise, or nothing, for any page without asking."""
    kind = request.headers.get("content-type", "")
    if _JSON.match(kind) or (not kind and "origin" not in request.headers):
        return
    said = f"not {kind.partition(';')[0].strip()!r}" if kind else "and say so, since a browser sends it"
    raise Refused(400, f"The body must be JSON, content-type application/json, {said}.")
