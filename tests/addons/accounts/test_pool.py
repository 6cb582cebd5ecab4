"""Tables of (events, now) → choice, and a simulation of what must always hold."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from typing import Any

import pytest

from cliproxy.addons.accounts.cooldowns import PROBE, RULES, Kind
from cliproxy.addons.accounts.pool import CROWD, DAY, Account, Credential, Pool
from cliproxy.addons.accounts.strategies import STRATEGIES

SECRET = "sk-test-pool"
NOW = 1_000_000.0


def key(id: str, provider: str = "openai", **more: Any) -> Credential:
    return Credential(id, provider, SECRET, **more)


A, B, C = key("a"), key("b"), key("c")
ONLY_X = key("x-only", models=("x",))
OTHER = key("other", "anthropic")


def take(pool: Pool, model: str = "m", now: float = NOW, tried: Any = (), preferred: str = "") -> str:
    chosen = pool.acquire("openai", model, now, tried, preferred)
    return chosen.id if chosen else ""


def fail(pool: Pool, one: Credential, kind: Kind = "limited", now: float = NOW, **more: Any) -> Any:
    pool.release(one, "m")
    return pool.failed(one, "m", now, kind, **more)


# -- whose turn it is ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy, history, expected",
    [
        # A history: letters are acquisitions, "-a" is the release of a.
        ("round-robin", "", "a"),
        ("round-robin", "a", "b"),
        ("round-robin", "a b", "c"),
        ("round-robin", "a b c", "a"),
        ("round-robin", "a b c a", "b"),
        ("round-robin", "a -a b -b", "c"),
        ("fill-first", "", "a"),
        ("fill-first", "a a a", "a"),
        ("fill-first", "a -a", "a"),
        ("least-connections", "", "a"),
        ("least-connections", "a", "b"),
        ("least-connections", "a b c", "a"),
        ("least-connections", "a b c -b", "b"),
        ("least-connections", "a b c -c -b", "b"),
        ("least-connections", "a -a", "b"),
        ("least-connections", "a -a b -b c -c", "a"),
    ],
)
def test_the_strategy_chooses(strategy: str, history: str, expected: str) -> None:
    pool = Pool((A, B, C), strategy)
    by_id = {one.id: one for one in (A, B, C)}
    for step in history.split():
        if step.startswith("-"):
            pool.release(by_id[step[1:]], "m")
        else:
            assert take(pool, tried=by_id.keys() - {step}) == step
    assert take(pool) == expected


def test_an_unknown_strategy_is_a_defect() -> None:
    with pytest.raises(KeyError):
        Pool((), "fastest")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_credential_is_tried_twice_and_then_there_is_none(strategy: str) -> None:
    pool = Pool((A, B, C), strategy)
    tried: set[str] = set()
    while chosen := take(pool, tried=tried):
        assert chosen not in tried
        tried.add(chosen)
    assert tried == {"a", "b", "c"}


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (5, 3), (1, 10)])
def test_a_weight_is_a_share_of_the_turns(weights: tuple[int, int]) -> None:
    pool = Pool((key("a", weight=weights[0]), key("b", weight=weights[1])))
    counts = Counter(take(pool) for _ in range(sum(weights) * 10))
    assert counts == {"a": weights[0] * 10, "b": weights[1] * 10}


def test_a_lower_priority_is_asked_when_the_higher_rests() -> None:
    low, high = key("low"), key("high", priority=1)
    pool = Pool((low, high))
    assert [take(pool), take(pool)] == ["high", "high"]
    fail(pool, high, hint=10)
    assert [take(pool), take(pool, now=NOW + 10)] == ["low", "high"]


def test_who_has_rested_gets_no_rush_of_turns() -> None:
    pool = Pool((A, B))
    take(pool)
    fail(pool, A, hint=100)
    assert [take(pool) for _ in range(20)] == ["b"] * 20
    back = [take(pool, now=NOW + 100) for _ in range(6)]
    assert back in (["a", "b"] * 3, ["b", "a"] * 3)


def test_fill_first_goes_on_to_the_next_when_one_rests_and_comes_back() -> None:
    pool = Pool((A, B, C), "fill-first")
    assert take(pool) == "a"
    fail(pool, A, hint=30)
    assert [take(pool), take(pool, now=NOW + 29.9), take(pool, now=NOW + 30)] == ["b", "b", "a"]


# -- who is able --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "provider, model, tried, expected",
    [
        ("openai", "m", (), ["a", "b"]),
        ("openai", "x", (), ["a", "x-only", "b"]),
        ("openai", "X", (), ["a", "b"]),
        ("openai", "x", ("a", "b"), ["x-only"]),
        ("openai", "m", ("a", "b"), []),
        ("anthropic", "x", (), ["other"]),
        ("gemini", "x", (), []),
        ("", "", (), []),
    ],
)
def test_who_is_able(provider: str, model: str, tried: tuple[str, ...], expected: list[str]) -> None:
    pool = Pool((A, ONLY_X, OTHER, B))
    assert [one.id for one in pool.able(provider, model, NOW, tried)] == expected


@pytest.mark.parametrize(
    "models, served, refused",
    [
        ((), ("gpt-5", ""), ()),
        (("gpt-5",), ("gpt-5",), ("gpt-5-mini", "")),
        (("gpt-5*",), ("gpt-5", "gpt-5-mini"), ("gpt-4",)),
        (("!gpt-5-pro",), ("gpt-5", ""), ("gpt-5-pro",)),
        (("gpt-*", "!gpt-5-*"), ("gpt-5", "gpt-4"), ("gpt-5-pro", "o3")),
    ],
)
def test_models_that_a_credential_may_and_may_not_serve(models: Any, served: Any, refused: Any) -> None:
    one = key("a", models=models)
    assert [model for model in (*served, *refused) if one.serves(model)] == list(served)


def test_looking_takes_nothing() -> None:
    pool = Pool((A, B))
    pool.able("openai", "m", NOW)
    assert (pool.in_flight("a"), take(pool)) == (0, "a")


def test_a_disabled_credential_is_not_asked() -> None:
    pool = Pool((A, B))
    pool.accounts()[0].disabled = True
    assert [take(pool), take(pool)] == ["b", "b"]
    assert list(pool.obstacles("openai", "m", NOW)) == []


# -- what rests ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, same_model, other_model",
    [
        ("limited", "b", "a"),
        ("forbidden", "b", "a"),
        ("failing", "b", "a"),
        ("used up", "b", "b"),
        ("unauthorized", "b", "b"),
        ("payment", "b", "b"),
        ("unreachable", "b", "b"),
        ("request", "a", "a"),
    ],
)
def test_what_rests_for_what(kind: Kind, same_model: str, other_model: str) -> None:
    pool = Pool((A, B), "fill-first")
    take(pool)
    fail(pool, A, kind)
    assert (take(pool), take(pool, "another")) == (same_model, other_model)


def test_a_rest_begins_once_however_many_fail_at_the_same_time() -> None:
    pool = Pool((A, B))
    for _ in range(10):
        take(pool, tried=("b",))
    changes = [fail(pool, A) for _ in range(10)]
    assert [change.new for (change,) in changes] == [True, *[False] * 9]
    assert changes[-1][0].rest.level == 0 and changes[-1][0].rest.until == NOW + RULES["limited"].first
    (longer,) = fail(pool, A, hint=60)
    (no_shorter,) = fail(pool, A, hint=2)
    assert longer.rest.until == no_shorter.rest.until == NOW + 60


def test_a_success_clears_and_one_from_before_the_rest_does_not() -> None:
    pool = Pool((A, B))
    fail(pool, A, hint=60)
    assert pool.answered(A, "m", began=NOW - 1) == []
    assert take(pool) == "b"
    (change,) = pool.answered(A, "m", began=NOW)
    assert (change.rest, change.model, change.account) == (None, "m", "a")
    assert [one.id for one in pool.able("openai", "m", NOW)] == ["a", "b"]
    assert pool.answered(A, "m", NOW) == []


def test_the_first_attempt_after_rests_in_a_row_goes_alone() -> None:
    pool, now = Pool((A,)), NOW
    for _ in range(3):
        assert take(pool, now=now) == "a"
        (change,) = fail(pool, A, now=now)
        now = change.rest.until
    assert [take(pool, now=now), take(pool, now=now)] == ["a", ""]
    ((id, _),) = pool.obstacles("openai", "m", now)
    assert id == "a"
    pool.heard(A, "m")
    assert take(pool, now=now) == "a"
    assert take(pool, now=now + PROBE - 1) == ""
    assert take(pool, now=now + PROBE + 1) == "a", "a probe that nothing is heard of does not block for ever"


def test_a_first_rest_that_is_over_holds_nobody_back() -> None:
    pool = Pool((A,))
    fail(pool, A, hint=5)
    assert [take(pool, now=NOW + 5) for _ in range(3)] == ["a"] * 3


def test_a_provider_rests_when_all_of_its_accounts_fail_and_one_success_brings_all_back() -> None:
    pool = Pool((A, B, OTHER))
    assert [change.account for change in fail(pool, A, "failing")] == ["a"]
    assert [change.account for change in fail(pool, B, "failing")] == ["b", ""]
    assert [id for id, _ in pool.obstacles("openai", "m", NOW)] == ["openai"]
    assert take(pool, "another") in ("a", "b"), "only this model fails"
    assert pool.acquire("anthropic", "m", NOW)
    cleared = pool.answered(A, "m", NOW + 1)
    assert {change.account for change in cleared} == {"a", "b", ""}
    assert len(pool.able("openai", "m", NOW)) == 2


def test_one_account_alone_is_not_the_provider_and_a_limit_is_not_its_failure() -> None:
    alone = Pool((A,))
    assert [change.account for change in fail(alone, A, "failing")] == ["a"]
    pool = Pool((A, B))
    fail(pool, A, "limited")
    assert [change.account for change in fail(pool, B, "failing")] == ["b"]


# -- quota --------------------------------------------------------------------------------


def test_at_the_limit_of_its_quota_it_rests_until_the_window_turns() -> None:
    one = key("a", quota=100)
    pool = Pool((one, B), "fill-first")
    account = pool.accounts()[0]
    account.used, account.turns_at = 99, one.turn_of_window(NOW)
    assert take(pool) == "a"
    account.used = 100
    assert take(pool) == "b"
    ((id, rest),) = pool.obstacles("openai", "m", NOW)
    assert (id, rest.until, rest.reason) == ("a", (NOW // DAY + 1) * DAY, "its quota is used up")
    assert take(pool, now=rest.until) == "a"


@pytest.mark.parametrize("window, ends", [(DAY, 1_036_800.0), (3600.0, 1_000_800.0)])
def test_windows_turn_at_the_same_time_everywhere(window: float, ends: float) -> None:
    assert key("a", window=window).turn_of_window(NOW) == ends


# -- affinity -----------------------------------------------------------------------------


def test_the_preferred_one_is_taken_while_it_is_able_and_not_crowded() -> None:
    pool = Pool((A, B, C))
    assert [take(pool, preferred="c") for _ in range(CROWD)] == ["c"] * CROWD
    assert take(pool, preferred="c") == "a", "a conversation starves nobody"
    fail(pool, C)
    assert take(pool, preferred="c") in "ab"
    assert take(pool, preferred="unknown") in "ab"


# -- what stays ---------------------------------------------------------------------------


def test_another_configuration_keeps_the_state_of_who_stays() -> None:
    pool = Pool((A, B))
    take(pool)
    fail(pool, B, hint=60)
    pool.replace((key("b"), key("new")), "fill-first")
    assert [one.id for one in pool.able("openai", "m", NOW)] == ["new"]
    assert pool.in_flight("a") == 0 and pool.count("openai") == 2
    pool.release(A, "m")  # what the one before handed out
    assert take(pool) == "new"


def test_a_new_secret_is_one_that_nobody_has_refused() -> None:
    pool = Pool((A, B), "fill-first")
    fail(pool, A, "unauthorized")
    fail(pool, B, "limited", hint=60)
    new = [Credential(one.id, "openai", "sk-test-new") for one in (A, B)]
    (change,) = pool.replace(new)
    assert (change.account, change.rest) == ("a", None)
    assert [one.secret for one in pool.able("openai", "m", NOW)] == ["sk-test-new"]
    fail(pool, A, "unauthorized")
    assert [change.account for change in pool.renew(Credential("a", "openai", "sk-test-newer"))] == ["a"]
    assert pool.renew(Credential("unknown", "openai", "sk-test-newer")) == []


def test_an_account_can_be_made_to_forget() -> None:
    pool = Pool((A, B))
    fail(pool, A, "payment")
    fail(pool, B, "unreachable")
    assert {change.account for change in pool.forget(A, NOW)} == {"a"}
    assert [one.id for one in pool.able("openai", "m", NOW)] == ["a"]


def test_failures_in_a_row_are_counted_and_a_success_ends_the_row() -> None:
    pool = Pool((A,))
    for _ in range(2):
        fail(pool, A, status=429)
    assert (pool.accounts()[0].failures, pool.accounts()[0].last_error) == (2, "its rate limit is reached (429)")
    pool.answered(A, "m", NOW)
    assert (pool.accounts()[0].failures, pool.accounts()[0].last_error) == (0, "")


def test_what_is_acquired_and_released_is_no_longer_in_flight() -> None:
    pool = Pool((A, B))
    for _ in range(3):
        take(pool, tried=("b",))
    assert (pool.in_flight("a"), pool.in_flight("b"), pool.in_flight("unknown")) == (3, 0, 0)
    for left in (2, 1, 0, 0):
        pool.release(A, "m")
        assert pool.in_flight("a") == left


def test_no_secret_is_printed() -> None:
    one = key("a", headers=(("x", SECRET),), proxy=f"http://user:{SECRET}@proxy")
    assert SECRET not in repr(Pool((one,))) + repr(one) + repr(Account(one))


# -- a simulation -------------------------------------------------------------------------

ACCOUNTS, REQUESTS = 50, 10_000
FAILURES: list[tuple[float, Kind, int]] = [
    (0.04, "limited", 429),
    (0.03, "failing", 503),
    (0.005, "unreachable", 0),
    (0.005, "used up", 429),
]


class Simulation:
    """Requests that overlap, on accounts that fail at random; it checks each choice as it is made."""

    def __init__(self, seed: int, failing: bool) -> None:
        self.random = random.Random(seed)
        self.pool = Pool([key(f"k{number}") for number in range(ACCOUNTS)])
        self.failing = failing
        self.now = NOW
        self.chosen: Counter[str] = Counter()
        self.due: defaultdict[str, float] = defaultdict(float)
        self.running: list[tuple[float, Credential, float]] = []
        self.refused = 0

    def run(self) -> None:
        for _ in range(REQUESTS):
            self.now += self.random.expovariate(10)
            self._end_those_due()
            self._request()

    def _request(self) -> None:
        tried: set[str] = set()
        while True:
            able = [one.id for one in self.pool.able("openai", "m", self.now, tried)]
            chosen = self.pool.acquire("openai", "m", self.now, tried)
            assert bool(chosen) == bool(able), "a request fails while an account is able"
            if not chosen:
                self.refused += 1
                return
            assert chosen.id in able
            self._check_rest(chosen)
            self.chosen[chosen.id] += 1
            for id in able:
                self.due[id] += 1 / len(able)
            tried.add(chosen.id)
            if not self._fails(chosen):
                self.running.append((self.now + self.random.uniform(1, 30), chosen, self.now))
                return

    def _check_rest(self, chosen: Credential) -> None:
        rests = self.pool.rests("openai", chosen.id).by_model.values()
        assert all(rest.until <= self.now for rest in rests), f"{chosen.id} is asked while it rests"

    def _fails(self, chosen: Credential) -> bool:
        chance = self.random.random()
        for share, kind, status in FAILURES if self.failing else ():
            if chance < share:
                hint = self.random.choice([None, self.random.uniform(1, 120)]) if status == 429 else None
                self.pool.release(chosen, "m")
                self.pool.failed(chosen, "m", self.now, kind, status, hint, self.random.random())
                return True
            chance -= share
        return False

    def _end_those_due(self) -> None:
        for one in [one for one in self.running if one[0] <= self.now]:
            self.running.remove(one)
            self.pool.release(one[1], "m")
            self.pool.answered(one[1], "m", one[2])


@pytest.mark.parametrize("seed", range(3))
def test_fifty_accounts_and_ten_thousand_requests_with_failures(seed: int) -> None:
    simulation = Simulation(seed, failing=True)
    simulation.run()
    assert simulation.refused == 0
    # Each account's share of those choices that it was able for: in turn means that it gets what is its due.
    spread = [simulation.chosen[id] / due for id, due in simulation.due.items()]
    assert len(spread) == ACCOUNTS
    assert sum(simulation.chosen.values()) > REQUESTS
    assert min(spread) > 0.95 and max(spread) < 1.05


def test_without_failures_all_have_the_same_number_of_turns() -> None:
    simulation = Simulation(0, failing=False)
    simulation.run()
    assert set(simulation.chosen.values()) == {REQUESTS // ACCOUNTS}


def test_conversations_stay_where_they_are_and_the_pool_is_still_used_evenly() -> None:
    chances, pool = random.Random(1), Pool([key(f"k{number}") for number in range(ACCOUNTS)])
    at: dict[int, str] = {}
    asked: Counter[str] = Counter()
    kept, running = 0, []
    for number in range(REQUESTS):
        conversation = chances.randrange(400)
        chosen = pool.acquire("openai", "m", NOW + number, (), at.get(conversation, ""))
        assert chosen
        kept += at.setdefault(conversation, chosen.id) == chosen.id
        asked[chosen.id] += 1
        running.append(chosen)
        if len(running) > 60:
            pool.release(running.pop(chances.randrange(len(running))), "m")
    assert kept / REQUESTS >= 0.95
    share = REQUESTS / ACCOUNTS  # of few long conversations nobody can deal out equal parts
    assert share / 2 < min(asked.values()) and max(asked.values()) < share * 2
