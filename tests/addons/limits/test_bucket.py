"""Buckets as tables of what was there, what flows in, and what may be taken."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons.limits.bucket import charged, taken, verdict
from cliproxy.addons.settings import RateLimit

LIMIT = RateLimit(True, requests_per_minute=60, burst=3)
TOKENS = RateLimit(True, requests_per_minute=600, burst=100, tokens_per_minute=600)


def asked(times: list[float], limit: RateLimit = LIMIT) -> list[bool]:
    found, allowed = None, []
    for now in times:
        found = taken(found, limit, now)
        allowed.append(found["allowed"])
    return allowed


@pytest.mark.parametrize(
    "times, allowed",
    [
        ([0.0] * 5, [True, True, True, False, False]),
        ([0.0, 0.0, 0.0, 0.9, 1.0], [True, True, True, False, True]),
        ([0.0, 1.0, 2.0, 3.0, 4.0], [True] * 5),
        ([0.0, 0.0, 0.0, 100.0, 100.0, 100.0, 100.0], [True] * 6 + [False]),
        # A clock that goes back fills nothing, and takes nothing away.
        ([10.0, 10.0, 10.0, 5.0, 10.0, 11.0], [True, True, True, False, False, True]),
    ],
)
def test_a_burst_and_then_the_rate(times: list[float], allowed: list[bool]) -> None:
    assert asked(times) == allowed


def test_over_an_hour_it_is_the_rate_and_one_burst() -> None:
    assert sum(asked([n / 10 for n in range(36_000)])) == 3600 + LIMIT.burst - 1


def test_what_is_told() -> None:
    found = taken(None, LIMIT, 0.0)
    told = verdict(found, LIMIT)
    assert (told.requests.limit, told.requests.remaining, told.requests.reset) == (60, 2, 1.0)
    assert told.tokens is None and not told.short
    for _ in range(3):
        found = taken(found, LIMIT, 0.25)
    told = verdict(found, LIMIT)
    assert told.short == "requests" and told.retry_after == pytest.approx(0.75)
    assert told.requests.remaining == 0


def test_tokens_are_charged_afterwards_and_may_become_a_debt() -> None:
    found = charged(taken(None, TOKENS, 0.0), TOKENS, 900, 0.0)
    refused = taken(found, TOKENS, 0.0)
    told = verdict(refused, TOKENS)
    assert not refused["allowed"] and told.short == "tokens" and told.retry_after == pytest.approx(30.1)
    assert told.tokens and (told.tokens.remaining, told.tokens.limit) == (0, 600)
    assert taken(refused, TOKENS, 29.0)["allowed"] is False
    assert taken(refused, TOKENS, 31.0)["allowed"] is True


def test_a_refusal_takes_nothing() -> None:
    empty: Any = {"requests": 0.5, "at": 0.0}
    assert taken(empty, LIMIT, 0.0)["requests"] == 0.5


def test_a_changed_limit_takes_hold_of_the_bucket_that_is_there() -> None:
    full = taken(None, RateLimit(True, 60, 1000), 0.0)
    assert taken(full, LIMIT, 0.0)["requests"] == LIMIT.burst - 1
    assert taken(full, TOKENS, 0.0)["tokens"] == 600
    assert "tokens" not in charged(full, LIMIT, 5, 0.0)
