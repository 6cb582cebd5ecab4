"""Errors of the Responses API: as HTTP bodies, as ``error`` events, as ``response.failed``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .. import openai_errors
from ..ir import Error, Json
from ..lenient import count, mapping, text

_STATUS = {
    "invalid_prompt": 400,
    "bio_policy": 400,
    "cyber_policy": 400,
    "misalignment_policy_violation": 400,
    "data_residency_mismatch": 400,
    "unsupported_image_media_type": 400,
    "empty_image_file": 400,
    "failed_to_download_image": 400,
    "previous_response_not_found": 400,
    "usage_not_included": 403,
    "slow_down": 503,
    "vector_store_timeout": 504,
}
"""What a failure inside a 200 answer would have had for status, beside the words of `openai_errors`."""
_BAD_INPUT = re.compile(r"(invalid|image)_\w+")
_CODES = {429: "rate_limit_exceeded", 400: "invalid_prompt", 413: "invalid_prompt", 422: "invalid_prompt"}
"""Status → ``response.error.code``; for all others server_error."""
_FAILURES = frozenset({
    "server_error", "rate_limit_exceeded", "invalid_prompt", "context_length_exceeded", "insufficient_quota",
    "usage_not_included", "usage_limit_reached", "vector_store_timeout",
})  # fmt: skip
"""Codes that clients act upon (Codex compacts at context_length_exceeded), and so stay as the provider said them."""
_TOO_LONG = re.compile(
    r"prompt is too long|context window|context length|maximum context|exceeds? the maximum number of tokens", re.I
)
"""How Anthropic, Gemini and others say ``context_length_exceeded``."""
_UNSAID = 502


def parse_error(status: int, body: object) -> Error:
    """Any body in any shape; inside a 200 the status is found in the error's own words. Never raises."""
    outer = mapping(body)
    if outer.get("type") == "error" and isinstance(outer.get("error"), dict):
        # Codex backend: {"type": "error", "error": {…}, "status_code": 429}
        at = {key: outer[key] for key in ("status_code", "status") if count(outer.get(key))}
        body = {"error": {**at, **outer["error"]}}
    error = openai_errors.parse_error(status, body)
    if status >= 400 or error.status != _UNSAID:
        return error
    return replace(error, status=_STATUS.get(error.code) or (400 if _BAD_INPUT.fullmatch(error.code) else _UNSAID))


def render_error(error: Error) -> Json:
    """``{"error": {message, type, param, code}}``."""
    return openai_errors.render_error(_named(error))


def render_event(error: Error) -> Json:
    """The ``error`` event, as the API sends it: "error" nested, so that the makers' SDKs raise."""
    return {"type": "error", **render_error(error)}


def render_failure(error: Error) -> Json:
    """The ``error`` of a failed response."""
    code = _named(error).code
    return {"code": code if code in _FAILURES else _CODES.get(error.status, "server_error"), "message": error.message}


def _named(error: Error) -> Error:
    """With the one code that Codex must see to compact, in place of another provider's words for it."""
    if error.status in (400, 413) and not error.code and _TOO_LONG.search(error.message):
        return replace(error, code="context_length_exceeded")
    return error


def failure_of(response: Json) -> Any:
    """The error in a failed response, or what stands there for one."""
    error = response.get("error")
    return error if isinstance(error, dict) else {"message": text(error) or "The provider's answer failed."}
