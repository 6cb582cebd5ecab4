"""How credentials are shown: all of it, and no secret."""

from __future__ import annotations

from cliproxy.addons.accounts.pool import Credential, Pool
from cliproxy.addons.accounts.views import RestView, views

NOW = 1_000_000.0
A = Credential("a", "openai", "sk-test-secret", quota=100)
B = Credential("b", "openai", "sk-test-secret")


def test_a_credential_that_does_well() -> None:
    pool = Pool((A, B))
    pool.acquire("openai", "m", NOW)
    first, second = views(pool, NOW)
    assert (first.id, first.provider, first.in_flight, second.in_flight) == ("a", "openai", 1, 0)
    assert (first.quota, first.quota_used, first.quota_until) == (100, 0, 1_036_800.0)
    assert (second.quota, second.quota_until, second.resting, second.resting_until) == (None, 0.0, (), 0.0)
    assert "sk-test" not in repr((first, second))


def test_what_rests_and_why() -> None:
    pool = Pool((A, B))
    pool.failed(A, "m", NOW, "limited", 429, hint=60)
    account = pool.accounts()[0]
    account.used, account.turns_at = 120, A.turn_of_window(NOW)
    (view, other) = views(pool, NOW)
    assert view.resting == (
        RestView("account", "", 1_036_800.0, "its quota is used up"),
        RestView("model", "m", NOW + 60, "its rate limit is reached (429)"),
    )
    assert (view.failures, view.last_error, view.quota_used) == (1, "its rate limit is reached (429)", 120)
    assert view.resting_until == 1_036_800.0 and other.resting == ()
    assert [rest.model for rest in views(pool, NOW + 60)[0].resting] == [""]
    assert views(pool, 1_036_800.0)[0].quota_used == 0


def test_a_provider_that_rests_is_shown_at_each_of_its_credentials() -> None:
    pool = Pool((A, B))
    for one in (A, B):
        pool.failed(one, "m", NOW, "failing", 503)
    assert all(view.resting[-1].scope == "provider" for view in views(pool, NOW))
