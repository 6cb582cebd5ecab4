"""Counts on their way to the store."""

from __future__ import annotations

import asyncio

from cliproxy.addons.state.shared import Shared
from cliproxy.addons.usage.ledger import Ledger


async def test_amounts_are_added_up_and_written_once() -> None:
    shared = Shared()
    ledger = Ledger(shared)
    ledger.add("usage", "a", {"n": 1})
    ledger.add("usage", "a", {"n": 2, "m": 0.5})
    assert await shared.store.scan("usage") == {}
    await ledger.flush()
    await ledger.flush()
    assert await shared.store.scan("usage") == {"a": {"n": 3, "m": 0.5}}


async def test_whoever_flushes_finds_everything_written() -> None:
    shared = Shared()
    slow, written = asyncio.Event(), shared.store.add

    async def add(*args: object) -> object:
        await slow.wait()
        return await written(*args)  # type: ignore[arg-type]

    shared.store.add = add  # type: ignore[method-assign, assignment]
    ledger = Ledger(shared)
    ledger.add("usage", "a", {"n": 1})
    first = asyncio.create_task(ledger.flush())
    await asyncio.sleep(0)
    second = asyncio.create_task(ledger.flush())
    await asyncio.sleep(0)
    assert not first.done() and not second.done()
    slow.set()
    await second
    assert await shared.store.scan("usage") == {"a": {"n": 1}}
