"""The store in one SQLite file: survives the end of the gateway, and is shared by its workers."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .store import Change, Document, Unreachable

VERSION = 1
"""Of the file's layout, kept as its `user_version`."""
LOCKED = 0.5
"""Seconds to wait for another process that is writing; a change takes it less than a millisecond."""
PURGE = 60.0
"""Seconds between two looks for what has ended."""

_PREPARE = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA journal_size_limit = 4194304;
CREATE TABLE IF NOT EXISTS entries (
    "table" TEXT, "key" TEXT, document TEXT NOT NULL, expires REAL, PRIMARY KEY ("table", "key")
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ends ON entries (expires) WHERE expires IS NOT NULL;
"""
_READ = 'SELECT document FROM entries WHERE "table" = ? AND "key" = ? AND (expires IS NULL OR expires > ?)'
_SCAN = """SELECT "key", document FROM entries
    WHERE "table" = ? AND "key" >= ? AND "key" < ? AND (expires IS NULL OR expires > ?)"""
_LAST = "\U0010ffff"
"""Behind every other character, in the order of the keys."""
_WRITE = 'INSERT OR REPLACE INTO entries ("table", "key", document, expires) VALUES (?, ?, ?, ?)'
_DELETE = 'DELETE FROM entries WHERE "table" = ? AND "key" = ?'

type Work[T] = Callable[[sqlite3.Connection, float], T]
"""What is done in one transaction, at this time."""


class SqliteStore:
    """One thread does all that touches the file, one transaction after the other: the event loop never waits for it.

    WAL and `synchronous = NORMAL`: a process that is killed loses nothing that a method has returned for, and a machine
    that loses its power at most the last seconds; the file stays whole either way.
    Raises `Unreachable`; the file is opened by the first use, and again after a fault.
    """

    degraded = ""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._thread = ThreadPoolExecutor(1, "state")
        self._connection: sqlite3.Connection | None = None
        self._purged = 0.0

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        wanted = list(keys)

        def work(connection: sqlite3.Connection, now: float) -> dict[str, Document]:
            found = ((key, _get(connection, table, key, now)) for key in wanted)
            return {key: document for key, document in found if document is not None}

        return await self._run(work)

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        def work(connection: sqlite3.Connection, now: float) -> Document | None:
            changed = change(_get(connection, table, key, now))
            if changed is None:
                connection.execute(_DELETE, (table, key))
            else:
                connection.execute(_WRITE, (table, key, json.dumps(changed), expires))
            return changed

        return await self._change(work)

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        def work(connection: sqlite3.Connection, now: float) -> dict[str, float]:
            fields: dict[str, float] = _get(connection, table, key, now) or {}
            for name, amount in amounts.items():
                fields[name] = fields.get(name, 0) + amount
            connection.execute(_WRITE, (table, key, json.dumps(fields), expires))
            return fields

        return await self._change(work)

    async def scan(self, table: str, prefix: str = "") -> dict[str, Document]:
        def work(connection: sqlite3.Connection, now: float) -> dict[str, Document]:
            rows = connection.execute(_SCAN, (table, prefix, prefix + _LAST, now))
            return {key: json.loads(document) for key, document in rows}

        return await self._run(work)

    async def delete(self, table: str, keys: Iterable[str]) -> None:
        gone = [(table, key) for key in keys]
        await self._change(lambda connection, now: connection.executemany(_DELETE, gone))

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._discard)
        self._thread.shutdown(wait=False)

    # -- in the thread ---------------------------------------------------------------------

    async def _run[T](self, work: Work[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    async def _change[T](self, work: Work[T]) -> T:
        def transaction(connection: sqlite3.Connection, now: float) -> T:
            connection.execute("BEGIN IMMEDIATE")
            if now >= self._purged + PURGE:
                self._purged = now
                connection.execute("DELETE FROM entries WHERE expires <= ?", (now,))
            return work(connection, now)

        return await self._run(transaction)

    def _guarded[T](self, work: Work[T]) -> T:
        try:
            if not self._connection:
                self._connection = _open(self._path)
            with self._connection:  # commits, or rolls back
                return work(self._connection, self._clock())
        except (sqlite3.Error, OSError) as fault:
            self._discard()
            raise Unreachable(str(fault)) from fault

    def _discard(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None


def _get(connection: sqlite3.Connection, table: str, key: str, now: float) -> Document | None:
    row = connection.execute(_READ, (table, key, now)).fetchone()
    found: Document | None = json.loads(row[0]) if row else None
    return found


def _open(path: Path) -> sqlite3.Connection:
    """For its owner alone. Several processes may do this at the same moment; then they take turns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    last = time.monotonic() + LOCKED
    while True:
        connection = sqlite3.connect(path, timeout=LOCKED, isolation_level=None, check_same_thread=False)
        try:
            return _prepared(connection)
        except sqlite3.Error as fault:
            connection.close()
            # Going over to WAL asks for the file alone, and SQLite does not always wait for that.
            if getattr(fault, "sqlite_errorname", "") != "SQLITE_BUSY" or time.monotonic() > last:
                raise
        time.sleep(0.01)


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise sqlite3.DatabaseError(f"it is of a later version ({version}; this gateway knows {VERSION})")
    connection.executescript(_PREPARE)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection
