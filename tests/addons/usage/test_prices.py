"""Estimates, held against the list prices that genai-prices has."""

from __future__ import annotations

import pytest
from genai_prices import Usage, calc_price

from cliproxy.addons.usage.prices import estimate
from cliproxy.translators import ir

COUNTS = ir.Usage(input=1000, output=200, cache_read=400)


def listed(model: str, provider: str, **counts: int) -> float:
    return float(calc_price(Usage(**counts), model, provider_id=provider).total_price)


@pytest.mark.parametrize(
    "provider, base_url, model, theirs",
    [
        ("openai", "https://api.openai.com/v1", "gpt-5", "openai"),
        ("openai-route-1", "https://proxy.example.com", "gpt-5", "openai"),
        ("anthropic", "", "claude-sonnet-4-5", "anthropic"),
        ("gemini", "", "gemini-2.5-pro", "google"),
        ("mine", "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", "groq"),
    ],
)
def test_list_prices(provider: str, base_url: str, model: str, theirs: str) -> None:
    expected = listed(model, theirs, input_tokens=1000, output_tokens=200, cache_read_tokens=400)
    assert expected > 0
    assert estimate(provider, base_url, model, COUNTS) == pytest.approx(expected)


def test_what_was_cached_is_cheaper() -> None:
    dear = estimate("openai", "", "gpt-5", ir.Usage(input=1000, output=200))
    cheap = estimate("openai", "", "gpt-5", COUNTS)
    assert dear and cheap and dear > cheap


@pytest.mark.parametrize(
    "provider, base_url, model, usage",
    [
        ("local", "http://127.0.0.1:8000/v1", "gpt-5", COUNTS),
        ("openai", "", "gpt-nobody-knows", COUNTS),
        ("openai", "", "gpt-5", ir.Usage()),
        ("openai", "", "gpt-5", ir.Usage(input=-1, output=5)),
    ],
)
def test_no_price_is_not_zero(provider: str, base_url: str, model: str, usage: ir.Usage) -> None:
    assert estimate(provider, base_url, model, usage) is None


def test_cached_tokens_that_were_counted_beside_the_prompt() -> None:
    within = estimate("anthropic", "", "claude-sonnet-4-5", ir.Usage(input=410, output=5, cache_read=400))
    beside = estimate("anthropic", "", "claude-sonnet-4-5", ir.Usage(input=10, output=5, cache_read=400))
    assert within == beside
