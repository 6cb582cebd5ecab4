"""Tables of (headers, body) → seconds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http

from cliproxy.addons.hints import used_up, wait

NOW = 1_790_000_000.0  # 2026-09-21T14:13:20Z


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"retry-after": "17"}, 17),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60),
        ({"retry-after": "Mon, 21 Sep 2026 14:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1h2m3.5s"}, 3723.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, 0.02),
        (
            {
                "x-ratelimit-remaining-requests": "5",
                "x-ratelimit-reset-requests": "1h",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "7s",
            },
            7,
        ),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW + 30))}, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW + 30) * 1000)}, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-09-21T14:13:50Z",
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": "2026-09-21T14:14:00Z",
                "anthropic-ratelimit-output-tokens-remaining": "900",
                "anthropic-ratelimit-output-tokens-reset": "2026-09-21T15:00:00Z",
            },
            40,
        ),
        (
            {
                "anthropic-ratelimit-unified-status": "rejected",
                "anthropic-ratelimit-unified-reset": str(int(NOW) + 3600),
            },
            3600,
        ),
        ({"x-codex-primary-used-percent": "100.0", "x-codex-primary-reset-after-seconds": "1200"}, 1200),
        ({"x-codex-primary-used-percent": "40", "x-codex-primary-reset-after-seconds": "1200"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_headers(headers: dict[str, str], seconds: float | None) -> None:
    found = wait(http.Headers([(k.encode(), v.encode()) for k, v in headers.items()]), "", NOW)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    "body, seconds",
    [
        ({"error": {"type": "usage_limit_reached", "resets_at": NOW + 90}}, 90),
        ({"error": {"resets_at": "2026-09-21T14:13:30Z"}}, 10),
        ([{"error": {"resets_at": NOW + 5}}], 5),
        (
            {
                "error": {
                    "metadata": {"headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": NOW * 1000 + 4000}}
                }
            },
            4,
        ),
        ({"error": "text"}, None),
        ({"error": {"resets_at": True}}, None),
        ("text", None),
        (None, None),
        ([], None),
    ],
)
def test_bodies(body: Any, seconds: float | None) -> None:
    found = wait({}, body, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_what_is_said_outright_goes_before_what_can_be_told_from_limits() -> None:
    limits = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h"}
    assert wait({"retry-after": "3", **limits}, {"error": {"resets_at": NOW + 50}}, NOW) == 3
    assert wait(limits, {"error": {"resets_at": NOW + 50}}, NOW) == pytest.approx(50)


def test_whether_the_whole_plan_is_used_up() -> None:
    assert used_up({"Anthropic-Ratelimit-Unified-Status": "rejected"})
    assert not used_up({"anthropic-ratelimit-unified-status": "allowed_warning"})


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "resets_at", "metadata", "headers"]), inner)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset"]), st.text(max_size=12)
    ),
    json,
)
def test_nothing_that_servers_say_is_an_error_of_ours(headers: dict[str, str], body: Any) -> None:
    found = wait(headers, body, NOW)
    assert found is None or found >= 0
