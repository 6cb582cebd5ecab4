from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.anthropic.usage import Tally, render_message_usage, render_usage


def tallied(*said: Any) -> ir.Usage | None:
    tally = Tally()
    for usage in said:
        tally.add(usage)
    return tally.usage()


@pytest.mark.parametrize(
    "said, usage",
    [
        (({"input_tokens": 5, "output_tokens": 7},), ir.Usage(5, 7)),
        (
            (
                {
                    "input_tokens": 5,
                    "cache_read_input_tokens": 20,
                    "cache_creation_input_tokens": 0,
                    "output_tokens": 1,
                },
                {"output_tokens": 9},
            ),
            ir.Usage(25, 9, 20, 0),
        ),
        (({"input_tokens": 5, "output_tokens": 1}, {"input_tokens": 0, "output_tokens": 9}), ir.Usage(5, 9)),
        (({"input_tokens": 60385, "output_tokens": 1}, {"input_tokens": 612, "output_tokens": 9}), ir.Usage(612, 9)),
        (({"input_tokens": 5.0, "output_tokens": None},), ir.Usage(5)),
        (({"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 3}},), ir.Usage(None, 9, reasoning=3)),
        ((None, {}, "x", {"input_tokens": "many"}), None),
    ],
)
def test_counts_of_start_and_delta_are_put_together(said: Any, usage: ir.Usage | None) -> None:
    """Edge 8; QuantumNous/new-api#2744: cached tokens in or out of input; BerriAI/litellm#31069."""
    assert tallied(*said) == usage


@pytest.mark.parametrize(
    "usage, wire",
    [
        (None, {"output_tokens": 0}),
        (
            ir.Usage(25, 9, 20, 0),
            {"input_tokens": 5, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 0, "output_tokens": 9},
        ),
        (ir.Usage(25, 9), {"input_tokens": 25, "output_tokens": 9}),
        (ir.Usage(5, 9, 20), {"input_tokens": 0, "cache_read_input_tokens": 20, "output_tokens": 9}),
        (
            ir.Usage(5, 9, reasoning=3),
            {"input_tokens": 5, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 3}},
        ),
    ],
)
def test_cached_tokens_are_counted_apart(usage: ir.Usage | None, wire: dict[str, Any]) -> None:
    assert render_usage(usage) == wire


def test_a_message_always_has_both_counts() -> None:
    assert render_message_usage(None) == {"input_tokens": 0, "output_tokens": 0}
    assert render_message_usage(ir.Usage(3, 4), "default")["service_tier"] == "standard"


def test_the_tier_that_served() -> None:
    tally = Tally()
    tally.add({"service_tier": "standard"})
    tally.add({"service_tier": None})
    assert tally.service_tier == "default"
