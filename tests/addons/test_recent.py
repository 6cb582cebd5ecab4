"""The exchanges of late and their totals."""

from __future__ import annotations

import pytest
from exchanges import begun, flow
from mitmproxy import http

from cliproxy.addons import recent
from cliproxy.addons.exchange import AttemptRecord
from cliproxy.addons.recent import BUCKETS, Recent
from cliproxy.translators import ir

BODY = {"model": "gpt-test", "messages": [{"role": "user", "content": "a private question"}]}


def ended(one: Recent, status: int = 200) -> None:
    made = flow(body=BODY)
    call = begun(made)
    call.answer = ir.Response("r", "gpt-test", None, (), ir.Finish("stop", ir.Usage(input=10, output=5)))
    call.attempts = [
        AttemptRecord("openai-1", "openai", 0, 0.1, "connect (refused)"),
        AttemptRecord("openai-2", "openai", 200, 0.2),
    ]
    made.response = http.Response.make(status)
    one.response(made)


def test_a_line_and_the_totals() -> None:
    one = Recent()
    ended(one)
    ended(one, 502)
    assert [told["status"] for told in one.lines] == [502, 200]
    assert "a private question" not in str(one.lines)
    totals = one.totals
    assert totals.requests == {("openai", "gpt-test", "200"): 1, ("openai", "gpt-test", "502"): 1}
    assert totals.tokens == {("openai", "gpt-test", "input"): 20, ("openai", "gpt-test", "output"): 10}
    assert totals.attempts == {("openai-1", "connect"): 2, ("openai-2", "200"): 2}
    assert totals.durations["openai"] == [2] + [0] * len(BUCKETS)


def test_a_flow_that_is_no_exchange_is_not_counted() -> None:
    one = Recent()
    one.response(flow())
    one.error(flow())
    assert not one.lines and not one.totals.requests


def test_lines_are_bounded_and_can_be_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "KEPT", 3)
    one = Recent()
    for _ in range(5):
        ended(one)
    assert len(one.lines) == 3
    one.clear()
    assert not one.lines and sum(one.totals.requests.values()) == 5
