"""Which responses are kept: for whom, how many, how long."""

from __future__ import annotations

from typing import Any

from cliproxy.addons.responses.keeper import OWN_LIMIT, SHELVES, TABLE, Keeper, Kept
from cliproxy.addons.settings import ResponsesSettings
from cliproxy.addons.state.store import MemoryStore


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(**settings: Any) -> tuple[Keeper, MemoryStore, Clock]:
    clock = Clock()
    store = MemoryStore(clock)
    keeper = Keeper(lambda: store, clock)
    keeper.settings = ResponsesSettings(**settings)
    return keeper, store, clock


def kept(id: str, client: str = "ann", chain: tuple[str, ...] = (), text: str = "") -> Kept:
    output = [{"type": "message", "role": "assistant", "content": text or f"answer {id}"}]
    response = {"id": id, "output": output}
    return Kept(id, client, "openai", "openai-1", [{"role": "user", "content": f"ask {id}"}], response, list(chain))


def owned(id: str) -> Kept:
    return Kept(id, "ann", "openai", "openai-1")


async def test_what_was_kept_is_found_as_it_was() -> None:
    keeper, *_ = made()
    await keeper.keep(kept("a"))
    assert await keeper.find("a", "ann") == kept("a")
    assert await keeper.find("b", "ann") is None


async def test_each_client_finds_its_own_only() -> None:
    keeper, *_ = made()
    await keeper.keep(kept("a"))
    keeper.announce(kept("b"))
    assert [await keeper.find(id, "bob") for id in ("a", "b")] == [None, None]


async def test_an_announced_one_is_found_before_it_is_written() -> None:
    keeper, store, _ = made()
    keeper.announce(kept("a"))
    assert await keeper.find("a", "ann") == kept("a")
    assert await store.read(TABLE, ["a"]) == {}
    await keeper.keep(kept("a"))
    assert not keeper._pending


async def test_a_conversation_is_put_together_in_its_order() -> None:
    keeper, *_ = made()
    for one in (kept("a"), kept("b", chain=("a",)), kept("c", chain=("a", "b"))):
        await keeper.keep(one)
    last = await keeper.find("c", "ann")
    assert last
    said = await keeper.items(last)
    assert said and [item["content"] for item in said] == [
        "ask a", "answer a", "ask b", "answer b", "ask c", "answer c",
    ]  # fmt: skip


async def test_a_conversation_with_a_hole_is_none() -> None:
    keeper, *_ = made()
    await keeper.keep(kept("b", chain=("a",)))
    last = await keeper.find("b", "ann")
    assert last and await keeper.items(last) is None


async def test_another_clients_response_in_a_chain_is_a_hole() -> None:
    keeper, *_ = made()
    await keeper.keep(kept("a", client="bob"))
    assert await keeper.items(kept("b", chain=("a",))) is None


async def test_it_ends_after_its_time() -> None:
    keeper, _, clock = made(ttl=10)
    await keeper.keep(kept("a"))
    clock.now += 10
    assert await keeper.find("a", "ann") is None


async def test_the_oldest_of_a_client_makes_room() -> None:
    keeper, store, _ = made(max=2)
    await keeper.keep(kept("z", client="bob"))
    for id in "abc":
        await keeper.keep(kept(id))
    assert sorted(await store.scan(TABLE)) == ["b", "c", "z"]


async def test_a_client_has_so_many_bytes() -> None:
    keeper, store, _ = made(size=2000)
    await keeper.keep(kept("a", text="x" * 1000))
    await keeper.keep(owned("p"))
    await keeper.keep(kept("b", text="x" * 1000))
    assert sorted(await store.scan(TABLE)) == ["b", "p"]
    assert OWN_LIMIT < 500


async def test_one_that_is_larger_than_all_is_not_kept() -> None:
    keeper, store, _ = made(size=2000)
    await keeper.keep(kept("a", text="x" * 2000))
    assert await store.scan(TABLE) == {}
    assert not keeper._pending


async def test_a_list_is_not_written_for_each() -> None:
    keeper, store, _ = made(max=150)
    for number in range(8):
        await keeper.keep(kept(str(number)))
    shelf = (await store.read(SHELVES, ["ann"]))["ann"]
    assert [entry[0] for entry in shelf["entries"]] == list("012345")


async def test_the_list_of_a_client_forgets_what_has_ended() -> None:
    keeper, store, clock = made(ttl=10, max=9)
    await keeper.keep(kept("a"))
    clock.now += 6
    await keeper.keep(kept("b"))
    clock.now += 6
    await keeper.keep(kept("c"))
    shelf = (await store.read(SHELVES, ["ann"]))["ann"]
    assert [entry[0] for entry in shelf["entries"]] == ["b", "c"]


async def test_a_deleted_one_is_gone() -> None:
    keeper, *_ = made()
    await keeper.keep(kept("a"))
    keeper.announce(kept("b"))
    await keeper.delete("a")
    await keeper.delete("b")
    assert [await keeper.find(id, "ann") for id in "ab"] == [None, None]


async def test_a_forgotten_announcement_leaves_nothing() -> None:
    keeper, *_ = made()
    keeper.announce(kept("a"))
    keeper.forget("a")
    assert await keeper.find("a", "ann") is None
