"""How a proxy's URL becomes what a connection is asked for with."""

from __future__ import annotations

import pickle

import pytest
from exchanges import flow
from mitmproxy import connection

from cliproxy.addons.egress import Egress, via


@pytest.mark.parametrize(
    "url, expected",
    [
        ("", None),
        ("http://proxy.test:3128", ("http", ("proxy.test", 3128))),
        ("http://proxy.test", ("http", ("proxy.test", 80))),
        ("https://proxy.test/", ("https", ("proxy.test", 443))),
        ("http://[::1]:3128", ("http", ("::1", 3128))),
    ],
)
def test_where_it_is(url: str, expected: object) -> None:
    assert via(url) == expected


def test_another_login_is_another_proxy() -> None:
    one, same, other, none = (
        via(f"http://{login}proxy.test:1") for login in ("a:sk-test-1@", "a:sk-test-1@", "b:sk-test-1@", "")
    )
    assert one == same
    assert one != other and one != none and none != one


def test_the_login_is_in_nothing_that_is_kept() -> None:
    found = via("http://user:sk-test-pass@proxy.test:1")
    assert found
    server = connection.Server(address=("x", 1), via=found)
    assert "sk-test" not in repr(found) + repr(server) + repr(server.get_state())
    assert pickle.loads(pickle.dumps(tuple(found[1]))) == ("proxy.test", 1)


@pytest.mark.parametrize(
    "login, header",
    [
        ("user:pass@", "Basic dXNlcjpwYXNz"),
        ("us%40er:p%3Ass@", "Basic dXNAZXI6cDpzcw=="),
        ("user@", "Basic dXNlcjo="),
        ("", None),
    ],
)
def test_the_proxy_is_told_the_login_it_asks_for(login: str, header: str | None) -> None:
    found = via(f"http://{login}proxy.test:1")
    assert found
    one = flow("CONNECT")
    one.server_conn = connection.Server(address=found[1])
    Egress().http_connect_upstream(one)
    assert one.request.headers.get("proxy-authorization") == header
