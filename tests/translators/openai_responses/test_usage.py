from __future__ import annotations

import pytest

from cliproxy.translators.ir import Usage
from cliproxy.translators.openai_responses.usage import parse_usage, render_usage

FULL = {
    "input_tokens": 30,
    "input_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 2},
    "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 42,
}


def test_both_ways() -> None:
    assert parse_usage(FULL) == Usage(30, 12, 10, 2, 5)
    assert render_usage(Usage(30, 12, 10, 2, 5)) == FULL


@pytest.mark.parametrize(
    "wire, usage",
    [
        (None, None),
        # vLLM: more reasoning than output
        ({"output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 8}}, Usage(None, 13, reasoning=8)),
        ({}, None),
        ([], None),
        ({"input_tokens": 3.0, "output_tokens": None}, Usage(3)),
        ({"input_tokens": 0, "input_tokens_details": None}, Usage(0)),
        ({"output_tokens": 1, "input_tokens_details": {"cached_tokens": 0}}, Usage(None, 1, 0)),
    ],
)
def test_absent_is_not_zero(wire: object, usage: Usage | None) -> None:
    """Edge case 8: an explicit 0 differs from absent; floats and nulls of real servers are read."""
    assert parse_usage(wire) == usage


def test_the_newest_sdk_requires_every_count() -> None:
    """corpus/README: "The newest openai SDK requires `usage.input_tokens_details.cache_write_tokens`"."""
    assert render_usage(Usage(1, 2))["input_tokens_details"] == {"cached_tokens": 0, "cache_write_tokens": 0}
