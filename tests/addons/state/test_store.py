"""What every store promises; the others run the same tests."""

from __future__ import annotations

import pytest

from cliproxy.addons.state.store import Document, MemoryStore, Store


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return MemoryStore(clock)


def longer(before: Document | None) -> Document:
    return {"seen": [*(before or {}).get("seen", []), 1]}


async def test_a_document_is_changed_from_what_it_was(store: Store) -> None:
    assert await store.update("a", "x", longer) == {"seen": [1]}
    assert await store.update("a", "x", longer) == {"seen": [1, 1]}
    assert await store.read("a", ["x", "y"]) == {"x": {"seen": [1, 1]}}
    assert await store.read("b", ["x"]) == {}


async def test_a_change_to_none_takes_it_away(store: Store) -> None:
    await store.update("a", "x", longer)
    assert await store.update("a", "x", lambda _: None) is None
    assert await store.read("a", ["x"]) == {}


async def test_counters_add_up(store: Store) -> None:
    assert await store.add("a", "x", {"n": 1}) == {"n": 1}
    assert await store.add("a", "x", {"n": 2, "m": 0.5}) == {"n": 3, "m": 0.5}
    assert await store.scan("a") == {"x": {"n": 3, "m": 0.5}}


async def test_an_entry_ends(store: Store, clock: Clock) -> None:
    await store.add("a", "x", {"n": 1}, expires=1010)
    await store.update("a", "y", longer, expires=1020)
    clock.now = 1010
    assert await store.scan("a") == {"y": {"seen": [1]}}
    assert await store.add("a", "x", {"n": 1}) == {"n": 1}


async def test_a_table_is_read_by_the_beginning_of_its_keys(store: Store) -> None:
    for key in ("a/1", "a/2", "b/1"):
        await store.add("t", key, {"n": 1})
    assert sorted(await store.scan("t", "a/")) == ["a/1", "a/2"]
    await store.delete("t", ["a/1", "nothing"])
    assert sorted(await store.scan("t")) == ["a/2", "b/1"]


async def test_what_was_read_is_the_readers_own(store: Store) -> None:
    await store.update("a", "x", longer)
    (await store.read("a", ["x"]))["x"]["seen"].append(2)
    assert await store.read("a", ["x"]) == {"x": {"seen": [1]}}
