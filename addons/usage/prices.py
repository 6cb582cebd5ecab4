"""What an exchange would cost at the provider's list prices, in US dollars: an estimate, from genai-prices' data."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from cliproxy.translators import ir

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

PROVIDERS = {
    "openai": "openai",
    "chatgpt": "openai",
    "anthropic": "anthropic",
    "claude": "anthropic",
    "gemini": "google",
    "code-assist": "google",
    "vertex": "google",
}
"""Our word for a provider → that of genai-prices. Others are known by their address, or have no price."""


def estimate(provider: str, base_url: str, model: str, usage: ir.Usage) -> float | None:
    """None where no price is known. `provider`: the upstream's name; `base_url`: where it really is."""
    if usage.input is None and usage.output is None:
        return None
    try:
        found = _calculated(_provider(provider, base_url), model, _plausible(usage))
    except (LookupError, ValueError):  # genai-prices: nobody of that name; or counts that can't be
        return None
    return float(found.total_price)


def load() -> None:
    """What takes time is done before the first exchange waits for it."""
    import genai_prices.data  # noqa: F401


def _calculated(provider: str, model: str, usage: ir.Usage) -> PriceCalculation:
    from genai_prices import Usage, calc_price  # 0.15 s, which no command line should take: see `load`

    counts = Usage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
    )
    return calc_price(counts, model, provider_id=provider)


def _plausible(usage: ir.Usage) -> ir.Usage:
    """Servers that count what was cached beside the prompt instead of within it are read as they meant it."""
    cached = (usage.cache_read or 0) + (usage.cache_write or 0)
    if usage.input is not None and cached > usage.input:
        return ir.Usage(usage.input + cached, usage.output, usage.cache_read, usage.cache_write, usage.reasoning)
    return usage


@lru_cache(maxsize=256)
def _provider(provider: str, base_url: str) -> str:
    """Raises `LookupError`."""
    from genai_prices.data import providers

    known = (one.id for one in providers if re.match(one.api_pattern, base_url))
    return next(known, None) or PROVIDERS[provider.partition("-route-")[0]]
