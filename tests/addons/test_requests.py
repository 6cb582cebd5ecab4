"""A client's request, read: method, content, and each fault with its place."""

from __future__ import annotations

import gzip

import pytest
from exchanges import request

from cliproxy.addons import endpoints
from cliproxy.addons.requests import Refused, method_checked, read_body


def test_json_with_the_place_of_its_fault() -> None:
    with pytest.raises(Refused) as refused:
        read_body(request(body=b'{"a": 1,\n "b": }'))
    assert refused.value.error.status == 400
    assert "line 2 column 7" in refused.value.error.message


def test_an_object_is_read() -> None:
    assert read_body(request(body={"a": 1})) == {"a": 1}


def test_an_endpoint_by_its_method() -> None:
    found = endpoints.find("/v1/files", {}, {})
    assert method_checked(request("GET", "/v1/files"), found) is found
    with pytest.raises(Refused) as refused:
        method_checked(request("PUT", "/v1/files"), found)
    assert (refused.value.error.status, refused.value.headers) == (405, {"allow": "GET, POST"})


def test_what_is_not_served_is_told_with_what_is() -> None:
    with pytest.raises(Refused, match="Served are: POST /v1/chat/completions; "):
        method_checked(request("GET", "/nope"), None)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "text/json",
        "application/vnd.api+json",
        "",
    ],
)
def test_what_is_called_json_is_read(kind: str) -> None:
    assert read_body(request(body={"a": 1}, headers={"content-type": kind} if kind else {})) == {"a": 1}


@pytest.mark.parametrize(
    "kind, origin",
    [
        ("text/plain", ""),
        ("application/x-www-form-urlencoded", ""),
        ("multipart/form-data; boundary=x", ""),
        ("application/jsonp", ""),
        ("", "https://any.example"),
    ],
)
def test_what_is_called_otherwise_is_not(kind: str, origin: str) -> None:
    """A page of anybody's may send text/plain, a form, or what has no type at all, without asking first."""
    headers = {name: value for name, value in (("content-type", kind), ("origin", origin)) if value}
    with pytest.raises(Refused) as refused:
        read_body(request(body={"a": 1}, headers=headers))
    assert refused.value.error.status == 400 and "content-type" in refused.value.error.message


def test_a_compressed_body_is_undone_once_and_within_the_limit() -> None:
    one = request(body=gzip.compress(b'{"a": 1}'), headers={"content-encoding": "gzip"})
    assert read_body(one) == {"a": 1}
    assert (one.raw_content, "content-encoding" in one.headers, one.headers["content-length"]) == (
        b'{"a": 1}',
        False,
        "8",
    )
    with pytest.raises(Refused, match="larger than 100 bytes when unpacked") as refused:
        read_body(request(body=gzip.compress(b" " * 101), headers={"content-encoding": "gzip"}), 100)
    assert refused.value.error.status == 413
