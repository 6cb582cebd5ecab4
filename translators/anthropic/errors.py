"""Errors as Anthropic words them, and read from whatever shape a server gives them."""

from __future__ import annotations

import re
from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import items, mapping, text

_TYPE = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""https://platform.claude.com/docs/en/api/errors"""
_STATUS = {type_: status for status, type_ in _TYPE.items()} | {"timeout_error": 504, "overloaded_error": 529}
"""What an error inside a 200 stream would have had for status."""
_WAIT = re.compile(r"(?:try again|retry)[^.\d]{0,20}?(\d+(?:\.\d+)?) ?(ms|m|s|min|sec)", re.I)
_SECONDS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60}
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.I | re.S)
_LONGEST = 2000
"""Characters of a text that is no JSON, so that no whole page becomes a message."""


def render_error(error: ir.Error) -> Json:
    """A type of Anthropic's own stays; another format's is replaced by what goes with the status."""
    type_ = error.type if error.type in _STATUS else _type_of(error.status)
    # The makers' SDKs act upon these codes: they replay a thread that is lost, or go on without one.
    details = {"details": {"error_code": error.code}} if error.code.startswith("thread_") else {}
    return {"type": "error", "error": {"type": type_, "message": error.message, **details}}


def _type_of(status: int) -> str:
    return _TYPE.get(status) or ("invalid_request_error" if 400 <= status < 500 else "api_error")


def parse_error(status: int, body: object) -> ir.Error:
    """``{"type": "error", "error": {"type", "message"}}``; any other JSON, text or HTML does too. Never raises.

    A `status` below 400 is that of a stream which held the error: then the type tells.
    """
    if type(body) is list and body:
        body = body[0]
    if type(body) is not dict:
        return _from_text(status, text(body))
    inner = body.get("error")
    error = inner if type(inner) is dict else body
    type_ = _word(error.get("type")) if error is not body or body.get("type") != "error" else ""
    message = text(error.get("message")) or text(inner) or text(body.get("message")) or _detail(body)
    known = status if status >= 400 else _STATUS.get(type_) or _number(error.get("code")) or 500
    return ir.Error(
        known,
        message or _nothing(known),
        type_ or _word(error.get("status")),
        _word(mapping(error.get("details")).get("error_code")) or _word(error.get("code")),
        text(error.get("param")),
        _retry_after(error, message),
    )


def _word(value: Any) -> str:
    return str(value) if type(value) in (str, int) else ""


def _number(code: Any) -> int | None:
    return code if type(code) is int and 400 <= code < 600 else None


def _detail(body: Json) -> str:
    """FastAPI: ``{"detail": "…"}``, or a list of what is wrong."""
    detail = body.get("detail")
    if isinstance(detail, str):
        return detail
    return "; ".join(filter(None, (text(mapping(one).get("msg")) for one in items(detail))))


def _from_text(status: int, page: str) -> ir.Error:
    known = status if status >= 400 else 502
    if title := _TITLE.search(page[:_LONGEST]):
        page = " ".join(title[2].split())
    message = page.strip()[:_LONGEST]
    return ir.Error(known, message or _nothing(known), retry_after=_wait_in(message))


def _nothing(status: int) -> str:
    return f"The provider answered {status} and said no more."


def _retry_after(error: Json, message: str) -> float | None:
    for key in ("retry_after", "resets_in_seconds"):
        seconds = error.get(key)
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return float(seconds)
    return _wait_in(message)


def _wait_in(message: str) -> float | None:
    found = _WAIT.search(message[:_LONGEST])
    return float(found[1]) * _SECONDS[found[2].lower()] if found else None
