"""The exchanges of late, a line each, and their totals: what the management API and Prometheus ask for."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from mitmproxy import http

from . import exchange
from .recorder import line

KEPT = 1000
"""Exchanges; older ones are in the request log and in the recordings."""
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the durations, in seconds."""

type Labels = tuple[str, str, str]
"""Provider, model, status."""


@dataclass
class Totals:
    """Since the start of this process. `durations`: a count for each bucket, the last one for all beyond."""

    requests: Counter[Labels] = field(default_factory=Counter)
    tokens: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By provider, model, and "input" or "output"."""
    durations: dict[str, list[int]] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By account and outcome: the HTTP status, or the way it failed."""


class Recent:
    def __init__(self) -> None:
        self.lines: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.totals = Totals()

    def response(self, flow: http.HTTPFlow) -> None:
        self._note(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._note(flow)

    def _note(self, flow: http.HTTPFlow) -> None:
        if call := exchange.of(flow):
            told = line(flow, call)
            self.lines.appendleft(told)
            self._count(told)
            for record in call.attempts:
                self.totals.attempts[record.credential, str(record.status or record.failure.partition(" ")[0])] += 1

    def _count(self, told: dict[str, Any]) -> None:
        totals, provider, model = self.totals, told["provider"], told["model"]
        totals.requests[provider, model, str(told["status"])] += 1
        for kind in ("input", "output"):
            totals.tokens[provider, model, kind] += told[f"{kind}_tokens"] or 0
        counts = totals.durations.setdefault(provider, [0] * (len(BUCKETS) + 1))
        counts[sum(told["seconds"] > bound for bound in BUCKETS)] += 1
        totals.seconds[provider] += told["seconds"]

    def clear(self) -> None:
        """Forget the lines; totals only ever grow, or Prometheus would take it for a restart."""
        self.lines.clear()
