"""Which responses are kept, by whom, and for which client: bounded for each client, and each with an end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from cliproxy.translators import wire
from cliproxy.translators.ir import Json

from ..applied import Applied
from ..settings import ResponsesSettings
from ..state.store import Document, Store

TABLE = "answers"
SHELVES = "answers-of-client"
"""What a client has in TABLE, oldest first: [key, size] each."""
BATCHES = 50
"""A client's list is written again each time that so large a part of its share was added; it may be over by that."""
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
        self.several = False
        """More than one client: an id that is not known here could be any of theirs."""
        self._shared, self._clock = shared, clock
        self._pending: dict[str, Kept] = {}
        """Told to the client, and still on the way to the store."""
        self._unlisted: dict[str, list[list[Any]]] = {}
        """By client, what is in the store and not yet in its list."""

    def use(self, applied: Applied) -> None:
        self.settings = applied.settings.responses
        self.several = len(applied.settings.auth.api_keys) > 1

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
        document: Document = {one.name: getattr(kept, one.name) for one in fields(kept)}
        size, now = len(wire.dumps(document)) if kept.here else OWN_LIMIT, self._clock()
        try:
            if size <= self.settings.size:
                await self._store.update(TABLE, kept.id, lambda _: document, now + self.settings.ttl)
                await self._list(kept.client, [kept.id, size, now])
        finally:
            self.forget(kept.id)

    async def _list(self, client: str, entry: list[Any]) -> None:
        new = self._unlisted.setdefault(client, [])
        new.append(entry)
        settings, size = self.settings, sum(each[1] for each in new)
        if len(new) < settings.max // BATCHES and size < settings.size // BATCHES:
            return
        del self._unlisted[client]
        expires = self._clock() + settings.ttl
        shelf = await self._store.update(SHELVES, client, self._shelved(new), expires)
        if shelf and shelf["gone"]:
            await self._store.delete(TABLE, shelf["gone"])

    def _shelved(self, new: list[list[Any]]) -> Callable[[Document | None], Document]:
        now, settings = self._clock(), self.settings

        def change(shelf: Document | None) -> Document:
            entries = [*(shelf["entries"] if shelf else ()), *new]
            live = [entry for entry in entries if entry[2] + settings.ttl > now]
            first, total = 0, sum(entry[1] for entry in live)
            while len(live) - first > settings.max or total > settings.size:
                total -= live[first][1]
                first += 1
            names = {entry[0] for entry in live[first:]}
            return {"entries": live[first:], "gone": [entry[0] for entry in entries if entry[0] not in names]}

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
