"""One of several gateways on a port: shares it, and does not outlive its parent."""

from __future__ import annotations

import asyncio
import os

import pytest

from cliproxy.addons import worker
from cliproxy.addons.shutdown import Shutdown
from cliproxy.addons.worker import Worker


@pytest.mark.parametrize("text, number", [("", 0), ("2", 2), ("x", 0)])
def test_its_number_stands_in_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, number: int) -> None:
    monkeypatch.setenv(worker.WORKER, text)
    assert worker.number() == number


async def test_two_servers_share_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(worker.WORKER, "1")
    Worker(Shutdown()).running()
    first = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    second = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", port)
    first.close()
    second.close()


async def test_without_its_parent_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drained(Shutdown):
        def drain(self) -> None:
            drained.set()

    drained = asyncio.Event()
    monkeypatch.setenv(worker.WORKER, "2")
    monkeypatch.setattr(worker, "INTERVAL", 0.01)
    Worker(Drained()).running()
    await asyncio.sleep(0.05)
    assert not drained.is_set()
    monkeypatch.setattr(os, "getppid", lambda: 1)
    async with asyncio.timeout(5):
        await drained.wait()
