"""Sums of what was used: in all, and by provider, model, account, client, day or hour."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..state.store import Store
from .counts import DAY, KEPT, LOST, STATUS, TABLE, TOKENS, Key, Period, stamp

DIMENSIONS = ("provider", "model", "account", "client", "day", "hour")
COUNTS = ("requests", "failures", "partial", "unmeasured", *TOKENS, "cost_usd", "unpriced")
"""The columns, beside that of the dimension."""
SPAN = r"([0-9]{1,4})([hd])"
_SPAN = re.compile(SPAN)


@dataclass(frozen=True, slots=True)
class Question:
    """`since`: epoch seconds, None for ever."""

    by: str = "model"
    since: float | None = None

    def period(self, now: float) -> Period:
        """Which counts answer it: the finest that are kept for so long, where there is a beginning."""
        if self.by in ("day", "hour"):
            return "day" if self.by == "day" else "hour"
        if self.since is None:
            return "all"
        return "hour" if now - self.since <= (KEPT["hour"] or 0) - DAY else "day"


def since(text: str, now: float) -> float:
    """``24h``, ``7d``, or a day such as ``2026-01-31`` (UTC). Raises `ValueError`."""
    if match := _SPAN.fullmatch(text):
        return now - int(match[1]) * (3600 if match[2] == "h" else DAY)
    try:
        moment = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("must be a span such as 24h or 7d, or a day such as 2026-01-31") from None
    return max(0.0, moment.timestamp())


type Sums = dict[str, float]


async def counters(store: Store, question: Question, now: float) -> list[tuple[Key, Sums]]:
    """The counts that a question is about."""
    period = question.period(now)
    first = "" if question.since is None else stamp(period, question.since)
    found: dict[str, Sums] = {}
    for prefix in prefixes(period, question.since, now):
        found |= await store.scan(TABLE, prefix)
    parsed = [(Key.parse(key), amounts) for key, amounts in found.items()]
    return [(key, amounts) for key, amounts in parsed if key.stamp >= first]


def prefixes(period: Period, since: float | None, now: float) -> list[str]:
    """What the keys begin with: hours are many, so they are read day by day."""
    if period != "hour":
        return [f"{period}|"]
    days = int(((KEPT["hour"] or 0) if since is None else now - since) / DAY) + 2
    return [f"hour|{stamp('day', now - day * DAY)}" for day in range(days)]


def summed(found: Iterable[tuple[Key, Mapping[str, float]]], by: str) -> dict[str, Sums]:
    """By the names of one dimension."""
    sums: dict[str, Sums] = defaultdict(dict)
    for key, amounts in found:
        name = key.stamp if by in ("day", "hour") else getattr(key, by)
        for field, amount in amounts.items():
            sums[name][field] = sums[name].get(field, 0) + amount
    return dict(sums)


def total(found: Iterable[tuple[Key, Mapping[str, float]]]) -> Sums:
    sums: Counter[str] = Counter()
    for _, amounts in found:
        for field, amount in amounts.items():
            sums[field] += amount  # type: ignore[assignment]
    return dict(sums)


def row(sums: Mapping[str, float]) -> dict[str, float]:
    """One line of a report: the columns of `COUNTS`. Costs are estimates, at list prices."""
    whole = {name: int(sums.get(name, 0)) for name in COUNTS if name != "cost_usd"}
    return {name: round(sums.get("cost", 0.0), 6) if name == "cost_usd" else whole[name] for name in COUNTS}


def rows(found: Iterable[tuple[Key, Mapping[str, float]]], by: str) -> list[dict[str, Any]]:
    """Days and hours in their order, all else by the number of requests."""
    sums = summed(found, by)
    ordered = sorted(sums) if by in ("day", "hour") else sorted(sums, key=lambda name: (-sums[name]["requests"], name))
    return [{by: name, **row(sums[name])} for name in ordered]


def document(found: list[tuple[Key, Sums]], question: Question) -> dict[str, Any]:
    """What the management API answers: the documented shape, and more beside it."""
    sums = total(found)
    providers = {name: int(one["requests"]) for name, one in summed(found, "provider").items()}
    moment = None if question.since is None else datetime.fromtimestamp(question.since, UTC).isoformat()
    return {
        "total_requests": int(sums.get("requests", 0)),
        "requests_by_provider": providers,
        "tokens_used": {"prompt": int(sums.get("input", 0)), "completion": int(sums.get("output", 0))},
        "since": moment,
        "total": row(sums),
        "cost": {"usd": round(sums.get("cost", 0.0), 6), "estimated": True, "source": "genai-prices"},
        "requests_by_status": named(sums, STATUS),
        "lost": named(sums, LOST),
        "by": question.by,
        "rows": rows(found, question.by),
    }


def named(sums: Mapping[str, float], prefix: str) -> dict[str, int]:
    """The fields that begin so, by what follows."""
    return {name.removeprefix(prefix): int(n) for name, n in sorted(sums.items()) if name.startswith(prefix)}


def as_csv(found: Iterable[tuple[Key, Mapping[str, float]]], by: str) -> str:
    """RFC 4180, with a head."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [by, *COUNTS])
    writer.writeheader()
    writer.writerows({**one, by: _inert(str(one[by]))} for one in rows(found, by))
    return out.getvalue()


def _inert(text: str) -> str:
    """A name that a spreadsheet would take for a formula is none."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
