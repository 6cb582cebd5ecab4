"""The exchanges of late, a line each, of all the gateways that share a store: a ring of so many lines."""

from __future__ import annotations

from collections import deque
from typing import Any

from .ended import Ended
from .exchange import Exchange
from .state.shared import Shared
from .state.store import Document

KEPT = 1000
"""Exchanges; older ones are in the request log and in the recordings."""
SLOT = 50
"""Lines that are kept in one document."""
TABLE, COUNTER = "flows", "flows-count"

type Line = dict[str, Any]
type Numbered = tuple[int, Line]


class Recent:
    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._pending: deque[Line] = deque(maxlen=KEPT)

    def ended(self, told: Ended, call: Exchange) -> None:
        self._pending.append(told.line())

    async def flush(self) -> None:
        lines, self._pending = list(self._pending), deque(maxlen=KEPT)
        if not lines:
            return
        store = self._shared.store
        counted = await store.add(COUNTER, "n", {"n": len(lines)})
        first = int(counted["n"]) - len(lines)
        for slot, numbered in slots(first, lines).items():
            await store.update(TABLE, str(slot), lambda kept, new=numbered: added(kept, new))  # type: ignore[misc]

    async def lines(self) -> list[Line]:
        """The newest first. Those of other processes may be a second late."""
        await self.flush()
        kept = await self._shared.store.scan(TABLE)
        numbered = [(int(number), line) for document in kept.values() for number, line in document["lines"]]
        return [line for _, line in sorted(numbered, key=lambda one: -one[0])][:KEPT]

    async def clear(self) -> None:
        await self.flush()
        await self._shared.store.delete(TABLE, [str(slot) for slot in range(documents())])


def documents() -> int:
    """One more than are needed when all are full: the newest one is being filled."""
    return KEPT // SLOT + 1


def slots(first: int, lines: list[Line]) -> dict[int, list[Numbered]]:
    """Which document each line goes to; `first` is the number of the first one."""
    found: dict[int, list[Numbered]] = {}
    for number, line in enumerate(lines, first):
        found.setdefault(number // SLOT % documents(), []).append((number, line))
    return found


def added(kept: Document | None, new: list[Numbered]) -> Document:
    """The document with the new lines, without those of the round before."""
    lines = [*(kept["lines"] if kept else ()), *(list(one) for one in new)]
    newest = max(number for number, _ in lines)
    return {"lines": [one for one in lines if one[0] // SLOT == newest // SLOT]}
