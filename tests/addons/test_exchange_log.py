"""One line in the log for each exchange."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from endings import BODY
from exchanges import CONFIG, PATHS, begun, flow
from mitmproxy import flow as flows
from mitmproxy import http
from wires import MESSAGES_REQUEST

from cliproxy.addons.ended import Endings
from cliproxy.addons.exchange import Exchange
from cliproxy.addons.exchange_log import ExchangeLog
from cliproxy.translators import ir


def said(one: http.HTTPFlow, caplog: pytest.LogCaptureFixture) -> str:
    caplog.set_level(logging.INFO)
    Endings([ExchangeLog()]).response(one)
    return caplog.text.partition(" · ")[2].partition(" ms")[0]


def answered(call: Exchange, one: http.HTTPFlow, status: int = 200) -> None:
    one.response = http.Response.make(status)
    call.answer = ir.Response("r", "gpt-test", None, (), ir.Finish("stop", ir.Usage(input=1200, output=5)))


def test_who_answered_how_and_how_long_it_took(caplog: pytest.LogCaptureFixture) -> None:
    one = flow(body={**BODY, "model": "fast"})
    call = begun(one, f"{CONFIG}models: {{fast: openai/gpt-test}}")
    answered(call, one)
    line = said(one, caplog)
    assert line.startswith("fast → openai/gpt-test · 200 · 1,200 input + 5 output tokens · ")
    assert call.id in caplog.text and "a private question" not in caplog.text


def test_what_was_lost_is_in_the_same_line(caplog: pytest.LogCaptureFixture) -> None:
    one = flow(path=PATHS["anthropic"], body=MESSAGES_REQUEST)
    call = begun(one)
    call.lost = ["top_k", "cache"]
    answered(call, one, 502)
    assert "claude-test → anthropic/claude-test · 502 · " in said(one, caplog) + caplog.text
    assert caplog.text.rstrip().endswith(" · lost: top_k, cache")


def test_a_client_that_left(caplog: pytest.LogCaptureFixture) -> None:
    one = flow(body=BODY)
    begun(one)
    one.error = flows.Error("left")
    caplog.set_level(logging.INFO)
    Endings([ExchangeLog()]).error(one)
    assert " · 499 · " in caplog.text and caplog.text.rstrip().endswith("the client left")


@pytest.mark.parametrize("operation, lines", [("generate", 1), ("count", 0), ("pass", 1)])
def test_an_estimate_has_a_line_of_its_own(operation: Any, lines: int, caplog: pytest.LogCaptureFixture) -> None:
    one = flow(body=BODY)
    call = begun(one)
    call.operation = operation
    said(one, caplog)
    assert len(caplog.records) == lines
