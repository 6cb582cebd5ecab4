"""Tables of (how everybody fares) → choice."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cliproxy.addons.accounts.strategies import STRATEGIES, foremost
from cliproxy.addons.settings import STRATEGIES as CONFIGURABLE


@dataclass
class One:
    id: str
    turns: float = 0.0
    in_flight: int = 0
    weight: int = 1
    priority: int = 0


@pytest.mark.parametrize(
    "strategy, able, expected",
    [
        ("round-robin", [One("a"), One("b")], "a"),
        ("round-robin", [One("a", 1), One("b")], "b"),
        ("round-robin", [One("a", 0, in_flight=9), One("b", 1)], "a"),
        ("fill-first", [One("a", 9, in_flight=9), One("b")], "a"),
        ("least-connections", [One("a", in_flight=2), One("b", in_flight=1)], "b"),
        ("least-connections", [One("a", 5, in_flight=1), One("b", 4, in_flight=1)], "b"),
        ("least-connections", [One("a", in_flight=3, weight=4), One("b", in_flight=1)], "a"),
    ],
)
def test_the_strategy_chooses(strategy: str, able: list[One], expected: str) -> None:
    assert STRATEGIES[strategy](able).id == expected


def test_only_the_highest_priority_is_asked() -> None:
    assert [one.id for one in foremost([One("a"), One("b", priority=2), One("c", priority=2)])] == ["b", "c"]
    assert foremost([]) == []


def test_every_strategy_that_can_be_configured_is_there() -> None:
    assert set(STRATEGIES) == set(CONFIGURABLE)
