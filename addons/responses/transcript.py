"""Earlier responses as the input of the next one. Pure: items in, items out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cliproxy.translators.ir import Json

_NAMELESS = frozenset({"message", "function_call", "custom_tool_call", "reasoning"})
"""Items that may be said again without their id. Whoever did not make an id refuses it."""


def items_of(value: Any) -> list[Json] | None:
    """What stands under `input`, as a list of items; None where it is neither text nor a list."""
    if value is None:
        return []
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": value}]}]
    return value if isinstance(value, list) else None


def said_again(items: Iterable[Json]) -> list[Json]:
    """Items of earlier responses as input for a provider that does not know them."""
    return [_nameless(item) for item in items if not _is_lost_thought(item)]


def _nameless(item: Json) -> Json:
    if not isinstance(item, dict) or item.get("type", "message") not in _NAMELESS:
        return item
    return {key: value for key, value in item.items() if key not in ("id", "status")}


def _is_lost_thought(item: Json) -> bool:
    """A thought without its seal is refused by those who made it; only its id could have stood for it."""
    return isinstance(item, dict) and item.get("type") == "reasoning" and not item.get("encrypted_content")
