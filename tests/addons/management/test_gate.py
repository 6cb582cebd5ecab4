"""Who gets in at the management API, as a table of what was shown, from where and when."""

from __future__ import annotations

import pytest

from cliproxy.addons.management import gate
from cliproxy.addons.management.gate import FAILURES, LOCKED_FOR, Gate, is_local, who

KEY = "sk-test-management"
HERE, THERE = "127.0.0.1", "192.0.2.7"


def status(one: Gate, peer: str = HERE, *shown: str, now: float = 0.0) -> int:
    refusal = one.judge(peer, shown, now)
    return refusal.status if refusal else 200


def test_without_a_key_configured_nobody_gets_in() -> None:
    assert status(Gate(), HERE, "") == status(Gate(), HERE, "x") == status(Gate("", True), THERE) == 404


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
def test_who_gets_in(peer: str, remote: bool, shown: list[str], expected: int) -> None:
    assert status(Gate(KEY, remote), peer, *shown) == expected


def test_five_failures_lock_an_address_out_even_with_the_right_key() -> None:
    one = Gate(KEY, True)
    assert [status(one, THERE, "wrong") for _ in range(FAILURES)] == [401] * (FAILURES - 1) + [429]
    refusal = one.judge(THERE, [KEY], 60.0)
    assert refusal and refusal.status == 429 and refusal.retry_after == LOCKED_FOR - 60
    assert status(one, HERE, KEY) == 200
    assert status(one, THERE, KEY, now=LOCKED_FOR) == 200


def test_a_success_forgets_the_failures_before_it() -> None:
    one = Gate(KEY)
    for _ in range(3):
        assert [status(one, HERE, "wrong") for _ in range(FAILURES - 1)] == [401] * (FAILURES - 1)
        assert status(one, HERE, KEY) == 200


def test_to_bring_no_key_is_no_guess() -> None:
    one = Gate(KEY)
    assert {status(one) for _ in range(3 * FAILURES)} == {401}


def test_a_new_key_lets_everyone_try_again_and_the_same_one_does_not() -> None:
    one = Gate(KEY)
    for _ in range(FAILURES):
        status(one, HERE, "wrong")
    one.use(KEY, False)
    assert status(one, HERE, KEY) == 429
    one.use("sk-test-another", False)
    assert status(one, HERE, "sk-test-another") == 200


def test_one_subscriber_of_ipv6_is_one_address() -> None:
    assert who("2001:db8::1") == who("2001:db8::ffff") != who("2001:db8:0:1::1")
    assert who("::ffff:192.0.2.7") == who(THERE)
    assert is_local("127.9.9.9") and not is_local("unix") and not is_local(THERE)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "ADDRESSES", 10)
    one = Gate(KEY, True)
    for number in range(50):
        status(one, f"192.0.2.{number}", "wrong")
    assert "10 addresses" in repr(one) and KEY not in repr(one)
