"""The end of an exchange: told once, whatever way it ends."""

from __future__ import annotations

import pytest
from endings import BODY
from exchanges import applied, begun, flow
from mitmproxy import flow as flows
from mitmproxy import http

from cliproxy.addons.ended import Ended, Endings
from cliproxy.addons.exchange import AttemptRecord, Exchange
from cliproxy.translators import ir
from cliproxy.translators.collect import Collector


class Listens:
    def __init__(self) -> None:
        self.heard: list[Ended] = []

    def ended(self, told: Ended, call: Exchange) -> None:
        self.heard.append(told)


def test_it_is_told_once() -> None:
    one, listener = flow(body=BODY), Listens()
    call = begun(one)
    call.attempts = [AttemptRecord("a", "openai", 429, 0.1), AttemptRecord("b", "openai", 200, 0.2)]
    one.response = http.Response.make(200)
    endings = Endings([listener])
    endings.response(one)
    endings.error(one)
    endings.response(flow())
    assert [(told.status, told.account, told.failed) for told in listener.heard] == [(200, "b", False)]
    assert "a private question" not in str(listener.heard[0].line())


@pytest.mark.parametrize("status, error, expected", [
    (200, None, (200, False, False)),
    (500, None, (500, True, False)),
    (200, "left", (499, False, True)),
    (None, "left", (499, False, True)),
])  # fmt: skip
def test_how_it_ended(status: int | None, error: str | None, expected: tuple[int, bool, bool]) -> None:
    one, listener = flow(body=BODY), Listens()
    begun(one)
    one.response = http.Response.make(status) if status else None
    one.error = flows.Error(error) if error else None
    Endings([listener]).error(one)
    told = listener.heard[0]
    assert (told.status, told.failed, told.partial) == expected


def test_a_stream_that_broke_has_failed_whatever_its_status() -> None:
    one, listener = flow(body=BODY), Listens()
    call = begun(one)
    call.collected = Collector()
    call.collected.feed(ir.Start("r", "gpt-test", usage=ir.Usage(input=12)))
    call.collected.feed(ir.Error(502, "gone"))
    one.response = http.Response.make(200)
    Endings([listener]).response(one)
    assert listener.heard[0].failed and listener.heard[0].usage == ir.Usage(input=12)


def test_a_model_may_be_named_like_a_key() -> None:
    one, listener = flow(body={**BODY, "model": "gpt-sk-test-openai"}), Listens()
    begun(one)
    one.response = http.Response.make(404)
    endings = Endings([listener])
    endings.use(applied())
    endings.response(one)
    assert listener.heard[0].model == "gpt-[redacted]"
