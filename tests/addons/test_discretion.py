"""What a provider repeats of our secrets goes no further; what it answers in earnest is not touched."""

from __future__ import annotations

import pytest
from endings import BODY
from exchanges import applied, begun, flow
from mitmproxy import http

from cliproxy.addons.discretion import Discretion

KEY = b"sk-test-openai"
ECHO = b'{"error": {"message": "wrong key ' + KEY + b'"}}'


def answered(status: int, encoding: str = "identity", exchange: bool = True) -> http.Response:
    one, discretion = flow(body=BODY), Discretion()
    discretion.use(applied())
    if exchange:
        begun(one)
    one.response = http.Response.make(status, b"", {"x-request-id": f"of {KEY.decode()}", "content-encoding": encoding})
    one.response.content = ECHO
    discretion.responseheaders(one)
    discretion.response(one)
    return one.response


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_error_is_cleaned(encoding: str) -> None:
    response = answered(401, encoding)
    assert response.content == ECHO.replace(KEY, b"[redacted]")
    assert response.headers["content-length"] == str(len(response.raw_content or b""))
    assert response.headers["x-request-id"] == "of [redacted]"


def test_an_answer_in_earnest_stays_as_it_is() -> None:
    response = answered(200)
    assert response.content == ECHO and KEY.decode() not in response.headers["x-request-id"]
    assert answered(401, exchange=False).content == ECHO
