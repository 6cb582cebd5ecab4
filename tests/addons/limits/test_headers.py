"""What clients read of their limits."""

from __future__ import annotations

import pytest

from cliproxy.addons.limits.bucket import Level, Verdict
from cliproxy.addons.limits.headers import headers, span
from cliproxy.translators.formats import FORMATS

VERDICT = Verdict(Level(100, 19, 0.6), Level(5000, 0, 90.0))


def test_openai_and_all_others() -> None:
    expected = {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "19",
        "x-ratelimit-reset-requests": "600ms",
        "x-ratelimit-limit-tokens": "5000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "1m30s",
    }
    assert headers(VERDICT, FORMATS["openai_responses"], 0.0) == expected
    assert headers(VERDICT, FORMATS["gemini"], 0.0) == expected


def test_anthropic() -> None:
    assert headers(Verdict(Level(100, 19, 60.0), None), FORMATS["anthropic"], 0.0) == {
        "anthropic-ratelimit-requests-limit": "100",
        "anthropic-ratelimit-requests-remaining": "19",
        "anthropic-ratelimit-requests-reset": "1970-01-01T00:01:00Z",
    }


@pytest.mark.parametrize(
    "seconds, text", [(0.0, "0ms"), (0.0174, "17ms"), (1.0, "1s"), (59.6, "1m0s"), (360.0, "6m0s"), (3723.0, "1h2m3s")]
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text
