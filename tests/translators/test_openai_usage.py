from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_usage import merged, parse_usage, render_usage

CASES: dict[str, tuple[Any, ir.Usage | None]] = {
    "absent": (None, None),
    "empty": ({}, None),
    "nulls say nothing (Databricks)": (
        {"prompt_tokens": 193, "completion_tokens": None, "total_tokens": None, "cache_read_input_tokens": 0},
        ir.Usage(193, None, 0),
    ),
    "0 is said": ({"prompt_tokens": 0, "completion_tokens": 0}, ir.Usage(0, 0)),
    "OpenAI": (
        {
            "prompt_tokens": 20,
            "completion_tokens": 9,
            "total_tokens": 29,
            "prompt_tokens_details": {"cached_tokens": 12, "cache_write_tokens": 5},
            "completion_tokens_details": {"reasoning_tokens": 4},
        },
        ir.Usage(20, 9, 12, 5, 4),
    ),
    "DeepSeek": (
        {"prompt_tokens": 20, "completion_tokens": 9, "prompt_cache_hit_tokens": 7, "prompt_cache_miss_tokens": 13},
        ir.Usage(20, 9, 7),
    ),
    "xAI leaves reasoning out of the completion": (
        {
            "prompt_tokens": 12,
            "completion_tokens": 2,
            "total_tokens": 334,
            "completion_tokens_details": {"reasoning_tokens": 320},
        },
        ir.Usage(12, 322, None, None, 320),
    ),
    "Vercel leaves reasoning out of the completion and the total, but bills it": (
        {
            "prompt_tokens": 61,
            "completion_tokens": 18,
            "total_tokens": 79,
            "completion_tokens_details": {"reasoning_tokens": 137},
        },
        ir.Usage(61, 155, None, None, 137),
    ),
    "Grok on Azure: more cached than the prompt has": (
        {"prompt_tokens": 250, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 376}},
        ir.Usage(250, 4, 250),
    ),
    "OpenRouter: the same tokens read and written": (
        {
            "prompt_tokens": 2168,
            "completion_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 2161, "cache_write_tokens": 2161},
        },
        ir.Usage(2168, 100, 2161, 7),
    ),
    "Mistral leaves sound out of the prompt": (
        {
            "prompt_tokens": 9,
            "completion_tokens": 201,
            "total_tokens": 585,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 375},
        },
        ir.Usage(384, 201, 0),
    ),
    "floats": ({"prompt_tokens": 20.0, "completion_tokens": 9.0}, ir.Usage(20, 9)),
    "Google's camel case": ({"promptTokens": 4, "completionTokens": 3}, ir.Usage(4, 3)),
    "garbage": ({"prompt_tokens": "many", "prompt_tokens_details": [1]}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_parse(name: str) -> None:
    """pains.md 12 and edge case 8."""
    said, expected = CASES[name]
    assert parse_usage(said) == expected


def test_render_says_what_was_said() -> None:
    assert render_usage(ir.Usage(20, 9)) == {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29}
    usage = ir.Usage(20, 9, 0, 5, 4)
    assert parse_usage(render_usage(usage)) == usage


def test_merged() -> None:
    """Perplexity sends usage with every chunk, Groq two halves."""
    assert merged(None, None) is None
    assert merged(ir.Usage(5, 1, 3), ir.Usage(None, 7)) == ir.Usage(5, 7, 3)
    assert merged(None, ir.Usage(1)) == merged(ir.Usage(1), None) == ir.Usage(1)
