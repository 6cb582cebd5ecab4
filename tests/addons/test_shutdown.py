"""Which requests are open, and what happens to kept connections while the gateway stops."""

from __future__ import annotations

import pytest
from exchanges import flow
from mitmproxy import http

from cliproxy.addons.shutdown import Shutdown


@pytest.mark.parametrize("end", ["response", "error"])
def test_a_request_is_open_until_it_ends(end: str) -> None:
    one, first, second = Shutdown(), flow(), flow()
    one.requestheaders(first)
    one.requestheaders(second)
    assert one.open == 2
    getattr(one, end)(first)
    getattr(one, end)(first)
    assert one.open == 1


def test_only_while_stopping_connections_are_closed() -> None:
    one, answered = Shutdown(), flow()
    answered.response = http.Response.make(200)
    one.responseheaders(answered)
    assert "connection" not in answered.response.headers
    one.stopping = True
    one.responseheaders(answered)
    assert answered.response.headers["connection"] == "close"
