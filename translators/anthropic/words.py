"""The words of Anthropic's Messages: its name, what it can say, stop reasons, tiers, the provider's own tools."""

from __future__ import annotations

import re

from .. import ir

NAME = "anthropic"
PATH = "/v1/messages"
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""Anthropic's own servers take up to 128 characters, Vertex and Bedrock 64."""

SUPPORTS = frozenset({
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "thinking",
    "parallel_tool_calls",
    "user",
    "service_tier",
    "system",
    "tools",
    "tools.strict",
    "tools.custom",
    "tools.web_search",
    "tools.web_fetch",
    "tools.code_execution",
    "tool_choice.auto",
    "tool_choice.none",
    "tool_choice.required",
    "tool_choice.tool",
    "response_format.schema",
    "image",
    "image.url",
    "image.file_id",
    "document",
    "document.url",
    "document.file_id",
    "document.text",
    "tool_result",
    "tool_result.error",
    "tool_result.image",
    "tool_result.document",
    "reasoning",
    "cache",
})  # fmt: skip
"""Not here, though the format has words for them: citations and earlier web searches, which need seals of Anthropic's
own, and ``system.mid``, which only some models take, and only in some places: elsewhere it is said as a reminder.
Nor does every model take all the rest: see `refusals.refused`."""

ROLES: dict[str, ir.Role] = {"user": "user", "assistant": "assistant", "system": "system"}

FINISH: dict[str, ir.FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "pause",
    "compaction": "pause",
    "refusal": "content_filter",
}
"""Their word → ours. Unknown ones count as `stop`."""
STOP_REASON: dict[ir.FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "pause": "pause_turn",
    "error": "max_tokens",
}
"""Our word → theirs. Nothing there says "broken off" but `max_tokens`: at least no client takes it for complete."""

SERVICE_TIER = {"auto": "auto", "standard_only": "default"}
"""The tier asked for: their word → OpenAI's, which the IR speaks."""
SERVICE_TIER_OUT = {
    "auto": "auto",
    "priority": "auto",
    "scale": "auto",
    "default": "standard_only",
    "standard_only": "standard_only",
    "flex": "standard_only",
}
"""Whether "to use priority capacity (if available) or standard capacity": there are no slower tiers than standard."""
SERVED_TIER = {"standard": "default"}
"""The tier that served; other words are the same."""

BUILTINS: dict[str, ir.Builtin] = {
    "web_search": "web_search",
    "web_fetch": "web_fetch",
    "code_execution": "code_execution",
}
BUILTIN_VERSION: dict[ir.Builtin, str] = {
    "web_search": "web_search_20250305",
    "web_fetch": "web_fetch_20250910",
    "code_execution": "code_execution_20250825",
}
"""The version that is meant where none was said: the oldest that every model with the tool takes."""
BUILTIN_TYPE = re.compile(r"(web_search|web_fetch|code_execution)_\d{8}")
RESULT_TYPE: dict[ir.Builtin, str] = {
    "web_search": "web_search_tool_result",
    "web_fetch": "web_fetch_tool_result",
    "code_execution": "code_execution_tool_result",
}

REDACTED = "redacted_thinking"
"""`ir.Opaque.id` of a seal that stood in a block of this type, and not in the signature of a ``thinking`` block."""
CALL_SEAL = "tool_call:"
"""Begins `ir.Opaque.id` of another format's seal on a tool call; the call's id and the seal's own id follow."""


def settled(reason: ir.FinishReason, called: bool) -> ir.FinishReason:
    """A turn with calls ends in `tool_calls` and one without does not, whatever the server says."""
    if called:
        return "tool_calls" if reason == "stop" else reason
    return "stop" if reason == "tool_calls" else reason


def stop_reason(finish: ir.Finish, called: bool, declined: bool) -> str:
    """`called`, `declined`: whether the answer held a tool call, a refusal in words."""
    reason = settled(finish.reason, called)
    if reason == "stop" and declined:
        return "refusal"
    return "stop_sequence" if reason == "stop" and finish.stop_sequence is not None else STOP_REASON[reason]
