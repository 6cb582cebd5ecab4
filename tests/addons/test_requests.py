"""A client's request, read: method, content, and each fault with its place."""

from __future__ import annotations

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
    with pytest.raises(Refused, match="Served are: POST /v1/chat/completions"):
        method_checked(request("GET", "/nope"), None)
