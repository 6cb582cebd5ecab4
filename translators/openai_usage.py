"""How OpenAI's chat and completions, and those who imitate them, count tokens."""

from __future__ import annotations

from typing import Any

from . import ir
from .ir import Json
from .lenient import count, first_count, mapping
from .wire import Fields

_INPUT = ("prompt_tokens", "promptTokens")
_OUTPUT = ("completion_tokens", "completionTokens")
_CACHE_READ = ("prompt_cache_hit_tokens", "cache_read_input_tokens", "num_cached_tokens", "cached_tokens")
"""Beside ``prompt_tokens_details.cached_tokens``: DeepSeek, Databricks and Venice, Mistral, Moonshot."""
_CACHE_WRITE = ("cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens")
"""OpenAI; LiteLLM; DashScope (in the details) and Databricks (beside them)."""


def parse_usage(value: Any) -> ir.Usage | None:
    """None when nothing is counted. ``prompt_tokens`` includes the cached ones, as in `ir.Usage`."""
    usage = mapping(value)
    if not usage:
        return None
    details = mapping(usage.get("prompt_tokens_details"))
    cached = count(details.get("cached_tokens"))
    written = first_count(details, *_CACHE_WRITE)
    reasoning = first_count(mapping(usage.get("completion_tokens_details")), "reasoning_tokens")
    if reasoning is None:
        reasoning = count(usage.get("reasoning_tokens"))
    input, output = _sums(usage, count(details.get("audio_tokens")), reasoning)
    parsed = ir.Usage(
        input,
        output,
        first_count(usage, *_CACHE_READ) if cached is None else cached,
        first_count(usage, *_CACHE_WRITE) if written is None else written,
        reasoning,
    )
    return None if parsed == ir.Usage() else consistent(parsed)


def consistent(usage: ir.Usage) -> ir.Usage:
    """The parts within their sums, as `ir.Usage` promises them, whatever the server counts.

    Of the prompt at most all was read from the cache (Grok on Azure says more), at most the rest written to it
    (OpenRouter says the same tokens twice). More reasoning than output stands beside it (Vercel bills both).
    """
    input, output = usage.input, usage.output
    read, written, reasoning = usage.cache_read, usage.cache_write, usage.reasoning
    if input is not None:
        read = read and min(read, input)
        written = written and min(written, input - (read or 0))
    if output is not None and reasoning is not None and reasoning > output:
        output += reasoning
    return ir.Usage(input, output, read, written, reasoning)


def _sums(usage: Json, audio: int | None, reasoning: int | None) -> tuple[int | None, int | None]:
    """xAI leaves reasoning out of ``completion_tokens``, Mistral sound out of ``prompt_tokens``; the total tells."""
    input, output, total = first_count(usage, *_INPUT), first_count(usage, *_OUTPUT), count(usage.get("total_tokens"))
    if input is None or output is None or total is None or total == input + output:
        return input, output
    if reasoning and total == input + output + reasoning:
        return input, output + reasoning
    if audio and total == input + output + audio:
        return input + audio, output
    return input, output


def merged(old: ir.Usage | None, new: ir.Usage | None) -> ir.Usage | None:
    """What is known after both; the newer word counts. Some servers send usage with every chunk."""
    if old is None or new is None:
        return new or old
    return ir.Usage(
        old.input if new.input is None else new.input,
        old.output if new.output is None else new.output,
        old.cache_read if new.cache_read is None else new.cache_read,
        old.cache_write if new.cache_write is None else new.cache_write,
        old.reasoning if new.reasoning is None else new.reasoning,
    )


def render_usage(usage: ir.Usage) -> Json:
    """The three sums are required; details stand only where they were said."""
    input, output = usage.input or 0, usage.output or 0
    rendered: Json = {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output}
    details = {"cached_tokens": usage.cache_read, "cache_write_tokens": usage.cache_write}
    if said := {key: value for key, value in details.items() if value is not None}:
        rendered["prompt_tokens_details"] = said
    if usage.reasoning is not None:
        rendered["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning}
    return rendered


def include_usage(request: Fields) -> bool:
    """Whether a request asks for the usage chunk. Takes that alone: what else ``stream_options`` say stays."""
    options = mapping(request.left().get("stream_options"))
    said = options.get("include_usage")
    if said is None:
        return False
    request.take("stream_options")
    if rest := {key: value for key, value in options.items() if key != "include_usage"}:
        request.left()["stream_options"] = rest
    return said is True
