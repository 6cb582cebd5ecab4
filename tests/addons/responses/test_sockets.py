"""The open WebSockets, and what they remember together."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from exchanges import request
from mitmproxy.test import tflow

from cliproxy.addons.responses import sockets
from cliproxy.addons.responses.sockets import Remembered, Socket
from cliproxy.addons.settings import ResponsesSettings


@pytest.fixture(autouse=True)
def none_open() -> Iterator[None]:
    sockets._open.clear()
    sockets._rank.clear()
    yield
    sockets._open.clear()
    sockets._rank.clear()


def socket() -> Socket:
    return Socket("ann", request("GET", "/v1/responses"), ResponsesSettings())


def test_a_connection_is_one_from_its_opening_to_its_end() -> None:
    client, one = tflow.tclient_conn(), socket()
    assert sockets.of(client) is None
    sockets.open(client, one)
    assert (sockets.of(client), sockets.count()) == (one, 1)
    sockets.closed(client)
    sockets.closed(client)
    assert (sockets.of(client), sockets.count()) == (None, 0)


def test_a_connection_that_is_gone_is_not_counted() -> None:
    sockets.open(tflow.tclient_conn(), socket())
    gc.collect()
    assert sockets.count() == 0


def test_it_remembers_its_last_response() -> None:
    one = socket()
    sockets.remember(one, Remembered("resp_1", "openai", b'[{"a":1}]'))
    sockets.remember(one, Remembered("resp_2", "openai", b'[{"a":2}]'))
    assert one.last and (one.last.id, one.last.items) == ("resp_2", [{"a": 2}])
    assert len(sockets._rank) == 1


def test_together_they_remember_no_more_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "REMEMBERED", 25)
    first, second, third = socket(), socket(), socket()
    for one in (first, second, first, third):
        sockets.remember(one, Remembered("r", "openai", b"x" * 10))
    assert [bool(one.last) for one in (first, second, third)] == [True, False, True]


def test_a_closed_connection_remembers_nothing() -> None:
    client, one = tflow.tclient_conn(), socket()
    sockets.open(client, one)
    sockets.remember(one, Remembered("r", "openai", b"[]"))
    sockets.closed(client)
    assert not sockets._rank


def test_no_repr_shows_a_conversation() -> None:
    one = socket()
    sockets.remember(one, Remembered("r", "openai", b'["secret"]'))
    assert "secret" not in repr(one) + repr(one.last)
