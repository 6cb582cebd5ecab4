"""Tables of (strategy, history) → choice."""

from __future__ import annotations

import pytest

from cliproxy.addons.accounts.pool import STRATEGIES, Credential, Outcome, Pool
from cliproxy.addons.settings import STRATEGIES as CONFIGURABLE

SECRET = "sk-test-pool"
A, B, C = (Credential(id, "openai", SECRET) for id in "abc")
ONLY_X = Credential("x-only", "openai", SECRET, models=("x",))
OTHER = Credential("other", "anthropic", SECRET)
NOW = 1000.0


def take(pool: Pool, model: str = "m", tried: frozenset[str] = frozenset()) -> str:
    chosen = pool.acquire("openai", model, NOW, tried)
    return chosen.id if chosen else ""


@pytest.mark.parametrize(
    "strategy, history, expected",
    [
        # A history: letters are acquisitions, "-a" is the release of a.
        ("round-robin", "", "a"),
        ("round-robin", "a", "b"),
        ("round-robin", "a b", "c"),
        ("round-robin", "a b c", "a"),
        ("round-robin", "a b c a", "b"),
        ("round-robin", "a -a b -b", "c"),
        ("fill-first", "", "a"),
        ("fill-first", "a a a", "a"),
        ("fill-first", "a -a", "a"),
        ("least-connections", "", "a"),
        ("least-connections", "a", "b"),
        ("least-connections", "a b c", "a"),
        ("least-connections", "a b c -b", "b"),
        ("least-connections", "a b c -c -b", "b"),
        ("least-connections", "a -a", "b"),
        ("least-connections", "a -a b -b c -c", "a"),
    ],
)
def test_the_strategy_chooses(strategy: str, history: str, expected: str) -> None:
    pool = Pool((A, B, C), strategy)
    by_id = {one.id: one for one in (A, B, C)}
    for step in history.split():
        if step.startswith("-"):
            pool.release(by_id[step[1:]], NOW, "ok")
        else:
            assert take(pool, tried=frozenset(by_id.keys() - {step})) == step
    assert take(pool) == expected


def test_every_strategy_that_can_be_configured_is_there() -> None:
    assert set(STRATEGIES) == set(CONFIGURABLE)
    with pytest.raises(KeyError):
        Pool((), "fastest")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_credential_is_tried_twice_and_then_there_is_none(strategy: str) -> None:
    pool = Pool((A, B, C), strategy)
    tried: set[str] = set()
    while chosen := pool.acquire("openai", "m", NOW, tried):
        assert chosen.id not in tried
        tried.add(chosen.id)
    assert tried == {"a", "b", "c"}


@pytest.mark.parametrize(
    "provider, model, tried, expected",
    [
        ("openai", "m", (), ["a", "b"]),
        ("openai", "x", (), ["a", "x-only", "b"]),
        ("openai", "X", (), ["a", "b"]),
        ("openai", "x", ("a", "b"), ["x-only"]),
        ("openai", "m", ("a", "b"), []),
        ("anthropic", "x", (), ["other"]),
        ("gemini", "x", (), []),
        ("", "", (), []),
    ],
)
def test_who_is_able(provider: str, model: str, tried: tuple[str, ...], expected: list[str]) -> None:
    pool = Pool((A, ONLY_X, OTHER, B))
    assert [one.id for one in pool.able(provider, model, NOW, tried)] == expected


@pytest.mark.parametrize("outcome", ["ok", "request_fault", "failed", "cancelled"])
def test_what_is_acquired_and_released_is_no_longer_in_flight(outcome: Outcome) -> None:
    pool = Pool((A, B))
    for _ in range(3):
        take(pool, tried=frozenset("b"))
    assert (pool.in_flight("a"), pool.in_flight("b")) == (3, 0)
    for left in (2, 1, 0):
        pool.release(A, NOW, outcome)
        assert pool.in_flight("a") == left


def test_looking_takes_nothing() -> None:
    pool = Pool((A, B))
    pool.able("openai", "m", NOW)
    assert (pool.in_flight("a"), take(pool)) == (0, "a")


def test_failures_in_a_row_are_counted_and_a_success_ends_the_row() -> None:
    pool = Pool((A,))
    for outcome in ("failed", "failed"):
        take(pool)
        pool.release(A, NOW, outcome)
    assert repr(pool) == "<Pool a: 0 in flight, 2 failed>"
    take(pool)
    pool.release(A, NOW, "ok")
    assert repr(pool) == "<Pool a: 0 in flight, 0 failed>"


def test_what_another_configuration_handed_out_may_be_released_here() -> None:
    pool = Pool((A,))
    pool.release(B, NOW, "ok")
    assert (pool.in_flight("b"), pool.in_flight("a")) == (0, 0)


def test_count_is_by_provider() -> None:
    pool = Pool((A, ONLY_X, OTHER, B))
    assert [pool.count(name) for name in ("openai", "anthropic", "gemini")] == [3, 1, 0]


def test_no_secret_is_printed() -> None:
    shown = repr(Pool((A,))) + repr(Credential("a", "p", SECRET, headers=(("x", SECRET),)))
    assert SECRET not in shown
