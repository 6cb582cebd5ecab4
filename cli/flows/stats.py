"""`cliproxy flows stats`: requests, tokens, cost and times by provider and model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

import click

from .sources import exchanges, json_option, path_argument, say, table
from .summary import Summary, dollars, number, seconds, summary

HEAD = ["model", "requests", "failed", "attempts", "in", "out", "cost", "first byte", "took", "lost"]


@click.command("stats")
@path_argument
@json_option
def command(path: str | None, as_json: bool) -> None:
    """Requests, tokens, cost and times by provider and model.

    Times are medians; the cost is an estimate by list prices, of what has a known price.
    """
    rows = totals(summary(one) for one in exchanges(path))
    say(rows, as_json, lambda: table([HEAD, *map(_row, rows)], frozenset(range(1, 9))))


def totals(found: Iterable[Summary]) -> list[dict[str, Any]]:
    """By provider and model, the most used first."""
    groups: dict[tuple[str, str], list[Summary]] = defaultdict(list)
    for one in found:
        groups[one.provider, one.model].append(one)
    rows = [_total(provider, model, each) for (provider, model), each in groups.items()]
    return sorted(rows, key=lambda row: -row["requests"])


def _total(provider: str, model: str, each: Sequence[Summary]) -> dict[str, Any]:
    costs = [one.cost for one in each if one.cost is not None]
    return {
        "provider": provider,
        "model": model,
        "requests": len(each),
        "failed": sum(one.status >= 400 or one.status == 0 or bool(one.error) for one in each),
        "attempts": sum(one.attempts for one in each),
        "input": sum(one.input or 0 for one in each),
        "output": sum(one.output or 0 for one in each),
        "cost": round(sum(costs), 6) if costs else None,
        "first_byte": _median(one.first_byte for one in each),
        "seconds": _median(one.seconds for one in each),
        "lost": sorted({name for one in each for name in one.lost}),
    }


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(median(known), 4) if known else None


def _row(row: dict[str, Any]) -> list[str]:
    counts = [number(row[name]) for name in ("requests", "failed", "attempts", "input", "output")]
    times = [seconds(row["first_byte"]), seconds(row["seconds"])]
    return [f"{row['provider']}/{row['model']}", *counts, dollars(row["cost"]), *times, ", ".join(row["lost"])]
