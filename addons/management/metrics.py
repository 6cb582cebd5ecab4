"""What Prometheus reads, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from ..recent import BUCKETS, Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


type Gauge = tuple[str, str, dict[str, str], float]
"""Name, help, labels and value of what is so just now."""


def rendered(totals: Totals, gauges: Iterable[Gauge]) -> str:
    return "\n".join([*_counters(totals), *_durations(totals), *_gauges(gauges)]) + "\n"


def _counters(totals: Totals) -> Iterator[str]:
    yield from _head("cliproxy_requests_total", "counter", "Exchanges by provider, model and HTTP status.")
    for (provider, model, status), count in totals.requests.items():
        yield sample("cliproxy_requests_total", {"provider": provider, "model": model, "status": status}, count)
    yield from _head("cliproxy_tokens_total", "counter", "Tokens as the providers counted them.")
    for (provider, model, kind), count in totals.tokens.items():
        yield sample("cliproxy_tokens_total", {"provider": provider, "model": model, "type": kind}, count)
    yield from _head("cliproxy_attempts_total", "counter", "Attempts by account and outcome.")
    for (account, outcome), count in totals.attempts.items():
        yield sample("cliproxy_attempts_total", {"account": account, "outcome": outcome}, count)


def _durations(totals: Totals) -> Iterator[str]:
    name = "cliproxy_request_duration_seconds"
    yield from _head(name, "histogram", "From the request's arrival to the end of its answer.")
    for provider, counts in totals.durations.items():
        bounds = [*map(str, BUCKETS), "+Inf"]
        for bound, count in zip(bounds, accumulate(counts), strict=True):
            yield sample(f"{name}_bucket", {"provider": provider, "le": bound}, count)
        yield sample(f"{name}_sum", {"provider": provider}, round(totals.seconds[provider], 3))
        yield sample(f"{name}_count", {"provider": provider}, sum(counts))


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
    said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{said}}} {value:g}" if isinstance(value, float) else f"{name}{{{said}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
