"""The gateway's own answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import PATHS, request

from cliproxy.addons import replies
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS


@pytest.mark.parametrize("format", PATHS)
def test_the_format_is_that_of_the_path(format: str) -> None:
    assert replies.format_of(request(path=PATHS[format])) is FORMATS[format]


@pytest.mark.parametrize(
    "path, body",
    [
        (
            "/v1/chat/completions",
            {"error": {"message": "no", "type": "invalid_request_error", "param": "model", "code": "not_found"}},
        ),
        ("/v1/messages", {"type": "error", "error": {"type": "not_found_error", "message": "no"}}),
        (PATHS["gemini"], {"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}}),
    ],
)
def test_an_error_has_the_shape_that_the_client_knows(path: str, body: Any) -> None:
    answer = replies.error(request(path=path), ir.Error(404, "no", param="model"))
    told = json.loads(answer.content or b"")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert {**told, "error": {**told["error"], **body["error"]}} == told
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    "error, expected",
    [
        (ir.Error(429, "busy"), {"retry-after": "5"}),
        (ir.Error(429, "busy", retry_after=17.4), {"retry-after": "17"}),
        (ir.Error(429, "busy", retry_after=0.2), {"retry-after": "1"}),
        (ir.Error(429, "busy", retry_after=0.0), {"retry-after": "1"}),
        (ir.Error(503, "down", retry_after=30.0), {"retry-after": "30"}),
        (ir.Error(503, "down"), {}),
        (ir.Error(400, "bad"), {}),
    ],
)
def test_a_429_always_says_when_to_come_back(error: ir.Error, expected: dict[str, str]) -> None:
    assert replies.retry_after(error) == expected


def test_json_is_sent_with_its_length_and_the_headers_asked_for() -> None:
    answer = replies.json(200, {"a": "ü"}, {"allow": "GET"})
    assert answer.content == '{"a":"ü"}'.encode()
    assert dict(answer.headers) == {"content-type": "application/json", "allow": "GET", "content-length": "10"}
