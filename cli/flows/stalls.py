"""`cliproxy flows stalls`: who was silent how long, the provider, the gateway or the client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Literal

import click

from cliproxy.addons.recordings import Recorded

from .sources import exchanges, json_option, path_argument, say, table
from .threads import threads

type Who = Literal["provider", "gateway", "client"]


@dataclass(frozen=True, slots=True)
class Stall:
    """`at`: seconds since the exchange began."""

    who: Who
    seconds: float
    id: str
    at: float
    what: str


@click.command("stalls")
@path_argument
@click.option("--over", type=click.FloatRange(0), default=2.0, help="Seconds that are worth telling. Default: 2.")
@json_option
def command(path: str | None, over: float, as_json: bool) -> None:
    """Who was silent how long: provider, gateway, client.

    The provider before its first byte and between bytes; the gateway before and between attempts; the client between
    an answer and its next request in the same conversation. The longest come first.
    """
    found = sorted(stalls(list(exchanges(path)), over), key=lambda one: -one.seconds)
    say([asdict(one) for one in found], as_json, lambda: _text(found, over))


def _text(found: Sequence[Stall], over: float) -> str:
    if not found:
        return f"Nobody was silent for more than {over:g} s."
    sums = {who: sum(one.seconds for one in found if one.who == who) for who in ("provider", "gateway", "client")}
    told = ", ".join(f"{who} {total:.1f} s" for who, total in sums.items() if total)
    rows = [[one.who, f"{one.seconds:.1f} s", one.id, f"{one.at:.1f} s", one.what] for one in found]
    return table([["who", "silent", "id", "at", "when"], *rows], frozenset({1, 3})) + f"\n\nTogether: {told}."


def stalls(found: Sequence[Recorded], over: float) -> Iterator[Stall]:
    for one in found:
        yield from (stall for stall in _within(one) if stall.seconds > over)
    yield from (stall for stall in _between(found) if stall.seconds > over)


def _within(one: Recorded) -> Iterator[Stall]:
    free = one.began
    for number, tried in enumerate(one.attempts, 1):
        began = tried.began - one.began
        yield Stall("gateway", tried.began - free, one.id, free - one.began, f"before attempt {number}")
        times = [at for at, _ in tried.chunks]
        if times:
            yield Stall("provider", times[0], one.id, began, "before its first byte")
        for before, after in pairwise(times):
            yield Stall("provider", after - before, one.id, began + before, "in the middle of its answer")
        free = tried.began + _lasted(one, number, times)


def _lasted(one: Recorded, number: int, times: Sequence[float]) -> float:
    """How long an attempt took: as it was noted, else until its last byte."""
    noted = one.facts.get("attempts") or ()
    told = noted[number - 1].get("seconds") if number <= len(noted) and isinstance(noted[number - 1], dict) else None
    return float(told) if told is not None else times[-1] if times else 0.0


def _between(found: Iterable[Recorded]) -> Iterator[Stall]:
    """The client's own time, with its tools and its user, between the turns of a conversation."""
    nodes = threads(found)
    known = {node.exchange.id: node.exchange for node in nodes}
    for node in nodes:
        if node.kind == "turn" and node.parent:
            before = known[node.parent]
            ended = before.began + float(before.facts.get("seconds") or 0)
            what = f"before it went on from {before.id}"
            yield Stall("client", node.exchange.began - ended, node.exchange.id, 0.0, what)
