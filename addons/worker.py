"""What a gateway does that is one of several on the same port (``cliproxy run --workers``)."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shutdown import Shutdown

WORKER = "CLIPROXY_WORKER"
"""In a worker's environment: its number, from 1. The first one says on standard output that the gateway is up."""
INTERVAL = 1.0
"""Seconds between two looks whether the parent still lives."""


def number() -> int:
    """0 for a gateway that is alone."""
    text = os.environ.get(WORKER, "")
    return int(text) if text.isdigit() else 0


class Worker:
    def __init__(self, shutdown: Shutdown) -> None:
        self._shutdown = shutdown

    def running(self) -> None:
        if number():
            from mitmproxy.utils import asyncio_utils  # the command line needs `number` only, and fast

            loop = asyncio.get_running_loop()
            loop.create_server = partial(loop.create_server, reuse_port=True)  # type: ignore[method-assign]
            asyncio_utils.create_task(self._watch(os.getppid()), name="watch the parent", keep_ref=True)

    async def _watch(self, parent: int) -> None:
        """Killed, the parent could not tell us to end; and nobody else would."""
        while os.getppid() == parent:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(INTERVAL)
        self._shutdown.drain()
