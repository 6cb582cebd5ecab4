"""What every store promises, wherever it keeps the state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from states import Clock, Valkey, valkey

from cliproxy.addons.state import store as module
from cliproxy.addons.state.guarded import Guarded
from cliproxy.addons.state.redis import RedisStore
from cliproxy.addons.state.sqlite import SqliteStore
from cliproxy.addons.state.store import Document, MemoryStore, Store

type Passes = Callable[[float], Awaitable[None]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passes(clock: Clock, request: pytest.FixtureRequest) -> Passes:
    """Lets seconds pass: a server has a clock of its own, so there they are waited for."""
    real = "redis" in request.node.name
    if real:
        clock.now = time.time()

    async def passing(seconds: float) -> None:
        clock.now += seconds
        await asyncio.sleep(seconds if real else 0)

    return passing


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("valkey")) as running:
        yield running


def made(kind: str, clock: Clock, path: Path, request: pytest.FixtureRequest) -> Store:
    match kind:
        case "sqlite":
            return SqliteStore(path / "state.db", clock)
        case "redis":
            return RedisStore(request.getfixturevalue("server").url)
        case _:
            return MemoryStore(clock)


@pytest.fixture(params=["memory", "sqlite", "redis", "guarded sqlite", "guarded redis", "lost"])
async def store(clock: Clock, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    guard, _, kind = str(request.param).rpartition(" ")
    one = made(kind, clock, tmp_path, request)
    if kind == "redis":
        await one.delete("a", await one.scan("a"))
        await one.delete("t", await one.scan("t"))
    if kind == "lost":
        (tmp_path / "no folder").touch()
        one, guard = SqliteStore(tmp_path / "no folder" / "state.db", clock), "guarded"
    one = Guarded(one, "a test", clock) if guard else one
    yield one
    assert bool(one.degraded) is (kind == "lost")
    await one.close()


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


async def test_an_entry_ends(store: Store, clock: Clock, passes: Passes) -> None:
    now = clock.now
    await store.add("a", "x", {"n": 1}, expires=now + 0.3)
    await store.update("a", "y", longer, expires=now + 0.3)
    await store.update("a", "z", longer, expires=now + 20)
    assert set(await store.scan("a")) == {"x", "y", "z"}
    await passes(0.4)
    assert await store.scan("a") == {"z": {"seen": [1]}}
    assert await store.read("a", ["x", "y"]) == {}
    assert await store.add("a", "x", {"n": 1}) == {"n": 1}
    assert await store.update("a", "y", longer) == {"seen": [1]}


async def test_a_table_is_read_by_the_beginning_of_its_keys(store: Store) -> None:
    for key in ("a/1", "a/2", "b/1", "A/3", "a*/4", "a%"):
        await store.add("t", key, {"n": 1})
    assert sorted(await store.scan("t", "a/")) == ["a/1", "a/2"]
    await store.delete("t", ["a/1", "nothing"])
    assert sorted(await store.scan("t")) == ["A/3", "a%", "a*/4", "a/2", "b/1"]
    assert list(await store.scan("t", "a*")) == ["a*/4"]


async def test_what_was_read_is_the_readers_own(store: Store) -> None:
    await store.update("a", "x", longer)
    (await store.read("a", ["x"]))["x"]["seen"].append(2)
    assert await store.read("a", ["x"]) == {"x": {"seen": [1]}}


async def test_the_last_word_on_an_end_counts(store: Store, clock: Clock, passes: Passes) -> None:
    end = clock.now + 0.2
    await store.add("a", "x", {"n": 1}, expires=end)
    await store.add("a", "x", {"n": 1})
    await store.update("a", "y", longer, expires=end)
    await store.update("a", "y", longer)
    await passes(0.3)
    assert await store.scan("a") == {"x": {"n": 2}, "y": {"seen": [1, 1]}}


async def test_changes_at_the_same_time_are_all_made(store: Store) -> None:
    await asyncio.gather(*(store.update("a", "x", longer) for _ in range(20)))
    await asyncio.gather(*(store.add("a", "n", {"n": 1}) for _ in range(20)))
    assert (await store.read("a", ["x", "n"])) == {"x": {"seen": [1] * 20}, "n": {"n": 20}}


async def test_keys_are_any_text(store: Store) -> None:
    for key in ("", "a:b", "ключ 🔑", "'; --", "a\nb", "[x]?*\\"):
        await store.update("a", key, longer)
        assert await store.read("a", [key]) == {key: {"seen": [1]}}
        assert list(await store.scan("a", key))[:1] and key in await store.scan("a", key)


async def test_a_change_that_fails_changes_nothing(store: Store) -> None:
    def fails(before: Document | None) -> Document | None:
        raise ValueError("a defect")

    await store.update("a", "x", longer)
    with pytest.raises(ValueError, match="a defect"):
        await store.update("a", "x", fails)
    assert await store.read("a", ["x"]) == {"x": {"seen": [1]}}


async def test_memory_does_not_grow_by_what_has_ended(clock: Clock) -> None:
    store = MemoryStore(clock)
    for number in range(module.SWEEP - 1):
        await store.add("a", str(number), {"n": 1}, expires=clock.now + 1)
    clock.now += 1
    await store.add("a", "last", {"n": 1})
    assert [len(entries) for entries in vars(store)["_tables"].values()] == [1]
