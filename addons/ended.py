"""What is known of an exchange that is over, told once to all who keep count of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from mitmproxy import http

from cliproxy.translators import ir

from . import exchange
from .applied import Applied
from .exchange import AttemptRecord, Exchange
from .redact import Redactor

CLIENT_LEFT = 499
"""What stands for a status where the client did not wait for one, as nginx writes it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Facts without content or secret. `account`: the label of the credential that was used last, "" for none.

    `failed`: not by the client's leaving. `partial`: the client left; `usage` is then what was seen until there.
    """

    id: str
    flow: str
    began: float
    seconds: float
    client: str
    format: str
    model: str
    provider: str
    account: str
    stream: bool
    status: int
    failed: bool
    partial: bool
    usage: ir.Usage | None = None
    attempts: tuple[AttemptRecord, ...] = ()
    lost: tuple[str, ...] = ()

    def line(self) -> dict[str, Any]:
        """As the request log and the management API say it."""
        usage = self.usage or ir.Usage()
        return {
            "time": datetime.fromtimestamp(self.began, UTC).isoformat(timespec="milliseconds"),
            "id": self.id,
            "flow": self.flow,
            "client": self.client,
            "format": self.format,
            "model": self.model,
            "provider": self.provider,
            "account": self.account,
            "stream": self.stream,
            "status": self.status,
            "partial": self.partial,
            "seconds": round(self.seconds, 3),
            "attempts": [str(record) for record in self.attempts],
            "input_tokens": usage.input,
            "output_tokens": usage.output,
            "cache_read_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write,
            "reasoning_tokens": usage.reasoning,
            "lost": list(self.lost),
        }


def ended(flow: http.HTTPFlow, call: Exchange, now: float) -> Ended:
    """`now`: epoch seconds."""
    partial = flow.error is not None
    status = flow.response.status_code if flow.response and not partial else CLIENT_LEFT
    broken = call.collected is not None and call.collected.error is not None
    return Ended(
        id=call.id,
        flow=flow.id,
        began=call.began,
        seconds=now - call.began,
        client=call.client,
        format=call.format.NAME,
        model=call.model,
        provider=call.upstream.name,
        account=call.attempts[-1].credential if call.attempts else "",
        stream=call.stream,
        status=status,
        failed=not partial and (status >= 400 or broken),
        partial=partial,
        usage=call.usage,
        attempts=tuple(call.attempts),
        lost=tuple(call.lost),
    )


class Listener(Protocol):
    def ended(self, told: Ended, call: Exchange) -> None:
        """An exchange is over. Called once for each."""


class Endings:
    """What the client named (a model may be anything) and what a failure said is free of secrets before it is told."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)
        self._redactor = Redactor()

    def use(self, applied: Applied) -> None:
        self._redactor = applied.redactor

    def response(self, flow: http.HTTPFlow) -> None:
        self._tell(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._tell(flow)

    def _tell(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or call.over:
            return
        call.over = True
        told = self._clean(ended(flow, call, time.time()))
        for listener in self._listeners:
            listener.ended(told, call)

    def _clean(self, told: Ended) -> Ended:
        text = self._redactor.text
        attempts = tuple(replace(record, failure=text(record.failure)) for record in told.attempts)
        return replace(told, model=text(told.model), attempts=attempts)
