"""Counts that are on their way to the shared store: added up here, written once a second."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from ..state.shared import Shared


class Ledger:
    """What was counted and not yet kept is lost when the process is killed; so `flush` is called every second."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._pending: dict[tuple[str, str], dict[str, float]] = {}
        self._expires: dict[tuple[str, str], float | None] = {}
        self._writing = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Ledger, {len(self._pending)} counters not yet kept>"

    def add(self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None) -> None:
        """`expires` in epoch seconds; see `state.store`."""
        counter = self._pending.setdefault((table, key), defaultdict(float))
        for name, amount in amounts.items():
            counter[name] += amount
        self._expires[table, key] = expires

    async def flush(self) -> None:
        """All that was counted before this call is in the store when it returns."""
        async with self._writing:
            pending, self._pending = self._pending, {}
            expires, self._expires = self._expires, {}
            for (table, key), amounts in pending.items():
                await self._shared.store.add(table, key, dict(amounts), expires[table, key])
