"""Two pools on one store: what one learns, the other knows before its next choice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from states import Clock

from cliproxy.addons.accounts.cooldowns import MODELS, REMEMBERED, Kind, Rest
from cliproxy.addons.accounts.pool import DAY, Change, Credential, Pool
from cliproxy.addons.accounts.shared_pool import FRESH, SharedPool, merged, parse, written
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.state.store import MemoryStore

NOW = Clock.now
KEYS = [Credential(id, "openai", "sk-test") for id in ("a", "b", "c")]
QUOTED = Credential("q", "quoted", "sk-test", quota=100)


class Gateway:
    """A pool, and what it tells and hears."""

    def __init__(self, shared: Shared) -> None:
        self.pool = Pool([*KEYS, QUOTED])
        self.shared = SharedPool(shared, self.pool)

    async def ask(self, conversation: str = "", provider: str = "openai", now: float = NOW) -> str:
        at = await self.shared.look(provider, "m", conversation, now)
        chosen = self.pool.acquire(provider, "m", now, (), at)
        if not chosen:
            return ""
        await self.shared.chosen(chosen, "m", now)
        if conversation:
            await self.shared.bind(conversation, chosen, now)
        return chosen.id

    async def fail(self, one: Credential, kind: Kind, now: float = NOW, **more: Any) -> None:
        await self.shared.tell(self.pool.failed(one, "m", now, kind, **more), now)

    async def answered(self, one: Credential, began: float) -> None:
        await self.shared.tell(self.pool.answered(one, "m", began), began)


@pytest.fixture
def shared() -> Shared:
    made = Shared()
    made.store = MemoryStore(Clock())
    return made


@pytest.fixture
def two(shared: Shared) -> tuple[Gateway, Gateway]:
    return Gateway(shared), Gateway(shared)


async def test_they_take_turns_together(two: Any) -> None:
    assert [await two[n % 2].ask() for n in range(6)] == ["a", "b", "c", "a", "b", "c"]


async def test_what_rests_for_one_rests_for_the_other_and_a_success_clears_for_both(two: Any) -> None:
    one, other = two
    await one.fail(KEYS[0], "limited", hint=60)
    await one.fail(KEYS[1], "payment")
    assert [await other.ask() for _ in range(3)] == ["c", "c", "c"]
    await other.answered(KEYS[0], NOW + 1)
    assert await one.ask(now=NOW + FRESH) == "a"


async def test_a_provider_that_fails_one_fails_all(two: Any) -> None:
    one, other = two
    for key in KEYS:
        await one.fail(key, "failing")
    assert await other.ask() == ""
    assert [id for id, _ in other.pool.obstacles("openai", "m", NOW)] == ["openai"]


async def test_rests_in_a_row_are_counted_together(two: Any) -> None:
    one, other = two
    await one.fail(KEYS[0], "limited")
    await other.ask()
    await other.fail(KEYS[0], "limited", now=NOW + 10)
    await one.ask()
    assert one.pool.rests("openai", "a").by_model["m"].level == 1


async def test_a_success_of_before_does_not_clear_what_another_learned_since(two: Any) -> None:
    one, other = two
    await one.ask()
    await other.fail(KEYS[0], "limited", now=NOW + 5, hint=60)
    await one.ask(now=NOW + 5)
    await one.answered(KEYS[0], began=NOW)
    await other.ask(now=NOW + 6)
    assert "m" in other.pool.rests("openai", "a").by_model


async def test_a_conversation_is_at_the_same_credential_for_both(two: Any) -> None:
    one, other = two
    home = await one.ask("talk")
    assert {await other.ask("talk") for _ in range(4)} == {home}
    assert await other.ask("another talk") != home


async def test_tokens_are_counted_together_and_the_limit_is_noticed_once(two: Any) -> None:
    one, other = two
    noticed = [await gateway.shared.used(QUOTED, 30, NOW) for gateway in (one, other, one, other, one)]
    assert noticed == [False, False, False, True, False]
    assert await other.ask(provider="quoted") == ""
    assert await other.ask(provider="quoted", now=NOW + DAY) == "q"
    assert not await one.shared.used(KEYS[0], 1000, NOW)
    assert not await one.shared.used(QUOTED, 0, NOW)


async def test_who_is_disabled_is_so_for_both_and_after_a_restart(two: Any, shared: Shared) -> None:
    one, other = two
    await one.shared.disable(KEYS[0], True)
    await one.shared.disable(KEYS[1], True)
    assert {await other.ask() for _ in range(3)} == {"c"}
    assert {await Gateway(shared).ask() for _ in range(3)} == {"c"}
    await other.shared.disable(KEYS[0], False)
    await other.shared.disable(KEYS[1], False)
    assert {await one.ask() for _ in range(6)} == {"a", "b", "c"}


async def test_what_is_to_be_told_later_is_told_before_the_next_question(two: Any) -> None:
    one, other = two
    await one.fail(KEYS[0], "unauthorized")
    one.shared.later(one.pool.renew(Credential("a", "openai", "sk-test-new")))
    await one.ask()
    assert await other.ask() and "" not in other.pool.rests("openai", "a").by_model


class Slow(MemoryStore):
    """Answers come in any order."""

    chances = random.Random(5)

    async def read(self, *args: Any) -> Any:
        found = await super().read(*args)
        await asyncio.sleep(self.chances.random() * 0.003)
        return found

    async def update(self, *args: Any) -> Any:
        await asyncio.sleep(self.chances.random() * 0.003)
        found = await super().update(*args)
        await asyncio.sleep(self.chances.random() * 0.003)
        return found


async def test_an_answer_that_comes_late_makes_nobody_forget_a_rest(shared: Shared) -> None:
    shared.store = Slow(Clock())
    gateway, asked = Gateway(shared), Counter[str]()
    resting: set[str] = set()

    async def request() -> None:
        for _ in range(10):
            if chosen := await gateway.ask():
                assert chosen not in resting
                asked[chosen] += 1

    async def failure() -> None:
        for key in KEYS[:2]:
            await asyncio.sleep(0.01)
            resting.add(key.id)
            await gateway.fail(key, "limited", hint=60)

    await asyncio.gather(*(request() for _ in range(20)), failure())
    assert asked["c"] > asked["a"] > 0


async def test_while_the_store_is_gone_the_own_rests_still_count(shared: Shared) -> None:
    class Gone(MemoryStore):
        degraded = "gone"

    shared.store = Gone(Clock())
    gateway = Gateway(shared)
    await gateway.fail(KEYS[0], "limited", hint=60)
    shared.store = Gone(Clock())  # and nothing of it is known there
    assert {await gateway.ask() for _ in range(4)} == {"b", "c"}


@pytest.mark.parametrize(
    "said, known",
    [
        ([1.0, 2.0, "limited", 429, 3], Rest(1.0, 2.0, "limited", 429, 3)),
        ([1, 2, "tired", 0, 0], None),
        ([1, 2], None),
        ({}, None),
        (None, None),
    ],
)
def test_what_another_version_wrote_is_passed_over(said: Any, known: Rest | None) -> None:
    assert parse(said) == known
    assert known is None or parse(written(known)) == known


def test_an_entry_keeps_the_later_end_and_loses_what_is_long_over() -> None:
    long, short = Rest(NOW, NOW + 60, "limited"), Rest(NOW, NOW + 5, "limited")
    entry = merged({}, [Change("p", "a", "m", long)], NOW)
    assert entry and merged(entry, [Change("p", "a", "m", short)], NOW) == entry
    assert merged(entry, [], NOW + 60 + REMEMBERED) is None
    assert merged(entry, [Change("p", "a", "m", None, began=NOW - 1)], NOW) == entry
    assert merged(entry, [Change("p", "a", "m", None, began=NOW)], NOW) is None


def test_an_entry_is_bounded_whatever_models_clients_make_up() -> None:
    rests = {f"m{number}": Rest(NOW, NOW + 1 + number, "failing") for number in range(2 * MODELS)}
    account = Change("p", "a", "", Rest(NOW, NOW + 1, "unauthorized"))
    entry = merged({}, [account, *(Change("p", "a", model, rest) for model, rest in rests.items())], NOW)
    assert entry and len(entry["a"]) == MODELS
    assert "" in entry["a"] and f"m{2 * MODELS - 1}" in entry["a"]
