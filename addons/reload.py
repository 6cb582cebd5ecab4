"""Takes over a changed configuration while running: the file, and the certificate that it names."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.utils import asyncio_utils

from .configuration import Configuration

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks. No notification of the system works for a file that is mounted into a container."""


class Reload:
    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._seen = b""
        self._task: asyncio.Task[None] | None = None

    def configure(self, updated: set[str]) -> None:
        """As it was just read. Once the port is open it may be changed already."""
        if "cliproxy_config" in updated and ctx.options.cliproxy_config:
            self._seen = digest(self._watched())

    def running(self) -> None:
        if ctx.options.cliproxy_config:
            self._task = asyncio_utils.create_task(self._watch(), name="watch the configuration", keep_ref=True)

    def done(self) -> None:
        if self._task:
            self._task.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            self.look()

    def look(self) -> None:
        """Take over what has changed since the last look."""
        watched = list(self._watched())
        now = digest(watched)
        if now == self._seen:
            return
        self._seen = now  # of before it is read: what changes while it is read is seen at the next look
        if not self._configuration.reload():
            if list(self._watched()) != watched:
                self._seen = digest(self._watched())
            logger.info("The configuration was read again and is in force.")
        else:
            logger.error("The configuration was changed, but not taken over: the one before stays in force.")

    def _watched(self) -> Iterable[Path]:
        yield Path(ctx.options.cliproxy_config)
        applied = self._configuration.applied
        if applied and applied.settings.tls.enabled:
            yield from (path for path in (applied.settings.tls.cert_file, applied.settings.tls.key_file) if path)


def digest(paths: Iterable[Path]) -> bytes:
    """Changes when the content of one of the files does. A file that can't be read is as good as an empty one."""
    found = hashlib.sha256()
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        found.update(len(content).to_bytes(8) + content)
    return found.digest()
