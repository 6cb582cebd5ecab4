"""Keeps logs and recordings together below a size: beyond it the oldest files go. This is the one place that does."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mitmproxy.utils import asyncio_utils

from . import rotating, worker
from .applied import Applied
from .recorder import record_folder
from .settings import Logging

logger = logging.getLogger(__name__)

INTERVAL = 60.0
RECORDING = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.flow")
"""As the recorder names its files; what else lies in the folder is the user's own."""


@dataclass(frozen=True, slots=True)
class Kept:
    path: Path
    size: int
    changed: float


class DiskCap:
    """Where there are several workers, the first one looks after the files of all."""

    def __init__(self) -> None:
        self._logging = Logging()
        self._folder: Path | None = None
        self._task: asyncio.Task[None] | None = None

    def use(self, applied: Applied) -> None:
        self._logging, self._folder = applied.settings.logging, record_folder(applied.settings)

    def running(self) -> None:
        if worker.number() <= 1:
            self._task = asyncio_utils.create_task(self._look_often(), name="bound logs and recordings", keep_ref=True)

    def done(self) -> None:
        if self._task:
            self._task.cancel()

    async def _look_often(self) -> None:
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(INTERVAL)

    def look(self) -> None:
        gone = excess(found(self._logging, self._folder), self._logging.total_size)
        for one in gone:
            one.path.unlink(missing_ok=True)
        if gone:
            size = sum(one.size for one in gone)
            logger.info(
                "Logs and recordings are over their size: the oldest %d files (%d bytes) went.", len(gone), size
            )


def found(logging: Logging, folder: Path | None) -> list[Kept]:
    """All that counts."""
    logs = [file for path in (logging.file, logging.request_log) if path for file in rotating.kept(path)]
    there = folder.iterdir() if folder and folder.is_dir() else ()
    recordings = (path for path in there if RECORDING.fullmatch(path.name))
    return [one for path in (*logs, *recordings) if (one := _looked_at(path))]


def excess(files: Iterable[Kept], limit: int) -> list[Kept]:
    """The oldest, until the rest is within the limit. What is written to now, a log without a number, is not taken."""
    known = list(files)
    over = sum(one.size for one in known) - limit
    gone = []
    for one in sorted(known, key=lambda kept: kept.changed):
        if over <= 0:
            break
        if one.path.suffix == ".flow" or one.path.suffix[1:].isdigit():
            gone.append(one)
            over -= one.size
    return gone


def _looked_at(path: Path) -> Kept | None:
    try:
        state = path.stat()
    except OSError:  # it went while we looked
        return None
    return Kept(path, state.st_size, state.st_mtime)
