"""Token counts: ``usage``, both ways. Theirs leaves cached tokens out of ``input_tokens``, ours has them in."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import count, mapping, text
from ..wire import compact
from .words import SERVED_TIER

_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
_SERVED = {tier: word for word, tier in SERVED_TIER.items()}


class Tally:
    """What message_start and message_delta say, put together: the counts are cumulative, the later one counts.

    But a later 0 is none: some gateways repeat the input so.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.service_tier = ""

    def add(self, usage: Any) -> None:
        said = mapping(usage)
        for key in _COUNTS:
            self._note(key, said.get(key))
        self._note("thinking", mapping(said.get("output_tokens_details")).get("thinking_tokens"))
        tier = text(said.get("service_tier"))
        self.service_tier = SERVED_TIER.get(tier, tier) or self.service_tier

    def _note(self, key: str, value: Any) -> None:
        if (number := count(value)) is not None:
            self._counts[key] = number or self._counts.get(key, 0)

    def usage(self) -> ir.Usage | None:
        """None when nothing was said."""
        fresh, read, written, output = (self._counts.get(key) for key in _COUNTS)
        if not self._counts:
            return None
        whole = None if fresh is None else fresh + (read or 0) + (written or 0)
        return ir.Usage(whole, output, read, written, self._counts.get("thinking"))


def render_usage(usage: ir.Usage | None, service_tier: str = "") -> Json:
    """The SDKs require ``output_tokens``; what else is unknown is left out, for 0 would be a statement."""
    usage = usage or ir.Usage()
    cached = (usage.cache_read or 0) + (usage.cache_write or 0)
    thought = usage.reasoning
    return compact(
        {
            "input_tokens": None if usage.input is None else max(0, usage.input - cached),
            "cache_creation_input_tokens": usage.cache_write,
            "cache_read_input_tokens": usage.cache_read,
            "output_tokens": usage.output or 0,
            "output_tokens_details": None if thought is None else {"thinking_tokens": thought},
            "service_tier": _SERVED.get(service_tier, service_tier) or None,
        }
    )


def render_message_usage(usage: ir.Usage | None, service_tier: str = "") -> Json:
    """For a whole message and for message_start: there the SDKs require ``input_tokens`` too."""
    return {"input_tokens": 0, **render_usage(usage, service_tier)}
