from __future__ import annotations

import json

import pytest
import recordings

from cliproxy.translators.ir import Error
from cliproxy.translators.openai_responses.errors import parse_error, render_error, render_event, render_failure


@pytest.mark.parametrize(
    "body, status",
    [
        ({"error": {"code": "rate_limit_exceeded", "message": "m"}}, 429),
        ({"error": {"code": "server_is_overloaded", "message": "m"}}, 503),
        ({"error": {"code": "slow_down", "message": "m"}}, 503),
        ({"error": {"code": "server_error", "message": "m"}}, 500),
        ({"error": {"code": "invalid_prompt", "message": "m"}}, 400),
        ({"error": {"code": "invalid_image_url", "message": "m"}}, 400),
        ({"error": {"code": "image_too_large", "message": "m"}}, 400),
        ({"error": {"code": "context_length_exceeded", "message": "m"}}, 400),
        ({"error": {"code": "usage_not_included", "message": "m"}}, 403),
        ({"error": {"code": "vector_store_timeout", "message": "m"}}, 504),
        ({"error": {"code": "unheard_of", "message": "m"}}, 502),
        ({"type": "error", "error": {"type": "usage_limit_reached", "message": "m"}, "status_code": 429}, 429),
        ({"type": "error", "error": {"message": "m"}, "status_code": 403}, 403),
        ({"type": "error", "code": "server_error", "message": "m"}, 500),
        ({"type": "error", "message": "m"}, 502),
    ],
)
def test_status_inside_a_200(body: object, status: int) -> None:
    """Pain 14, edge case 22: error events inside HTTP 200 become real statuses."""
    error = parse_error(200, body)
    assert (error.status, error.message) == (status, "m")


def test_codex_usage_limit() -> None:
    """Pain 24: the reset hint is kept (corpus: codex-stream-usage-limit)."""
    body = {
        "type": "error",
        "error": {"type": "usage_limit_reached", "message": "Limit reached", "resets_in_seconds": 13872},
        "status_code": 429,
    }  # fmt: skip
    error = parse_error(200, body)
    assert (error.status, error.type, error.retry_after) == (429, "usage_limit_reached", 13872)


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "<html><title>502 Bad Gateway</title>",
        [],
        {},
        5,
        {"error": 3},
        {"error": {"code": []}},
        {"detail": "x"},
    ],
)
def test_any_body(body: object) -> None:
    assert parse_error(418, body).status == 418
    assert parse_error(418, body).message


def test_render() -> None:
    assert render_error(Error(429, "slow", "overloaded_error")) == {
        "error": {"message": "slow", "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"}
    }


@pytest.mark.parametrize(
    "message",
    [
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count exceeds the maximum number of tokens",
    ],
)
def test_codex_compacts_when_a_prompt_is_too_long(message: str) -> None:
    """Pain 15: whoever says so, Codex looks for this code."""
    assert render_error(Error(400, message))["error"]["code"] == "context_length_exceeded"
    assert render_failure(Error(400, message))["code"] == "context_length_exceeded"


@pytest.mark.parametrize(
    "error, code",
    [
        (Error(429, "m"), "rate_limit_exceeded"),
        (Error(400, "m"), "invalid_prompt"),
        (Error(529, "m", "overloaded_error"), "server_error"),
        (Error(502, "m", code="weird"), "server_error"),
        (Error(429, "m", code="insufficient_quota"), "insufficient_quota"),
    ],
)
def test_failure_codes(error: Error, code: str) -> None:
    """clients/README §6: `server_is_overloaded` is fatal to Codex, so an overload is a server_error that it retries."""
    assert render_failure(error) == {"code": code, "message": "m"}


def test_event() -> None:
    event = render_event(Error(500, "m"))
    assert event["type"] == "error" and event["error"]["message"] == "m"


REPORTED = recordings.CORPUS / "reported_errors.jsonl"


@pytest.mark.skipif(not REPORTED.exists(), reason=f"no recordings at {REPORTED}")
def test_reported_errors() -> None:
    """Shapes that users reported, of every provider: each has a status, a message, and a spelling here."""
    for line in REPORTED.read_text().splitlines():
        one = json.loads(line)
        text = one["response_body"].removeprefix("event: error\ndata: ").strip()
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        error = parse_error(one["status"], body)
        assert error.status >= 400 and error.message, one["name"]
        assert render_error(error)["error"]["message"] == error.message
        if one["name"].startswith("codex"):
            assert (error.status, error.type) == (429, "usage_limit_reached") and error.retry_after, one["name"]
