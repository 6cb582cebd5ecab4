"""The exchanges of late: a ring in the shared store."""

from __future__ import annotations

import pytest
from endings import call, told

from cliproxy.addons import recent
from cliproxy.addons.recent import Recent
from cliproxy.addons.state.shared import Shared


async def test_the_newest_is_first() -> None:
    one = Recent(Shared())
    one.ended(told(id="1"), call())
    one.ended(told(id="2", status=502), call())
    assert [(line["id"], line["status"]) for line in await one.lines()] == [("2", 502), ("1", 200)]


async def test_gateways_that_share_a_store_speak_for_each_other() -> None:
    shared = Shared()
    one, other = Recent(shared), Recent(shared)
    for number in range(120):
        (one if number % 2 else other).ended(told(id=str(number)), call())
        if number % 7 == 0:
            await one.flush()
            await other.flush()
    await other.flush()
    found = await one.lines()
    assert found == await other.lines()
    assert sorted(int(line["id"]) for line in found) == list(range(120))


async def test_they_are_bounded_and_can_be_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "KEPT", 6)
    monkeypatch.setattr(recent, "SLOT", 2)
    shared = Shared()
    one = Recent(shared)
    for number in range(25):
        one.ended(told(id=str(number)), call())
        if number % 3 == 0:
            await one.flush()
    assert [line["id"] for line in await one.lines()] == ["24", "23", "22", "21", "20", "19"]
    assert len(await shared.store.scan("flows")) <= 4
    await one.clear()
    assert await one.lines() == []


async def test_a_burst_keeps_its_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "KEPT", 6)
    monkeypatch.setattr(recent, "SLOT", 2)
    one = Recent(Shared())
    for number in range(100):
        one.ended(told(id=str(number)), call())
    assert [line["id"] for line in await one.lines()] == ["99", "98", "97", "96", "95", "94"]
