"""What mitmweb and mitmproxy keep of a long session: so many flows, and so many bytes of bodies; the rest is on disk.

An exchange that is over is in a file (the recording that was asked for, or one in a scratch folder that goes with the
process), and its views are read from there. Memory holds what mitmproxy itself shows of it, until that is too much.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import ReferenceType, WeakSet, ref

from mitmproxy import ctx, hooks, http
from mitmproxy.addonmanager import Loader
from mitmproxy.utils import asyncio_utils

from . import exchange, recordings
from .recorder import Recorder, recorded
from .recordings import Recorded

BODIES = 64 * 1024 * 1024
"""Bytes of bodies in memory, of flows that are over."""
ON_DISK = b"This body is in a file only. The views Conversation, Client, Provider and Explain read it there."
REFRESH = 1.0
"""Seconds between two looks at an answer that is still streaming."""


class Kept:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._view: Any = None
        self._scratch: Path | None = None
        self._streaming: WeakSet[http.HTTPFlow] = WeakSet()
        self._bodies: deque[tuple[ReferenceType[http.HTTPFlow], int]] = deque()
        self._held = 0

    def load(self, loader: Loader) -> None:
        loader.add_option("cliproxy_keep_flows", int, 1000, "So many flows are kept in mitmweb and mitmproxy.")

    def running(self) -> None:
        """mitmdump has no view: it keeps nothing, and needs nothing of this."""
        self._view = ctx.master.addons.get("view")
        if self._view is not None:  # an empty view is false
            self._scratch = Path(tempfile.mkdtemp(prefix="cliproxy-flows-"))
            self._recorder.scratch = self._scratch
            asyncio_utils.create_task(self._follow(), name="follow streams", keep_ref=True)

    def done(self) -> None:
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    # -- while an answer streams ---------------------------------------------------------

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Without content there would be no view of it."""
        if self._view is not None and flow.response and flow.response.stream:
            flow.response.data.content = b""
            self._streaming.add(flow)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            if flows := list(self._streaming):
                for flow in flows:
                    show_stream(flow)
                ctx.master.addons.trigger(hooks.UpdateHook(flows))

    # -- when it is over -----------------------------------------------------------------

    def response(self, flow: http.HTTPFlow) -> None:
        self._over(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._over(flow)

    def _over(self, flow: http.HTTPFlow) -> None:
        if self._view is None:
            return
        if exchange.of(flow):
            show_stream(flow)
            self._streaming.discard(flow)
            exchange.end(flow)
            size = body_size(flow)
            self._bodies.append((ref(flow), size))
            self._held += size
        self._bound()

    def _bound(self) -> None:
        while self._held > BODIES:
            known, size = self._bodies.popleft()
            self._held -= size
            if flow := known():
                drop_bodies(flow)
        excess = self._view.store_count() - max(1, ctx.options.cliproxy_keep_flows)
        if excess > 0:
            gone = [one for one in self._view.resolve("@all") if not one.live and not one.marked][:excess]
            self._view.remove(gone)
            self._forget(gone)

    def _forget(self, flows: list[http.HTTPFlow]) -> None:
        for flow in flows:
            path = self._recorder.written.pop(flow, None)
            if path and path.parent == self._scratch:
                path.unlink(missing_ok=True)
        self._bodies = deque(one for one in self._bodies if one[0]() not in flows)
        self._held = sum(size for _, size in self._bodies)

    # -- what the views are shown --------------------------------------------------------

    def exchange(self, flow: http.HTTPFlow) -> Recorded | None:
        if call := exchange.of(flow):
            return recorded(flow, call, self._recorder.redactor, time.time())
        path = self._recorder.written.get(flow)
        return _read(path) if path and path.exists() else None


@lru_cache(maxsize=4)
def _read(path: Path) -> Recorded:
    """A browser asks for the same flow again and again."""
    return recordings.load(path)[0]


def show_stream(flow: http.HTTPFlow) -> None:
    """What the client has got of a stream so far; mitmproxy itself forgets it as it passes."""
    call, response = exchange.of(flow), flow.response
    if call and call.recording and response and response.stream:
        response.data.content = b"".join(call.recording.answered)


def body_size(flow: http.HTTPFlow) -> int:
    messages = (flow.request, flow.response)
    return sum(len(message.raw_content or b"") for message in messages if message)


def drop_bodies(flow: http.HTTPFlow) -> None:
    for message in (flow.request, flow.response):
        if message and len(message.raw_content or b"") > len(ON_DISK):
            message.headers.pop("content-encoding", None)
            message.data.content = ON_DISK
