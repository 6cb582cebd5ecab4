"""Exchanges that are over, as those who keep count of them are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from exchanges import begun, flow

from cliproxy.addons.ended import Ended
from cliproxy.addons.exchange import AttemptRecord, Exchange
from cliproxy.translators import ir

BODY = {"model": "gpt-test", "messages": [{"role": "user", "content": "a private question"}]}
BEGAN = datetime(2026, 3, 4, 5, 59, 59, tzinfo=UTC).timestamp()


def told(**more: Any) -> Ended:
    plain = Ended(
        id="1",
        flow="f",
        began=BEGAN,
        seconds=2.0,
        client="ci",
        format="openai_chat",
        model="gpt-5",
        provider="openai",
        account="openai-1",
        stream=False,
        status=200,
        failed=False,
        partial=False,
        usage=ir.Usage(input=1000, output=200, cache_read=400),
        attempts=(AttemptRecord("openai-1", "openai", 200, 0.5),),
    )
    return replace(plain, **more)


def call() -> Exchange:
    return begun(flow(body=BODY))
