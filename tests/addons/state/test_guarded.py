"""What becomes of the state while its place is gone, and afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import pytest
from states import Clock

from cliproxy.addons.state import guarded
from cliproxy.addons.state.guarded import Guarded
from cliproxy.addons.state.store import Change, Document, MemoryStore, Unreachable


class Place(MemoryStore):
    """A store that can be gone, or silent."""

    gone = silent = False

    async def reach(self) -> None:
        if self.silent:
            await asyncio.Event().wait()
        if self.gone:
            raise Unreachable("a test took it away")

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        await self.reach()
        return await super().read(table, keys)

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        await self.reach()
        return await super().update(table, key, change, expires)

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        await self.reach()
        return await super().add(table, key, amounts, expires)


@pytest.fixture
def place() -> Place:
    return Place(Clock())


@pytest.fixture
async def store(place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Guarded]:
    monkeypatch.setattr(guarded, "PAUSE", 0.02)
    monkeypatch.setattr(guarded, "PATIENCE", 0.2)
    one = Guarded(place, "a test", Clock())
    yield one
    await one.close()


async def back(store: Guarded, place: Place) -> None:
    place.gone = place.silent = False
    async with asyncio.timeout(5):
        while store.degraded:
            await asyncio.sleep(0.01)


def set_to(value: Any) -> Change:
    return lambda _: {"v": value}


async def test_what_this_process_knew_is_known_while_the_place_is_gone(store: Guarded, place: Place) -> None:
    await store.update("t", "d", set_to(1))
    await store.add("t", "c", {"n": 5})
    place.gone = True
    assert await store.read("t", ["d", "c"]) == {"d": {"v": 1}, "c": {"n": 5}}
    assert (
        store.degraded == "The state in a test can't be used (a test took it away); this gateway goes on with its own."
    )
    assert await store.add("t", "c", {"n": 1}) == {"n": 6}


async def test_what_happened_meanwhile_goes_there_when_it_is_back(store: Guarded, place: Place) -> None:
    await store.add("t", "c", {"n": 5})
    await store.update("t", "gone", set_to(1))
    await store.update("t", "taken", set_to(1))
    place.gone = True
    await store.add("t", "c", {"n": 1})
    await store.add("t", "c", {"m": 2})
    await store.update("t", "d", set_to(1))
    await store.update("t", "d", set_to(2))
    await store.add("t", "both", {"n": 1})
    await store.update("t", "both", set_to(1))
    await store.add("t", "both", {"v": 1})
    await store.delete("t", ["gone"])
    await store.update("t", "taken", lambda _: None)
    place.gone = False
    await MemoryStore.add(place, "t", "c", {"n": 100})  # another gateway's
    place.gone = True
    await back(store, place)
    assert await place.scan("t") == {"c": {"n": 106, "m": 2}, "d": {"v": 2}, "both": {"v": 2}}
    assert await store.read("t", ["c"]) == {"c": {"n": 106, "m": 2}}


async def test_it_is_said_once_that_it_went_and_once_that_it_is_back(
    store: Guarded, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    place.gone = True
    for _ in range(5):
        await store.add("t", "c", {"n": 1})
    await asyncio.sleep(0.1)
    await back(store, place)
    assert [record.message.partition(" (")[0] for record in caplog.records] == [
        "The state in a test can't be used",
        "The state in a test is back.",
    ]
    place.gone = True
    await store.read("t", ["c"])
    assert store.degraded


async def test_a_silent_place_costs_its_patience_once(store: Guarded, place: Place) -> None:
    place.silent = True
    await asyncio.gather(*(store.add("t", "c", {"n": 1}) for _ in range(10)))
    assert store.degraded.endswith("(no answer within 0 second); this gateway goes on with its own.")
    async with asyncio.timeout(0.1):  # nobody waits for it again
        await store.read("t", ["c"])
    await back(store, place)
    assert await place.read("t", ["c"]) == {"c": {"n": 10}}


async def test_a_place_that_goes_again_on_its_return_loses_nothing(store: Guarded, place: Place) -> None:
    place.gone = True
    for number in range(20):
        await store.add("t", f"c{number}", {"n": 1})
        await store.update("t", f"d{number}", set_to(number))
    left = [7]
    reach = place.reach

    async def now_and_then() -> None:
        left[0] -= 1
        if left[0] == 0:
            left[0] = 7
            raise Unreachable("again")
        await reach()

    place.reach = now_and_then  # type: ignore[method-assign]
    await back(store, place)
    place.reach = reach  # type: ignore[method-assign]
    assert len(await MemoryStore.scan(place, "t")) == 40
    assert (await MemoryStore.scan(place, "t", "c3"))["c3"] == {"n": 1}


async def test_what_is_remembered_is_bounded(store: Guarded, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "KEPT", 3)
    place.gone = True
    for number in range(10):
        await store.add("t", str(number), {"n": 1})
    await back(store, place)
    assert sorted(await place.scan("t")) == ["7", "8", "9"]


async def test_the_end_of_the_gateway_still_tries(place: Place) -> None:
    store = Guarded(place, "a test", Clock())
    place.gone = True
    await store.add("t", "c", {"n": 1})
    place.gone = False
    kept: list[object] = []
    place.close = lambda: _noted(kept, place)  # type: ignore[method-assign]
    await store.close()
    assert kept == [{"c": {"n": 1}}]


async def _noted(kept: list[object], place: Place) -> None:
    kept.append(await place.scan("t"))


async def test_what_is_kept_here_beside_the_place_is_bounded(
    store: Guarded, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "COPIED", 5000)
    for number in range(20):
        await store.update("t", str(number), lambda _: {"text": "x" * 1000})
        await store.add("c", str(number), {"n": 1})
    await store.delete("t", ["19"])
    assert len(await place.scan("t")) == 19 and len(await place.scan("c")) == 20
    place.gone = True
    assert await store.read("t", ["0", "18", "19"]) == {"18": {"text": "x" * 1000}}, "the newest are known here"
    assert len(await store.scan("t")) <= 5
