"""The Responses backend of ChatGPT accounts: it streams always, stores never, and refuses what Codex does not send.

No documentation is public; github.com/openai/codex shows what its own client sends, and users' reports what is refused.
"""

from __future__ import annotations

from typing import Any

from cliproxy.translators import ir
from cliproxy.translators.formats import Format
from cliproxy.translators.ir import Json
from cliproxy.translators.openai_responses.assembled import Assembled
from cliproxy.translators.splice import Changes
from cliproxy.translators.wire import dumps

from .door import Asked, Door, common_changes

DROPPED = {
    "max_output_tokens": "max_tokens",
    "max_tool_calls": "openai_responses:max_tool_calls",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_logprobs": "top_logprobs",
    "metadata": "metadata",
    "user": "user",
    "safety_identifier": "user",
    "previous_response_id": "previous_response_id",
    "background": "openai_responses:background",
    "truncation": "openai_responses:truncation",
    "context_management": "openai_responses:context_management",
    "prompt_cache_retention": "openai_responses:prompt_cache_retention",
    "stream_options": "openai_responses:stream_options",
}
"""Members that are answered 400 ("Unsupported parameter"), each with the feature that it says."""
_TIER = "priority"
"""The one service tier that may be named."""


def lacks(format: Format, request: ir.Request) -> frozenset[str]:
    tier = () if request.service_tier in ("", _TIER) else ("service_tier",)
    kept = ("store",) if request.store else ()
    return frozenset((*DROPPED.values(), *tier, *kept, "logprobs"))


def dropped(body: Json) -> dict[str, str]:
    lost = {name: feature for name, feature in DROPPED.items() if name in body}
    if body.get("service_tier", _TIER) != _TIER:
        lost["service_tier"] = "service_tier"
    return lost


def changes(body: Json, asked: Asked) -> Changes:
    changed: dict[str, bytes | None] = {**common_changes(body, asked), **dict.fromkeys(dropped(body))}
    wanted: dict[str, Any] = {"stream": True, "store": False}
    if not isinstance(body.get("instructions"), str):
        wanted["instructions"] = ""  # it must be there
    if (said := _input(body.get("input"))) is not body.get("input"):
        wanted["input"] = said
    return changed | {name: dumps(value) for name, value in wanted.items() if body.get(name) is not value}


def _input(said: Any) -> Any:
    """A list, and without the role `system`: neither a string nor that role is taken."""
    if isinstance(said, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": said}]}]
    if not isinstance(said, list) or not any(_is_system(item) for item in said):
        return said
    return [{**item, "role": "developer"} if _is_system(item) else item for item in said]


def _is_system(item: Any) -> bool:
    return isinstance(item, dict) and item.get("role") == "system"


CHATGPT = Door(changes=changes, lacks=lacks, dropped=dropped, counts=False, assembly=Assembled)
