"""A store whose place may go away: then the state of this process serves, and goes there when it is back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

from mitmproxy.utils import asyncio_utils

from .store import Change, Document, MemoryStore, Store, Unreachable

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a request waits for the shared state at most, and that once: then it is taken for gone."""
PAUSE = 1.0
"""Seconds between two looks whether it is back."""
KEPT = 10_000
"""So many entries that changed in the meantime are remembered, the newest."""
COPIES, COPIED = 50_000, 64 * 1024 * 1024
"""So many entries, and bytes of them, are kept here beside those that are there."""

type Entry = tuple[str, str]
"""Table and key."""


class Guarded:
    """`place`: what it is called in the log. Methods never raise because of the place.

    What this process changes is also kept here, so that what it knew itself is still known when the place is gone.
    Counters that grew meanwhile are added to those there; documents that changed meanwhile replace those there.
    """

    def __init__(self, shared: Store, place: str, clock: Callable[[], float]) -> None:
        self.degraded = ""
        self._shared, self._place = shared, place
        self._local = MemoryStore(clock)
        self._grown: dict[Entry, tuple[dict[str, float], float | None]] = {}
        self._changed: dict[Entry, float | None] = {}
        self._recovery: asyncio.Task[None] | None = None
        self._copies: dict[Entry, int] = {}
        """What is both there and here, the oldest first, and its size; `_size` is that of all."""
        self._size = 0

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        wanted = list(keys)
        found = await self._ask(lambda: self._shared.read(table, wanted))
        return await self._local.read(table, wanted) if found is None else found[0]

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        done = await self._ask(lambda: self._shared.update(table, key, change, expires))
        if done:
            await self._copy((table, key), done[0], expires)
            return done[0]
        after = await self._local.update(table, key, change, expires)
        self._grown.pop((table, key), None)
        _remember(self._changed, (table, key), expires)
        return after

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        done = await self._ask(lambda: self._shared.add(table, key, amounts, expires))
        if done:
            await self._copy((table, key), dict(done[0]), expires)
            return done[0]
        if (table, key) not in self._changed:  # else all that it holds goes there
            self._grow((table, key), amounts, expires)
        return await self._local.add(table, key, amounts, expires)

    async def scan(self, table: str, prefix: str = "") -> dict[str, Document]:
        found = await self._ask(lambda: self._shared.scan(table, prefix))
        return await self._local.scan(table, prefix) if found is None else found[0]

    async def delete(self, table: str, keys: Iterable[str]) -> None:
        gone = list(keys)
        done = await self._ask(lambda: self._shared.delete(table, gone))
        await self._local.delete(table, gone)
        for key in gone:
            self._size -= self._copies.pop((table, key), 0)
        for key in () if done else gone:
            self._grown.pop((table, key), None)
            _remember(self._changed, (table, key), None)

    async def close(self) -> None:
        if self._recovery:
            self._recovery.cancel()
        try:
            if self.degraded:
                await asyncio.wait_for(self._carry_over(), PATIENCE)
        except (Unreachable, TimeoutError):
            logger.warning("What changed since the state in %s went away is lost.", self._place)
        await self._shared.close()

    async def _copy(self, entry: Entry, document: Document | None, expires: float | None) -> None:
        """Kept here too, as far as there is room: the place itself may hold more than a process should."""
        self._size -= self._copies.pop(entry, 0)
        if document is not None:
            self._copies[entry] = size = len(json.dumps(document))
            self._size += size
        await self._local.update(*entry, lambda _: document, expires)
        while self._size > COPIED or len(self._copies) > COPIES:
            table, key = oldest = next(iter(self._copies))
            self._size -= self._copies.pop(oldest)
            if oldest not in self._changed:  # else it is still to go there
                await self._local.delete(table, [key])

    # -- whether it is there ---------------------------------------------------------------

    async def _ask[T](self, question: Callable[[], Awaitable[T]]) -> tuple[T] | None:
        """The answer of the shared store; None while it is gone."""
        if self.degraded:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return (await question(),)
        except (Unreachable, TimeoutError) as fault:
            self._lost(str(fault) or f"no answer within {PATIENCE:.0f} second")
            return None

    def _lost(self, reason: str) -> None:
        if self.degraded:
            return  # several requests were waiting
        self.degraded = f"The state in {self._place} can't be used ({reason}); this gateway goes on with its own."
        logger.warning(self.degraded)
        self._recovery = asyncio_utils.create_task(self._recover(), name="wait for the state's return", keep_ref=True)

    async def _recover(self) -> None:
        while self.degraded:
            await asyncio.sleep(PAUSE)
            try:
                async with asyncio.timeout(PATIENCE * 10):
                    await self._shared.read("", [""])
                    await self._carry_over()
            except (Unreachable, TimeoutError):
                continue
            self.degraded = ""
            logger.info("The state in %s is back.", self._place)

    # -- what happened meanwhile -----------------------------------------------------------

    def _grow(self, entry: Entry, amounts: Mapping[str, float], expires: float | None) -> None:
        sums, _ = self._grown.get(entry, ({}, None))
        total = {name: sums.get(name, 0) + amounts.get(name, 0) for name in {*sums, *amounts}}
        _remember(self._grown, entry, (total, expires))

    async def _carry_over(self) -> None:
        """Raises `Unreachable`; what was not carried over then is still remembered."""
        while self._grown or self._changed:
            if self._grown:
                entry, (amounts, end) = self._grown.popitem()
                try:
                    await self._shared.add(*entry, amounts, end)
                except (Unreachable, asyncio.CancelledError):
                    self._grow(entry, amounts, end)
                    raise
            else:
                await self._replace(*self._changed.popitem())

    async def _replace(self, entry: Entry, end: float | None) -> None:
        table, key = entry
        document = (await self._local.read(table, [key])).get(key)
        try:
            await self._shared.update(table, key, lambda _: document, end)
        except (Unreachable, asyncio.CancelledError):
            self._changed.setdefault(entry, end)
            raise


def _remember[T](kept: dict[Entry, T], entry: Entry, value: T) -> None:
    kept.pop(entry, None)
    kept[entry] = value
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
