"""Answers that the gateway gives itself, in the shape that the asking client knows."""

from __future__ import annotations

from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import Format

from . import endpoints

RETRY_AFTER = 5
"""Seconds a client is told to wait when nobody knows better. Without the header some clients give up for good."""


def format_of(request: http.Request) -> Format:
    """The format that the client speaks, as far as path and headers tell."""
    found = endpoints.find(request.path, request.headers, request.query)
    return found.format if found else endpoints.format_of(request.path, request.headers, request.query)


def json(status: int, body: Any, headers: dict[str, str] | None = None) -> http.Response:
    return http.Response.make(status, wire.dumps(body), {"content-type": "application/json", **(headers or {})})


def error(request: http.Request, error: ir.Error) -> http.Response:
    """An error in the client's format; a 429 always says when to come back."""
    return json(error.status, format_of(request).render_error(error), retry_after(error))


def retry_after(error: ir.Error) -> dict[str, str]:
    if error.status != 429 and error.retry_after is None:
        return {}
    return {"retry-after": str(max(1, round(RETRY_AFTER if error.retry_after is None else error.retry_after)))}
