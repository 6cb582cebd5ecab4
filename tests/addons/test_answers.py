"""What every answer has: an id, no body for HEAD, and less on the wire where the client takes that."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

import pytest
from exchanges import begun, flow
from mitmproxy import http
from wires import CHAT_REQUEST

from cliproxy.addons.answers import SMALL, Answers
from cliproxy.addons.attempts import Attempt

LARGE = b'{"a": "' + b"x" * SMALL + b'"}'
JSON = {"content-type": "application/json"}


def answered(headers: Mapping[str, str], answer: http.Response, method: str = "GET") -> http.Response:
    one = flow(method, "/v1/models", headers=headers)
    one.response = answer
    addon = Answers()
    addon.responseheaders(one)
    addon.response(one)
    return answer


@pytest.mark.parametrize(
    "asked, given, expected",
    [
        ({"x-request-id": "mine-1"}, {}, {"x-request-id": "mine-1"}),
        ({"x-request-id": "mine-1"}, {"x-request-id": "theirs"}, {"x-request-id": "theirs"}),
        ({"x-request-id": "mine-1"}, {"request-id": "req_1"}, {"request-id": "req_1"}),
    ],
)
def test_an_id_to_ask_for(asked: Mapping[str, str], given: dict[str, str], expected: dict[str, str]) -> None:
    found = answered(asked, http.Response.make(200, b"", given)).headers
    assert {name: found[name] for name in ("x-request-id", "request-id") if name in found} == expected


@pytest.mark.parametrize("asked", [{}, {"x-request-id": "a b"}, {"x-request-id": "x" * 129}])
def test_an_id_of_our_own_where_nobody_gives_one(asked: Mapping[str, str]) -> None:
    assert len(answered(asked, http.Response.make(200, b"")).headers["x-request-id"]) == 8


def test_head_has_the_length_and_no_body() -> None:
    found = answered({}, http.Response.make(200, b"abc", JSON), "HEAD")
    assert (found.raw_content, found.headers["content-length"]) == (b"", "3")


def test_packed_for_those_who_take_it() -> None:
    found = answered({"accept-encoding": "gzip"}, http.Response.make(200, LARGE, JSON))
    assert found.headers["content-encoding"] == "gzip" and gzip.decompress(found.raw_content or b"") == LARGE
    assert (
        found.headers["content-length"] == str(len(found.raw_content or b""))
        and "accept-encoding" in found.headers["vary"]
    )


@pytest.mark.parametrize(
    "accept, content, headers",
    [
        ("", LARGE, JSON),
        ("gzip", LARGE[:100], JSON),
        ("gzip", LARGE, {"content-type": "audio/mpeg"}),
        ("gzip", LARGE, {}),
    ],
)
def test_what_stays_as_it_is(accept: str, content: bytes, headers: Mapping[str, str]) -> None:
    found = answered({"accept-encoding": accept}, http.Response.make(200, content, dict(headers)))
    assert (found.raw_content, "content-encoding" in found.headers) == (content, False)


def test_what_the_provider_packed_stays() -> None:
    packed = http.Response.make(200, b"", {**JSON, "content-encoding": "br"})
    packed.data.content = LARGE
    assert answered({"accept-encoding": "gzip"}, packed).headers["content-encoding"] == "br"


def test_a_head_that_went_out_is_not_changed() -> None:
    one = flow("POST", "/v1/chat/completions", CHAT_REQUEST, {"accept-encoding": "gzip", "x-request-id": "mine-1"})
    begun(one)
    addon = Answers()
    one.response = held = http.Response.make(200, b"", JSON)
    addon.upstream_held(Attempt(one))
    assert held.headers["x-request-id"] == "mine-1"
    one.response = http.Response.make(200, LARGE, JSON)
    addon.response(one)
    assert one.response.raw_content == LARGE


def test_the_clients_own_request_tells_what_it_takes() -> None:
    one = flow("POST", "/v1/chat/completions", CHAT_REQUEST, {"accept-encoding": "gzip"})
    begun(one)
    one.request.headers["accept-encoding"] = "identity"
    one.response = http.Response.make(200, LARGE, JSON)
    Answers().response(one)
    assert one.response.headers["content-encoding"] == "gzip"
