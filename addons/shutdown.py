"""Ends the gateway without cutting anybody off: no new connection, but what was begun may finish."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from functools import partial

from mitmproxy import ctx, http
from mitmproxy.utils import asyncio_utils

from .applied import Applied

logger = logging.getLogger(__name__)


class Shutdown:
    """``timeout``: seconds that exchanges get to finish after SIGTERM or SIGINT. A second signal ends them at once."""

    def __init__(self) -> None:
        self.timeout = 30.0
        self.stopping = False
        self._flows: set[str] = set()
        self._idle = asyncio.Event()

    def use(self, applied: Applied) -> None:
        self.timeout = applied.settings.shutdown_timeout

    @property
    def open(self) -> int:
        """How many requests are being served."""
        return len(self._flows)

    def running(self) -> None:
        with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows, and a loop in another thread
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, partial(self.stop, number))

    def stop(self, number: signal.Signals) -> None:
        if number == signal.SIGINT and hasattr(ctx.master, "prompt_for_exit"):
            ctx.master.prompt_for_exit()  # mitmproxy's console asks first
        elif self.stopping:
            ctx.master.shutdown()
        else:
            self.drain()

    def drain(self) -> None:
        """Take nobody in any more, and end when all are served."""
        self.stopping = True
        asyncio_utils.create_task(self._drain(), name="let exchanges finish", keep_ref=True)

    async def _drain(self) -> None:
        ctx.options.update(server=False)
        if self._flows:
            logger.warning(
                "%d exchanges are still open; they get up to %.0f seconds. A second signal ends them now.",
                self.open,
                self.timeout,
            )
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), self.timeout)
            if self._flows:
                logger.warning("%d exchanges did not finish in time; they are cut off.", self.open)
            await asyncio.sleep(0.05)  # the last bytes are with the event loop, not yet with the client
        ctx.master.shutdown()

    # -- which requests are open ----------------------------------------------------------

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self._flows.add(flow.id)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """A connection that is kept would go on bringing requests."""
        if self.stopping and flow.response and flow.request.http_version.startswith("HTTP/1"):
            flow.response.headers["connection"] = "close"

    def response(self, flow: http.HTTPFlow) -> None:
        self._ended(flow)  # also of a WebSocket: what its messages ask are requests of their own

    def error(self, flow: http.HTTPFlow) -> None:
        self._ended(flow)

    def _ended(self, flow: http.HTTPFlow) -> None:
        self._flows.discard(flow.id)
        if not self._flows:
            self._idle.set()
