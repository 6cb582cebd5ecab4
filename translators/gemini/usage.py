"""Gemini's `usageMetadata`, both ways."""

from __future__ import annotations

from .. import ir
from ..ir import Json
from ..lenient import count


def parse_usage(usage: Json) -> ir.Usage:
    """The prompt and what Google's own tools put into it are input; thoughts are counted beside the candidates."""
    return ir.Usage(
        input=_sum(usage, "promptTokenCount", "toolUsePromptTokenCount"),
        output=_sum(usage, "candidatesTokenCount", "thoughtsTokenCount"),
        cache_read=count(usage.get("cachedContentTokenCount")),
        reasoning=count(usage.get("thoughtsTokenCount")),
    )


def _sum(usage: Json, *keys: str) -> int | None:
    counts = [found for key in keys if (found := count(usage.get(key))) is not None]
    return sum(counts) if counts else None


def render_usage(usage: ir.Usage) -> Json:
    fields: Json = {}
    if usage.input is not None:
        fields["promptTokenCount"] = usage.input
    if usage.cache_read is not None:
        fields["cachedContentTokenCount"] = usage.cache_read
    if usage.output is not None:
        fields["candidatesTokenCount"] = max(0, usage.output - (usage.reasoning or 0))
    if usage.reasoning is not None:
        fields["thoughtsTokenCount"] = usage.reasoning
    if usage.input is not None or usage.output is not None:
        fields["totalTokenCount"] = (usage.input or 0) + (usage.output or 0)
    return fields
