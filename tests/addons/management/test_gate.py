"""Who gets in at the management API, as a table of what was shown, from where and when."""

from __future__ import annotations

import time

import pytest

from cliproxy.addons.management.gate import FAILURES, LOCKED_FOR, Gate, is_local, who
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.state.store import MemoryStore

KEY = "sk-test-management"
HERE, THERE = "127.0.0.1", "192.0.2.7"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def made(secret: str = KEY, remote: bool = False, clock: Clock | None = None) -> Gate:
    shared = Shared()
    shared.store = MemoryStore(clock or Clock())
    return Gate(shared, secret, remote)


async def status(one: Gate, peer: str = HERE, *shown: str, now: float = 0.0) -> int:
    refusal = await one.judge(peer, shown, now)
    return refusal.status if refusal else 200


async def test_without_a_key_configured_nobody_gets_in() -> None:
    for remote, peer in ((False, HERE), (True, THERE)):
        assert await status(made("", remote), peer, "") == await status(made("", remote), peer, "x") == 404


@pytest.mark.parametrize(
    "peer, remote, shown, expected",
    [
        (HERE, False, [KEY], 200),
        ("::1", False, [KEY], 200),
        ("::ffff:127.0.0.1", False, [KEY], 200),
        (HERE, False, ["wrong", KEY], 200),
        (HERE, False, [], 401),
        (HERE, False, ["wrong"], 401),
        (HERE, False, ["\udcff"], 401),
        (THERE, False, [KEY], 403),
        (THERE, True, [KEY], 200),
        (THERE, True, ["wrong"], 401),
        ("", False, [KEY], 403),
    ],
)
async def test_who_gets_in(peer: str, remote: bool, shown: list[str], expected: int) -> None:
    assert await status(made(KEY, remote), peer, *shown) == expected


async def test_five_failures_lock_an_address_out_even_with_the_right_key() -> None:
    clock = Clock()
    one = made(KEY, True, clock)
    assert [await status(one, THERE, "wrong") for _ in range(FAILURES)] == [401] * (FAILURES - 1) + [429]
    refusal = await one.judge(THERE, [KEY], 60.0)
    assert refusal and refusal.status == 429 and refusal.retry_after == LOCKED_FOR - 60
    assert await status(one, HERE, KEY) == 200
    clock.now = LOCKED_FOR
    assert await status(one, THERE, KEY, now=LOCKED_FOR) == 200


async def test_they_are_counted_whichever_process_saw_them() -> None:
    shared = Shared()
    one, other = Gate(shared, KEY), Gate(shared, KEY)
    for gate in (one, other, one, other):
        assert await status(gate, HERE, "wrong", now=time.time()) == 401
    assert await status(one, HERE, "wrong", now=time.time()) == 429
    assert await status(other, HERE, KEY, now=time.time()) == 429


async def test_a_success_forgets_the_failures_before_it() -> None:
    one = made()
    for _ in range(3):
        assert [await status(one, HERE, "wrong") for _ in range(FAILURES - 1)] == [401] * (FAILURES - 1)
        assert await status(one, HERE, KEY) == 200


async def test_to_bring_no_key_is_no_guess() -> None:
    one = made()
    assert {await status(one) for _ in range(3 * FAILURES)} == {401}


async def test_a_new_key_lets_everyone_try_again_and_the_same_one_does_not() -> None:
    one = made()
    for _ in range(FAILURES):
        await status(one, HERE, "wrong")
    one.use(KEY, False)
    assert await status(one, HERE, KEY) == 429
    one.use("sk-test-another", False)
    assert await status(one, HERE, "sk-test-another") == 200
    assert "sk-test-another" not in repr(one)


def test_one_subscriber_of_ipv6_is_one_address() -> None:
    assert who("2001:db8::1") == who("2001:db8::ffff") != who("2001:db8:0:1::1")
    assert who("::ffff:192.0.2.7") == who(THERE)
    assert is_local("127.9.9.9") and not is_local("unix") and not is_local(THERE)
