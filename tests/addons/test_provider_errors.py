"""What a provider's refusal means, from the wire to the kind of failure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mitmproxy import http

from cliproxy.addons.accounts.cooldowns import Kind
from cliproxy.addons.provider_errors import kind_of, provider_error
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS

NOW = 1_790_000_000.0
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


def error_of(status: int, body: Any, headers: dict[str, str], format: str = "openai_chat") -> ir.Error:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return provider_error(FORMATS[format], http.Response.make(status, content, headers), NOW)


@pytest.mark.parametrize(
    "format, status, body, headers, kind, seconds",
    [
        ("openai_chat", 429, {"error": {"message": "Please try again in 6m0s."}}, {}, "limited", 360),
        ("openai_chat", 429, {"error": {"code": "insufficient_quota"}}, {}, "payment", None),
        ("openai_chat", 429, {"error": {"message": "slow"}}, {"retry-after": "17"}, "limited", 17),
        (
            "openai_responses",
            429,
            {"error": {"type": "usage_limit_reached", "resets_in_seconds": 99}},
            {},
            "used up",
            99,
        ),
        ("openai_responses", 429, {"error": {"type": "usage_limit_reached", "resets_at": NOW + 9}}, {}, "used up", 9),
        ("gemini", 429, {"error": {"code": 429, "details": [RETRY_INFO]}}, {}, "limited", 34.5),
        ("gemini", 400, {"error": {"code": 400, "details": [BAD_KEY]}}, {}, "unauthorized", None),
        ("anthropic", 529, {"type": "error", "error": {"type": "overloaded_error"}}, {}, "failing", None),
        ("anthropic", 429, {}, {"anthropic-ratelimit-unified-status": "rejected"}, "used up", None),
        ("anthropic", 400, {"error": {"message": "Your credit balance is too low"}}, {}, "payment", None),
        ("anthropic", 400, {"error": {"type": "invalid_request_error", "message": "no"}}, {}, "request", None),
        ("openai_chat", 400, {"error": {"code": "context_length_exceeded"}}, {}, "request", None),
    ],
)
def test_what_a_refusal_means(
    format: str, status: int, body: Any, headers: dict[str, str], kind: Kind, seconds: float | None
) -> None:
    error = error_of(status, body, headers, format)
    assert kind_of(error, "status") == kind
    assert error.retry_after == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("failure", ["dropped", "timeout", "stream"])
def test_silence_is_the_providers_failure_and_no_connection_the_addresses(failure: Any) -> None:
    assert kind_of(ir.Error(502, "x"), failure) == "failing"
    assert kind_of(ir.Error(502, "x"), "connect") == "unreachable"


@pytest.mark.parametrize(
    "content, message",
    [
        (b'{"error":{"message":"plain","code":"x"}}', "plain"),
        (b"<html><title>Bad gateway</title></html>", "Bad gateway"),
        (b"busy", "busy"),
        (b"", "The provider answered 502 and said no more."),
        (b"\xff\xfe", None),
        (b'["x"]', None),
    ],
)
def test_errors_come_in_every_shape_and_are_read(content: bytes, message: str | None) -> None:
    error = error_of(502, content, {"retry-after": "3"})
    assert (error.status, error.retry_after) == (502, 3.0)
    assert message is None or error.message == message
