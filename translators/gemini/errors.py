"""Errors in Google's words (google.rpc.Status), both ways."""

from __future__ import annotations

import math
import re
from typing import Any

from .. import ir, wire
from ..ir import Json
from ..lenient import count, items, mapping, text

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
"""google/rpc/code.proto, "HTTP Mapping"; what has no code there gets its nearest kin."""
_HTTP = {word: status for status, word in reversed(STATUS.items()) if status not in (408, 502, 529)} | {
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "ALREADY_EXISTS": 409,
    "UNKNOWN": 500,
    "DATA_LOSS": 500,
}
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_TERM = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ms|h|m|s)")
_DURATION = re.compile(r"(?:\d{1,12}(?:\.\d{1,12})?(?:ms|h|m|s)){1,4}")
_IN_WORDS = re.compile(rf"(?:retry in|resets? (?:in|after)) ({_DURATION.pattern})", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,500}>")
MAX_MESSAGE = 2000


def parse_error(status: int, body: object) -> ir.Error:
    """Reads ``{"error": {…}}``, the list of one that streamGenerateContent gives, other makers' JSON, text and HTML."""
    if isinstance(body, list):
        body = next((one for one in body if isinstance(one, dict)), None)
    if not isinstance(body, dict):
        return ir.Error(status, _plain(body, status), retry_after=_hint_in(text(body)))
    error = body.get("error")
    if isinstance(error, list):
        error = next((one for one in error if isinstance(one, dict)), None)
    fields = error if isinstance(error, dict) else body
    message = _message(fields) or (error if isinstance(error, str) else "") or _plain("", status)
    reasons = [text(mapping(detail).get("reason")) for detail in items(fields.get("details"))]
    return ir.Error(
        status,
        message,
        type=text(fields.get("status")) or text(fields.get("type")),
        code=next(filter(None, reasons), "") or text(fields.get("code")),
        param=text(fields.get("param")),
        retry_after=_hint(fields, message),
    )


def status_of(body: Json) -> int:
    """The HTTP status of an error that came inside a stream, which had begun with 200."""
    error = mapping(body.get("error"))
    status = count(error.get("code"))
    if status is not None and 400 <= status <= 599:
        return status
    return _HTTP.get(text(error.get("status")), 502)


def render_error(error: ir.Error) -> Json:
    known = error.type in _HTTP and _HTTP[error.type] == error.status
    nearest = "INVALID_ARGUMENT" if error.status < 500 else "INTERNAL"
    status = error.type if known else STATUS.get(error.status, nearest)
    fields: Json = {"code": error.status, "message": error.message, "status": status}
    if error.retry_after is not None:
        delay = f"{error.retry_after:.3f}".rstrip("0").rstrip(".")
        fields["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay}s"}]
    return {"error": fields}


def _message(fields: Json) -> str:
    for key in ("message", "detail", "error_description", "msg"):
        value = fields.get(key)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict | list) and value:
            return wire.dumps(value).decode()[:MAX_MESSAGE]
    return ""


def _plain(body: Any, status: int) -> str:
    if not isinstance(body, str) or not body.strip():
        return f"The provider answered with status {status}."
    return " ".join(_TAG.sub(" ", body[: 4 * MAX_MESSAGE]).split())[:MAX_MESSAGE] or _plain("", status)


def _hint(error: Json, message: str) -> float | None:
    """Seconds until the next try: RetryInfo first, then Code Assist's quotaResetDelay, then the words."""
    details = [mapping(detail) for detail in items(error.get("details"))]
    for detail in details:
        if (delay := _seconds(detail.get("retryDelay"))) is not None:
            return delay
    for detail in details:
        if (delay := _seconds(mapping(detail.get("metadata")).get("quotaResetDelay"))) is not None:
            return delay
    return _hint_in(message)


def _hint_in(message: str) -> float | None:
    found = _IN_WORDS.search(message[:MAX_MESSAGE])
    return _seconds(found[1]) if found else None


def _seconds(duration: Any) -> float | None:
    """``30s``, ``1.5s``, ``576.24ms``, ``160h20m10.7s``; ``{"seconds": 30, "nanos": 5}`` from older libraries."""
    if isinstance(duration, dict):
        seconds = duration.get("seconds")
        number = seconds if isinstance(seconds, int | float) else text(seconds)[:18]
        return float(number) if not isinstance(number, str) or number.isdecimal() else None
    if not isinstance(duration, str) or not _DURATION.fullmatch(duration):
        return None
    total = sum(float(number) * _SECONDS[unit] for number, unit in _TERM.findall(duration))
    return total if math.isfinite(total) else None
