"""Pain 14, edge 22: errors in every shape, and in Google's own."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import gemini, ir
from cliproxy.translators.gemini.errors import status_of

QUOTA = {
    "error": {
        "code": 429,
        "message": "Quota reached.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "QUOTA_EXHAUSTED",
             "metadata": {"quotaResetDelay": "160h20m10.5s"}},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "577210.5s"},
        ],
    }
}  # fmt: skip


@pytest.mark.parametrize(
    "status, word",
    [(400, "INVALID_ARGUMENT"), (401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"),
     (409, "ABORTED"), (413, "INVALID_ARGUMENT"), (422, "INVALID_ARGUMENT"), (429, "RESOURCE_EXHAUSTED"),
     (499, "CANCELLED"), (500, "INTERNAL"), (501, "UNIMPLEMENTED"), (502, "UNAVAILABLE"), (503, "UNAVAILABLE"),
     (504, "DEADLINE_EXCEEDED"), (520, "INTERNAL"), (529, "UNAVAILABLE")],
)  # fmt: skip
def test_a_status_has_its_word(judge: Any, status: int, word: str) -> None:
    body = gemini.render_error(ir.Error(status, "no", "rate_limit_error"))
    assert body == {"error": {"code": status, "message": "no", "status": word}}
    assert gemini.parse_error(status, body) == ir.Error(status, "no", word)
    with pytest.raises(judge.errors.APIError) as raised:
        judge.whole(body, status)
    assert (raised.value.code, raised.value.status, raised.value.message) == (status, word, "no")


def test_googles_own_word_stays_where_it_fits() -> None:
    for status, word in ((400, "FAILED_PRECONDITION"), (409, "ALREADY_EXISTS"), (404, "NOT_FOUND")):
        assert gemini.render_error(ir.Error(status, "no", word))["error"]["status"] == word
    assert gemini.render_error(ir.Error(500, "no", "NOT_FOUND"))["error"]["status"] == "INTERNAL"


@pytest.mark.parametrize("body", [QUOTA, [QUOTA], [None, QUOTA]])
def test_the_list_of_one_and_the_retry_hint(body: Any) -> None:
    """Pain 24: reset hints stand in the details only."""
    error = gemini.parse_error(429, body)
    assert error == ir.Error(429, "Quota reached.", "RESOURCE_EXHAUSTED", "QUOTA_EXHAUSTED", retry_after=577210.5)
    assert gemini.parse_error(429, gemini.render_error(error)).retry_after == 577210.5


@pytest.mark.parametrize(
    "error, seconds",
    [
        ({"details": [{"metadata": {"quotaResetDelay": "576.25ms"}}]}, 0.57625),
        ({"details": [{"retryDelay": "30s"}]}, 30),
        ({"details": [{"retryDelay": {"seconds": "7", "nanos": 1}}]}, 7),
        ({"details": [{"retryDelay": "soon"}, None, 7]}, None),
        ({"message": "Please retry in 12.5s."}, 12.5),
        ({"message": "Resets in 160h20m10s."}, 577210),
        ({"message": "Please try again later."}, None),
    ],
)
def test_retry_hints(error: Any, seconds: float | None) -> None:
    assert gemini.parse_error(429, {"error": error}).retry_after == seconds


@pytest.mark.parametrize(
    "body, message",
    [
        ({"error": {"message": "no key", "type": "invalid_request_error", "code": "bad"}}, "no key"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "busy"),
        ({"error": "plain"}, "plain"),
        ({"detail": [{"msg": "x"}]}, '[{"msg":"x"}]'),
        ({"message": "gone"}, "gone"),
        ("<html><body><h1>502 Bad Gateway</h1></body></html>", "502 Bad Gateway"),
        ("plain words", "plain words"),
        ("", "The provider answered with status 500."),
        (None, "The provider answered with status 500."),
        ([], "The provider answered with status 500."),
        ({"error": [None, {"message": "in a list"}]}, "in a list"),
        ({"error": {"message": None, "details": "x", "code": {}}}, "The provider answered with status 500."),
        (7, "The provider answered with status 500."),
    ],
)
def test_errors_of_every_shape(body: Any, message: str) -> None:
    error = gemini.parse_error(500, body)
    assert (error.status, error.message) == (500, message)


@pytest.mark.parametrize(
    "error, status",
    [({"code": 503}, 503), ({"code": 200}, 502), ({"status": "CANCELLED"}, 499), ({}, 502), (None, 502)],
)
def test_the_status_of_an_error_inside_a_stream(error: Any, status: int) -> None:
    assert status_of({"error": error}) == status
