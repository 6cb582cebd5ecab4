"""Counts every exchange, once, and keeps the counts in the shared store: at most a second of them can be lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from mitmproxy.utils import asyncio_utils

from ..ended import Ended
from ..exchange import Exchange
from ..state.shared import Shared
from . import counts, durations, prices
from .counts import TABLE, Key
from .ledger import Ledger

logger = logging.getLogger(__name__)

INTERVAL = 1.0


class Usage:
    def __init__(self, shared: Shared, ledger: Ledger) -> None:
        self._shared, self._ledger = shared, ledger
        self._models: set[str] = set()
        self._lost: set[str] = set()

    def running(self) -> None:
        asyncio_utils.create_task(self.prepare(), name="read what was counted", keep_ref=True)

    async def prepare(self) -> None:
        """The names that are known already, so that their bound holds beyond this process."""
        await asyncio.to_thread(prices.load)
        kept = await self._shared.store.scan(TABLE, "all|")
        self._models |= {Key.parse(key).model for key in kept}
        fields = (name for counted in kept.values() for name in counted if name.startswith(counts.LOST))
        self._lost |= {name.removeprefix(counts.LOST) for name in fields}

    def ended(self, told: Ended, call: Exchange) -> None:
        if call.operation == "count":
            return  # it asks what something would use, and uses nothing
        cost = prices.estimate(told.provider, call.upstream.base_url, told.model, told.usage) if told.usage else None
        lost = dict.fromkeys(bounded(self._lost, name, counts.LOSSES) for name in told.lost)
        counted = counts.fields(replace(told, lost=tuple(lost)), cost)
        for key, expires in counts.keys(told, bounded(self._models, told.model[: counts.LONGEST], counts.MODELS)):
            self._ledger.add(TABLE, str(key), counted, expires)
        for name, amounts in (durations.durations(told), *durations.attempts(told)):
            self._ledger.add(durations.TABLE, name, amounts)


def bounded(known: set[str], name: str, most: int) -> str:
    """The name, as long as there are not too many that clients made up."""
    if name not in known and len(known) >= most:
        return counts.OTHER
    known.add(name)
    return name


class Keeps(Protocol):
    async def flush(self) -> None: ...


class Flusher:
    """Once a second, and at the end, all of these write what they have to keep."""

    def __init__(self, keep: Iterable[Keeps]) -> None:
        self._keep = tuple(keep)
        self._task: asyncio.Task[None] | None = None

    def running(self) -> None:
        self._task = asyncio_utils.create_task(self._flush_often(), name="keep usage", keep_ref=True)

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            await self.flush()

    async def flush(self) -> None:
        for one in self._keep:
            try:
                await one.flush()
            except Exception:  # a defect here must not end the keeping of everything else, for good
                logger.exception("What was counted could not be kept")

    async def done(self) -> None:
        if self._task:
            self._task.cancel()
        await self.flush()
