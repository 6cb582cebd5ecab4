"""A provider's error in neutral words: what it means, when to come back, and whose fault it is."""

from __future__ import annotations

from dataclasses import replace

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import Format

from . import hints
from .accounts import cooldowns
from .accounts.cooldowns import Kind
from .attempts import Failure

STATUS = {"connect": 502, "dropped": 502, "timeout": 504, "stream": 502}
"""By what went wrong, where no status came."""


def provider_error(format: Format, response: http.Response, now: float) -> ir.Error:
    """`format`: how the provider speaks. What headers say of the time goes before what the body says."""
    text = response.get_text(strict=False) or ""
    try:
        body: object = wire.loads(text)
    except ValueError:
        body = text
    error = format.parse_error(response.status_code, body)
    if hints.used_up(response.headers):
        error = replace(error, code="usage_limit_reached")
    hint = hints.wait(response.headers, body, now)
    return error if hint is None else replace(error, retry_after=hint)


def kind_of(error: ir.Error, failure: Failure | None) -> Kind:
    return cooldowns.kind_of(error.status, (error.code, error.type), error.message, failure != "connect")
