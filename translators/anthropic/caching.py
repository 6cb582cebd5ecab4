"""Prompt-cache breakpoints: ``cache_control``, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..ir import Json
from ..lenient import mapping
from ..wire import Fields

_TTLS = ("", "5m", "1h")
_MOST = 4
"""Anthropic: "A maximum of 4 blocks with cache_control may be provided." """


def parse_cache(fields: Fields) -> ir.Cache | None:
    """What says more than a time to live (a scope) stays behind, as it is."""
    if "cache_control" not in fields.left():
        return None
    said = mapping(fields.left()["cache_control"])
    ttl = said.get("ttl") or ""
    if said.get("type") != "ephemeral" or said.keys() - {"type", "ttl"} or ttl not in _TTLS:
        return None
    fields.take("cache_control")
    return ir.Cache(str(ttl))


def render_cache(cache: ir.Cache | None) -> Json:
    """To be merged into the block."""
    if cache is None:
        return {}
    return {"cache_control": {"type": "ephemeral", "ttl": cache.ttl} if cache.ttl else {"type": "ephemeral"}}


def bound_breakpoints(body: Json) -> None:
    """Strikes the first ones where there are too many: a later breakpoint covers all that stands before it.

    A top-level ``cache_control`` ("automatically applies a cache_control marker to the last cacheable block") is one.
    """
    marked = [block for block in _blocks(body) if "cache_control" in block]
    room = _MOST - ("cache_control" in body)
    for block in marked[: max(0, len(marked) - room)]:
        del block["cache_control"]


def _blocks(body: Json) -> Iterator[Json]:
    """In the order in which Anthropic builds the prompt: tools, system, messages."""
    yield from body.get("tools", ())
    yield from body.get("system", ())
    for message in body["messages"]:
        for block in message["content"]:
            if block["type"] == "tool_result":
                yield from block.get("content", ())
            yield block
