"""Who of those that could is asked: in turn, the first one, or the one with the least to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class Able(Protocol):
    """A credential that could be asked. `turns`: how often it was, divided by its weight."""

    turns: float
    in_flight: int

    @property
    def weight(self) -> int: ...
    @property
    def priority(self) -> int: ...


def round_robin[A: Able](able: Sequence[A]) -> A:
    """The one whose turn is longest due: among equals that of the configuration's order."""
    return min(able, key=lambda one: one.turns)


def fill_first[A: Able](able: Sequence[A]) -> A:
    return able[0]


def least_connections[A: Able](able: Sequence[A]) -> A:
    return min(able, key=lambda one: (one.in_flight / one.weight, one.turns))


STRATEGIES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "round-robin": round_robin,
    "fill-first": fill_first,
    "least-connections": least_connections,
}


def foremost[A: Able](able: Sequence[A]) -> Sequence[A]:
    """Those of the highest priority."""
    highest = max((one.priority for one in able), default=0)
    return [one for one in able if one.priority == highest]
