"""The store that shared state lives in: small documents and counters in named tables, each with an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

type Document = dict[str, Any]
"""Plain JSON values only."""
type Change = Callable[[Document | None], Document | None]
"""What a document becomes; None for one that is not there, or shall go. Pure: it may be called more than once."""


class Store(Protocol):
    """`expires`: epoch seconds after which an entry is as good as gone; None keeps it. Keys are any text.

    An entry is a document (`update`) or a counter (`add`), not both in turn.

    No method raises because the place where the state lies can't be reached: then the state of this process serves,
    and `degraded` says why.
    """

    @property
    def degraded(self) -> str:
        """ "" while all is well, else one sentence for health and log."""

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        """Those of the keys that there are."""

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        """Change one document, as if nobody else did at the same time; gives what it became."""

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        """Add to the fields of one counter, which begin at 0; gives all its fields. `expires` moves the end."""

    async def scan(self, table: str, prefix: str = "") -> dict[str, Document]:
        """All documents or counters of a table whose key begins so."""

    async def delete(self, table: str, keys: Iterable[str]) -> None: ...

    async def close(self) -> None:
        """Everything that was changed is kept when this returns."""


class Unreachable(Exception):
    """The place where the state lies does not answer; why, without a secret. Only `guarded.Guarded` gets to see it."""


SWEEP = 1000
"""After so many changes what has ended is taken away, whether or not anybody asks for it."""


class MemoryStore:
    """The state of this process alone. `clock` gives epoch seconds."""

    degraded = ""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tables: dict[str, dict[str, tuple[str, float | None]]] = {}
        self._changes = 0

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        return {key: found for key in keys if (found := self._get(table, key)) is not None}

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        changed = change(self._get(table, key))
        self._set(table, key, changed, expires)
        return changed

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        fields: dict[str, float] = self._get(table, key) or {}
        for name, amount in amounts.items():
            fields[name] = fields.get(name, 0) + amount
        self._set(table, key, fields, expires)
        return fields

    async def scan(self, table: str, prefix: str = "") -> dict[str, Document]:
        keys = [key for key in self._tables.get(table, {}) if key.startswith(prefix)]
        return await self.read(table, keys)

    async def delete(self, table: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._set(table, key, None, None)

    async def close(self) -> None:
        self._tables.clear()

    def _get(self, table: str, key: str) -> Document | None:
        text, expires = self._tables.get(table, {}).get(key, ("null", None))
        if expires is not None and expires <= self._clock():
            del self._tables[table][key]
            return None
        found: Document | None = json.loads(text)  # a copy: nobody's change is anybody else's
        return found

    def _set(self, table: str, key: str, document: Document | None, expires: float | None) -> None:
        kept = self._tables.setdefault(table, {})
        if document is None:
            kept.pop(key, None)
        else:
            kept[key] = (json.dumps(document), expires)
        self._changes += 1
        if self._changes % SWEEP == 0:
            self._sweep()

    def _sweep(self) -> None:
        now = self._clock()
        for name, kept in self._tables.items():
            self._tables[name] = {k: (t, end) for k, (t, end) in kept.items() if end is None or end > now}
