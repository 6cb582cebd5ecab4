"""A lock on a file that holds between processes, and that the system takes back when its holder dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

PATIENCE = 90.0
"""Seconds: longer than a refresh can take."""
PAUSE = 0.02


class Busy(Exception):
    """Another process has held the lock for longer than anything takes."""


@contextlib.asynccontextmanager
async def locked(path: Path, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock of `path`. Raises `Busy`, and OSError where the folder can't be written to.

    It lies beside the file, not on it: the file is replaced as a whole, and a lock would go with it.
    """
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise Busy(f"{path.name} is held by another process.")
            await asyncio.sleep(PAUSE)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
