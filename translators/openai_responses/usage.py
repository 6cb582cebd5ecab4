"""How the Responses API counts tokens, both ways."""

from __future__ import annotations

from typing import Any

from ..ir import Json, Usage
from ..lenient import count, mapping
from ..openai_usage import consistent


def parse_usage(value: Any) -> Usage | None:
    """None when nothing is counted. ``input_tokens`` includes the cached ones, as in `ir.Usage`."""
    usage = mapping(value)
    read, made = mapping(usage.get("input_tokens_details")), mapping(usage.get("output_tokens_details"))
    parsed = Usage(
        count(usage.get("input_tokens")),
        count(usage.get("output_tokens")),
        count(read.get("cached_tokens")),
        count(read.get("cache_write_tokens")),
        count(made.get("reasoning_tokens")),
    )
    return None if parsed == Usage() else consistent(parsed)


def render_usage(usage: Usage) -> Json:
    """All of it is required; the newest SDK insists on ``cache_write_tokens`` too. Unsaid counts as 0."""
    input, output = usage.input or 0, usage.output or 0
    return {
        "input_tokens": input,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read or 0,
            "cache_write_tokens": usage.cache_write or 0,
        },
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": input + output,
    }
