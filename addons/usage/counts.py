"""What one exchange counts as, and under which keys: for ever, for its day and for its hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

from cliproxy.translators import ir

if TYPE_CHECKING:  # the command line needs the names only, and fast
    from ..ended import Ended

type Period = Literal["all", "day", "hour"]
type Dimension = Literal["provider", "model", "account", "client"]

TABLE = "usage"
DAY = 86_400.0
KEPT: dict[Period, float | None] = {"all": None, "day": 400 * DAY, "hour": 8 * DAY}
"""Seconds that a count is kept; None: for ever."""
STAMPS: dict[Period, str] = {"all": "", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}
"""In UTC."""
MODELS = 1000
"""Names of models that are told apart; the clients choose them, and nobody else bounds them."""
LOSSES = 500
"""The same for what is lost: fields of the clients' own invention are among it."""
LONGEST = 120
OTHER = "(other)"

TOKENS = ("input", "output", "cache_read", "cache_write", "reasoning")
STATUS, LOST = "status.", "lost."
"""Before the HTTP status, and before the name of what was lost: a field each."""


@dataclass(frozen=True, slots=True)
class Key:
    """`stamp`: when the period began; "" for ever."""

    period: Period
    stamp: str
    provider: str
    model: str
    account: str
    client: str

    def __str__(self) -> str:
        parts = (self.period, self.stamp, self.provider, self.model, self.account, self.client)
        return "|".join(quote(part, safe="/: ()", errors="replace") for part in parts)

    @staticmethod
    def parse(text: str) -> Key:
        period, *rest = (unquote(part) for part in text.split("|"))
        return Key(period, *rest)  # type: ignore[arg-type]


def stamp(period: Period, at: float) -> str:
    """`at`: epoch seconds."""
    return datetime.fromtimestamp(at, UTC).strftime(STAMPS[period])


def keys(told: Ended, model: str) -> Iterator[tuple[Key, float | None]]:
    """Each with the time (epoch seconds) after which it is forgotten. It counts when it ends."""
    at = told.began + told.seconds
    for period, kept in KEPT.items():
        key = Key(period, stamp(period, at), told.provider, model, told.account, told.client)
        yield key, None if kept is None else at + kept


def fields(told: Ended, cost: float | None) -> dict[str, float]:
    """`cost` in US dollars, None where no price is known. What is 0 is left out."""
    usage = told.usage or ir.Usage()
    measured = usage.input is not None or usage.output is not None
    counted: dict[str, float] = {
        "requests": 1,
        "failures": told.failed,
        "partial": told.partial,
        "unmeasured": not measured and not told.failed,
        "unpriced": measured and cost is None,
        "cost": cost or 0.0,
        "seconds": told.seconds,
        f"{STATUS}{told.status}": 1,
    }
    counted |= {name: getattr(usage, name) or 0 for name in TOKENS}
    counted |= {f"{LOST}{name}": 1 for name in told.lost}
    return {name: float(amount) for name, amount in counted.items() if amount}
