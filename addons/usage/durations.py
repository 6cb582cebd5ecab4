"""How long exchanges took and how attempts ended, as counters for Prometheus."""

from __future__ import annotations

from ..ended import Ended

TABLE = "metrics"
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds in seconds; one more bucket is for all beyond."""
DURATION, ATTEMPTS = "duration|", "attempts|"
"""Before the provider's name, and before the account's label: the keys of the table."""


def durations(told: Ended) -> tuple[str, dict[str, float]]:
    """Key and amounts: ``"0"`` … ``"11"`` for the buckets, and the sum in ``seconds``."""
    bucket = sum(told.seconds > bound for bound in BUCKETS)
    return DURATION + told.provider, {str(bucket): 1, "seconds": told.seconds}


def attempts(told: Ended) -> list[tuple[str, dict[str, float]]]:
    """By account: the HTTP status of each attempt, or the way it failed."""
    return [(ATTEMPTS + each.credential, {outcome(each.status, each.failure): 1}) for each in told.attempts]


def outcome(status: int, failure: str) -> str:
    return str(status or failure.partition(" ")[0])
