"""Which responses are kept, by whom, and for which client: bounded for each client, and each with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from cliproxy.translators import wire
from cliproxy.translators.ir import Json

from ..settings import ResponsesSettings
from ..state.store import Document, Store

TABLE = "answers"
SHELVES = "answers-of-client"
"""What a client has in TABLE, oldest first: [key, size] each."""
OWN_LIMIT = 200
"""Bytes that count for an answer of which only its place is noted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `provider`, `credential`: who made it, and, where `response` is None, keeps it.

    `response`: as the client got it; `input`: the items that it answered; `chain`: the responses before it, the first
    one first. All three say nothing where the provider keeps them.
    """

    id: str
    client: str
    provider: str
    credential: str
    input: list[Json] = field(default_factory=list)
    response: Json | None = None
    chain: list[str] = field(default_factory=list)

    @property
    def here(self) -> bool:
        return self.response is not None

    @property
    def items(self) -> list[Json]:
        """What this response adds to its conversation."""
        output = self.response.get("output") if self.response else None
        return [*self.input, *(output if isinstance(output, list) else ())]


class Keeper:
    """`shared`: gives the store of all workers and replicas."""

    def __init__(self, shared: Callable[[], Store], clock: Callable[[], float] = time.time) -> None:
        self.settings = ResponsesSettings()
        self._shared, self._clock = shared, clock
        self._pending: dict[str, Kept] = {}
        """Told to the client, and still on the way to the store."""

    @property
    def _store(self) -> Store:
        return self._shared()

    def announce(self, kept: Kept) -> None:
        """From now on it is found; `keep` or `forget` has to follow."""
        self._pending[kept.id] = kept

    def forget(self, id: str) -> None:
        self._pending.pop(id, None)

    async def keep(self, kept: Kept) -> None:
        """Write it, and let go what is over this client's share."""
        document = asdict(kept)
        size = len(wire.dumps(document)) if kept.here else OWN_LIMIT
        try:
            if size > self.settings.size:
                return
            expires = self._clock() + self.settings.ttl
            await self._store.update(TABLE, kept.id, lambda _: document, expires)
            shelf = await self._store.update(SHELVES, kept.client, self._shelved(kept.id, size), expires)
            if shelf and shelf["gone"]:
                await self._store.delete(TABLE, shelf["gone"])
        finally:
            self.forget(kept.id)

    def _shelved(self, id: str, size: int) -> Callable[[Document | None], Document]:
        now, ttl = self._clock(), self.settings.ttl

        def change(shelf: Document | None) -> Document:
            entries = [*(shelf["entries"] if shelf else ()), [id, size, now]]
            live = [entry for entry in entries if entry[2] + ttl > now]
            first, total = 0, sum(entry[1] for entry in live)
            while len(live) - first > self.settings.max or total > self.settings.size:
                total -= live[first][1]
                first += 1
            kept = live[first:]
            names = {entry[0] for entry in kept}
            return {"entries": kept, "gone": [entry[0] for entry in entries if entry[0] not in names]}

        return change

    async def find(self, id: str, client: str) -> Kept | None:
        """None also for what is another client's."""
        return (await self._read([id], client)).get(id)

    async def items(self, last: Kept) -> list[Json] | None:
        """The whole conversation up to and with this response; None where a part of it is no longer kept."""
        found = await self._read(last.chain, last.client)
        if len(found) < len(set(last.chain)):
            return None
        earlier = (found[id] for id in last.chain)
        return [item for one in (*earlier, last) for item in one.items]

    async def delete(self, id: str) -> None:
        self.forget(id)
        await self._store.delete(TABLE, [id])

    async def _read(self, ids: list[str], client: str) -> dict[str, Kept]:
        found = {id: kept for id in ids if (kept := self._pending.get(id))}
        if missing := [id for id in ids if id not in found]:
            documents = await self._store.read(TABLE, missing)
            found |= {id: _kept(document) for id, document in documents.items()}
        return {id: kept for id, kept in found.items() if kept.client == client}


def _kept(document: dict[str, Any]) -> Kept:
    return Kept(**document)
