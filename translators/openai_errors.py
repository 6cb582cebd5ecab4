"""Errors as OpenAI's APIs word them, and as the many servers that imitate them do."""

from __future__ import annotations

import re
from typing import Any

from . import ir
from .ir import Json
from .lenient import count, items, mapping, text

_WORDS: dict[int, tuple[str, str | None]] = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    403: ("invalid_request_error", "permission_denied"),
    404: ("invalid_request_error", "not_found"),
    408: ("server_error", "timeout"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("server_error", None),
    502: ("server_error", "bad_gateway"),
    503: ("server_error", "service_unavailable"),
    504: ("server_error", "timeout"),
    529: ("server_error", "overloaded"),
}
"""Status → OpenAI's type and code."""
_OWN_TYPES = frozenset({
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "insufficient_quota",
    "tokens",
    "requests",
    "server_error",
    "api_error",
})  # fmt: skip
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "content_filter": 400,
    "context_length_exceeded": 400,
    "tool_use_failed": 400,
    "not_found_error": 404,
    "model_not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "usage_limit_reached": 429,
    "RESOURCE_EXHAUSTED": 429,
    "tokens": 429,
    "requests": 429,
    "overloaded_error": 529,
    "server_is_overloaded": 503,
    "over_capacity": 503,
    "UNAVAILABLE": 503,
    "server_error": 500,
    "api_error": 500,
    "INTERNAL": 500,
}
"""What an error inside a 200 answer would have had for status, by its code or type."""
_WAIT = re.compile(
    r"(?:try again|retry|resets) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|h|m|s)(?![a-z]))+|\d+(?= second))", re.I
)
"""OpenAI: "Please try again in 6m0s." / "in 20ms." Others: "retry after 12 seconds"."""
_STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "": 1}
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.I | re.S)
_LONGEST = 2000
"""Characters of a text that is no JSON, so that no whole page becomes a message."""


def parse_error(status: int, body: Any) -> ir.Error:
    """Any body: OpenAI's ``{"error": {…}}``, bare fields, ``detail``, a list of one, text, HTML. Never raises."""
    if type(body) is list and body:
        body = body[0]
    if type(body) is not dict:
        return _from_text(status, body)
    inner = body.get("error")
    error = inner if type(inner) is dict else body
    message = text(error.get("message")) or _detail(error) or (inner if type(inner) is str else "")
    type_, code = _word(error.get("type")), _word(error.get("code"))
    if type(error.get("status")) is str and not type_:
        type_ = error["status"]  # Google: {"code": 503, "status": "UNAVAILABLE"}
    if raw := text(mapping(error.get("metadata")).get("raw")):
        message = f"{message}: {raw[:_LONGEST]}"  # OpenRouter: "Provider returned error", and here which
    known = status if status >= 400 else _status_of(error, type_, code)
    return ir.Error(
        known,
        message or _nothing(known),
        type_,
        code,
        text(error.get("param")),
        _retry_after(error, message),
    )


def render_error(error: ir.Error) -> Json:
    """OpenAI's own words for the status; the provider's code stays, being what clients look at."""
    type_, code = _WORDS.get(error.status) or _WORDS[400 if error.status < 500 else 500]
    return {
        "error": {
            "message": error.message,
            "type": error.type if error.type in _OWN_TYPES else type_,
            "param": error.param or None,
            "code": error.code or code,
        }
    }


def _word(value: Any) -> str:
    """Codes are strings at OpenAI, numbers at others."""
    return str(value) if type(value) is int else text(value)


def _status_of(error: Json, type_: str, code: str) -> int:
    for key in ("status_code", "status", "code"):
        number = count(error.get(key))
        if number is None and text(error.get(key)).isdigit():
            number = int(error[key][:4])
        if number is not None and 400 <= number < 600:
            return number
    return _STATUS.get(code) or _STATUS.get(type_) or 502


def _detail(error: Json) -> str:
    """FastAPI: ``{"detail": "…"}`` or a list of what is wrong where; Mistral puts that under `message`."""
    detail = error.get("detail") or mapping(error.get("message")).get("detail")
    if type(detail) is str:
        return detail
    return "; ".join(
        ".".join(str(step) for step in items(mapping(one).get("loc"))) + ": " + text(mapping(one).get("msg"))
        for one in items(detail)
    )


def _from_text(status: int, body: Any) -> ir.Error:
    known = status if status >= 400 else 502
    page = text(body).strip()
    if title := _TITLE.search(page):
        page = " ".join(title[2].split())
    return ir.Error(known, page[:_LONGEST] or _nothing(known), retry_after=_wait_in(page))


def _nothing(status: int) -> str:
    return f"The provider answered {status} and said no more."


def _retry_after(error: Json, message: str) -> float | None:
    for key in ("retry_after", "resets_in_seconds"):
        seconds = error.get(key)
        if isinstance(seconds, int | float):
            return float(seconds)
    return _wait_in(message)


def _wait_in(message: str) -> float | None:
    found = _WAIT.search(message[:_LONGEST])
    if not found:
        return None
    return sum(float(amount) * _SECONDS[unit] for amount, unit in _STEP.findall(found[1]))
