"""What Prometheus reads, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from ..usage.counts import STATUS, Key
from ..usage.durations import ATTEMPTS, BUCKETS, DURATION

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
TOKENS = ("input", "output")

type Gauge = tuple[str, str, dict[str, str], float]
"""Name, help, labels and value of what is so just now."""
type Counters = Mapping[str, Mapping[str, float]]
"""As they are kept: the key, and the fields with their amounts."""


def rendered(usage: Iterable[tuple[Key, Mapping[str, float]]], counters: Counters, gauges: Iterable[Gauge]) -> str:
    """`counters`: those of `usage.durations`."""
    lines = [*_requests(usage), *_attempts(counters), *_durations(counters), *_gauges(gauges)]
    return "\n".join(lines) + "\n"


def _requests(usage: Iterable[tuple[Key, Mapping[str, float]]]) -> Iterator[str]:
    requests: Counter[tuple[str, str, str]] = Counter()
    tokens: Counter[tuple[str, str, str]] = Counter()
    for key, fields in usage:
        for name, amount in fields.items():
            if name.startswith(STATUS):
                requests[key.provider, key.model, name.removeprefix(STATUS)] += int(amount)
            elif name in TOKENS:
                tokens[key.provider, key.model, name] += int(amount)
    yield from _head("cliproxy_requests_total", "counter", "Exchanges by provider, model and HTTP status.")
    for (provider, model, status), count in requests.items():
        yield sample("cliproxy_requests_total", {"provider": provider, "model": model, "status": status}, count)
    yield from _head("cliproxy_tokens_total", "counter", "Tokens as the providers counted them.")
    for (provider, model, kind), count in tokens.items():
        yield sample("cliproxy_tokens_total", {"provider": provider, "model": model, "type": kind}, count)


def _attempts(counters: Counters) -> Iterator[str]:
    yield from _head("cliproxy_attempts_total", "counter", "Attempts by account and outcome.")
    for account, outcomes in _below(counters, ATTEMPTS):
        for outcome, count in outcomes.items():
            yield sample("cliproxy_attempts_total", {"account": account, "outcome": outcome}, int(count))


def _durations(counters: Counters) -> Iterator[str]:
    name = "cliproxy_request_duration_seconds"
    yield from _head(name, "histogram", "From the request's arrival to the end of its answer.")
    for provider, fields in _below(counters, DURATION):
        counts = [int(fields.get(str(bucket), 0)) for bucket in range(len(BUCKETS) + 1)]
        bounds = [*map(str, BUCKETS), "+Inf"]
        for bound, count in zip(bounds, accumulate(counts), strict=True):
            yield sample(f"{name}_bucket", {"provider": provider, "le": bound}, count)
        yield sample(f"{name}_sum", {"provider": provider}, round(fields.get("seconds", 0.0), 3))
        yield sample(f"{name}_count", {"provider": provider}, sum(counts))


def _below(counters: Counters, prefix: str) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Those whose key begins so, by what follows."""
    return ((key.removeprefix(prefix), fields) for key, fields in sorted(counters.items()) if key.startswith(prefix))


def of_accounts(accounts: Iterable[Mapping[str, Any]]) -> Iterator[Gauge]:
    """`accounts`: as the management API lists them."""
    for one in accounts:
        labels = {"account": one["account"], "provider": one["provider"]}
        able = one["state"] == "ready"
        yield "cliproxy_account_able", "Whether the account can be asked.", {**labels, "state": one["state"]}, int(able)
        yield "cliproxy_account_in_flight", "Requests under way with it, of this process.", labels, one["in_flight"]


def _gauges(gauges: Iterable[Gauge]) -> Iterator[str]:
    said = ""
    for name, told, labels, value in sorted(gauges, key=lambda gauge: gauge[0]):
        if name != said:
            yield from _head(name, "gauge", told)
        said = name
        yield sample(name, labels, value)


def _head(name: str, kind: str, told: str) -> Iterator[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"


def sample(name: str, labels: dict[str, str], value: float) -> str:
    """Integers and fractions in full: ``{:g}`` would round what counts over a million."""
    said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{said}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
