from __future__ import annotations

import json
from typing import Any

import pytest
from recordings import CORPUS

from cliproxy.translators import anthropic, ir

OWN = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@pytest.mark.parametrize("status, type_", OWN.items())
def test_each_status_has_its_type(status: int, type_: str) -> None:
    """Pain 14: errors in the wrong dialect."""
    body = anthropic.render_error(ir.Error(status, "slow down", "server_error", "code"))
    assert body == {"type": "error", "error": {"type": type_, "message": "slow down"}}
    assert anthropic.parse_error(status, body) == ir.Error(status, "slow down", type_)
    assert anthropic.parse_error(200, body).status == status


@pytest.mark.parametrize(
    "status, type_", [(418, "invalid_request_error"), (502, "api_error"), (503, "overloaded_error")]
)
def test_other_statuses(status: int, type_: str) -> None:
    assert anthropic.render_error(ir.Error(status, "x"))["error"]["type"] == type_


def test_a_type_of_their_own_stays() -> None:
    assert anthropic.render_error(ir.Error(503, "x", "api_error"))["error"]["type"] == "api_error"


@pytest.mark.parametrize(
    "status, body, error",
    [
        (
            429,
            {"error": {"message": "m", "type": "tokens", "code": "rate", "param": "p"}},
            ir.Error(429, "m", "tokens", "rate", "p"),
        ),
        (
            503,
            {"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}},
            ir.Error(503, "m", "UNAVAILABLE", "503"),
        ),
        (200, {"error": {"code": 503, "message": "m"}}, ir.Error(503, "m", "", "503")),
        (400, [{"error": {"message": "m"}}], ir.Error(400, "m")),
        (400, {"error": "m"}, ir.Error(400, "m")),
        (400, {"message": "m"}, ir.Error(400, "m")),
        (422, {"detail": [{"msg": "a"}, {"msg": "b"}]}, ir.Error(422, "a; b")),
        (422, {"detail": "m"}, ir.Error(422, "m")),
        (502, "<html><head><title>502 Bad\nGateway</title></head></html>", ir.Error(502, "502 Bad Gateway")),
        (500, "oh no", ir.Error(500, "oh no")),
        (500, "", ir.Error(500, "The provider answered 500 and said no more.")),
        (500, None, ir.Error(500, "The provider answered 500 and said no more.")),
        (200, "?", ir.Error(502, "?")),
        (
            400,
            {"type": "error", "error": {"type": "x", "message": "m", "details": {"error_code": "c"}}},
            ir.Error(400, "m", "x", "c"),
        ),
        (400, {"error": {"type": ["?"], "message": {}}}, ir.Error(400, "The provider answered 400 and said no more.")),
    ],
)
def test_any_shape_is_read(status: int, body: Any, error: ir.Error) -> None:
    assert anthropic.parse_error(status, body) == error


@pytest.mark.parametrize(
    "body, seconds",
    [
        ({"error": {"message": "Please try again in 20ms."}}, 0.02),
        ({"error": {"message": "Rate limited. Retry after 12 seconds"}}, 12),
        ({"error": {"message": "Please try again in 1.5s"}}, 1.5),
        ({"error": {"message": "m", "resets_in_seconds": 13872}}, 13872),
        ({"error": {"message": "m", "retry_after": True}}, None),
        ({"error": {"message": "Please try again later."}}, None),
        ("try again in 2 min", 120),
    ],
)
def test_hints_when_to_retry(body: Any, seconds: float | None) -> None:
    """Pain 24."""
    assert anthropic.parse_error(429, body).retry_after == seconds


@pytest.mark.skipif(not CORPUS.exists(), reason=f"no recordings at {CORPUS}")
def test_errors_that_users_reported() -> None:
    for line in (CORPUS / "reported_errors.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["wire"] == "anthropic-messages" and not record["is_stream"]:
            body = json.loads(record["response_body"])
            error = anthropic.parse_error(record["status"], body)
            assert (error.message, error.type) == (body["error"]["message"], body["error"]["type"])


def test_what_became_of_a_thread_is_told_in_the_codes_that_the_sdks_act_upon() -> None:
    body = anthropic.render_error(ir.Error(400, "m", code="thread_not_found"))
    assert body["error"]["details"] == {"error_code": "thread_not_found"}
    assert anthropic.parse_error(400, body).code == "thread_not_found"
