"""Tables of (what failed) → kind, and of (kind, history) → rest."""

from __future__ import annotations

import pytest

from cliproxy.addons.accounts.cooldowns import (
    LONGEST,
    MODELS,
    REMEMBERED,
    RULES,
    SHORTEST,
    TRANSIENT,
    Kind,
    Rest,
    Rests,
    kind_of,
    rest,
)

NOW = 1000.0


@pytest.mark.parametrize(
    "status, words, message, expected",
    [
        (400, (), "", "request"),
        (404, (), "", "request"),
        (409, (), "", "request"),
        (413, (), "", "request"),
        (422, (), "", "request"),
        (429, ("context_length_exceeded", ""), "", "request"),
        (500, ("", "content_policy_violation"), "", "request"),
        (403, (), "Your input was flagged by the moderation", "request"),
        (401, (), "", "unauthorized"),
        (400, ("API_KEY_INVALID",), "", "unauthorized"),
        (400, (), "API key not valid. Please pass a valid API key.", "unauthorized"),
        (402, (), "", "payment"),
        (429, ("insufficient_quota",), "", "payment"),
        (400, ("", "invalid_request_error"), "Your credit balance is too low to access the API.", "payment"),
        (403, (), "", "forbidden"),
        (429, (), "", "limited"),
        (429, ("", "usage_limit_reached"), "", "used up"),
        (408, (), "", "failing"),
        (500, (), "", "failing"),
        (503, (), "", "failing"),
        (529, (), "", "failing"),
    ],
)
def test_what_a_status_and_its_words_mean(status: int, words: tuple[str, ...], message: str, expected: Kind) -> None:
    assert kind_of(status, words, message) == expected


def test_no_connection_is_no_answer_of_anybody() -> None:
    assert kind_of(502, connected=False) == "unreachable"


@pytest.mark.parametrize(
    "kind, scope",
    [
        ("unauthorized", "account"),
        ("payment", "account"),
        ("forbidden", "model"),
        ("limited", "model"),
        ("used up", "account"),
        ("failing", "model"),
        ("unreachable", "account"),
    ],
)
def test_what_has_to_rest(kind: Kind, scope: str) -> None:
    assert RULES[kind].scope == scope


def test_a_request_is_nobodys_failure() -> None:
    assert "request" not in RULES


@pytest.mark.parametrize("kind", RULES)
def test_each_rest_in_a_row_is_longer_up_to_the_cap(kind: Kind) -> None:
    lengths, before, now = [], None, NOW
    for level in range(40):
        before = rest(kind, now, before=before)
        assert (before.level, before.since) == (level, now)
        lengths.append(before.until - now)
        now = before.until
    assert lengths[:3] == [RULES[kind].first * factor for factor in (1, 2, 4)][:3]
    assert lengths[-1] == RULES[kind].cap <= 1800
    assert lengths == sorted(lengths)


@pytest.mark.parametrize("jitter, share", [(0.0, 1.0), (0.5, 0.75), (0.99, 0.505)])
def test_jitter_takes_off_up_to_a_half(jitter: float, share: float) -> None:
    assert rest("limited", NOW, jitter=jitter).until == pytest.approx(NOW + 5 * share)


@pytest.mark.parametrize(
    "kind, hint, seconds",
    [
        ("limited", 17.0, 17.0),
        ("limited", 0.0, SHORTEST),
        ("limited", -5.0, SHORTEST),
        ("limited", 0.02, SHORTEST),
        ("limited", 5 * 86400.0, 5 * 86400.0),
        ("used up", 1e12, LONGEST),
        ("failing", 30.0, 30.0),
        ("failing", 1e6, 1800.0),
        ("unauthorized", 1e6, 1800.0),
    ],
)
def test_a_hint_is_believed_within_bounds_and_exactly(kind: Kind, hint: float, seconds: float) -> None:
    assert rest(kind, NOW, hint=hint, jitter=0.9).until == NOW + seconds


@pytest.mark.parametrize(
    "before, level",
    [
        (None, 0),
        (Rest(0, NOW - 1, "limited", level=3), 4),
        (Rest(0, NOW - REMEMBERED - 1, "limited", level=3), 0),
        (Rest(0, NOW - 1, "failing", level=3), 0),
    ],
)
def test_what_was_long_ago_or_something_else_makes_it_no_longer(before: Rest | None, level: int) -> None:
    assert rest("limited", NOW, before=before).level == level


def test_the_reason_is_ours_alone() -> None:
    assert Rest(0, 1, "limited", 429).reason == "its rate limit is reached (429)"
    assert Rest(0, 1, "used up").reason == "its quota is used up"


def test_what_is_the_providers_own_trouble_is_short() -> None:
    assert all(RULES[kind].cap <= 60 for kind in TRANSIENT)


def test_names_of_models_that_clients_make_up_fill_no_memory() -> None:
    rests = Rests()
    for number in range(3 * MODELS):
        rests.rested(f"model-{number}", NOW + number / 1000, "failing", 500, None, 0.0)
    assert len(rests.by_model) == MODELS
    assert rests.blocking(f"model-{3 * MODELS - 1}", NOW)
