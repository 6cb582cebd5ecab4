"""The words of OpenAI's legacy completions: text in, text out."""

from __future__ import annotations

import re

from .. import ir

NAME = "openai_completions"
PATH = "/completions"
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""There are no tools here; the pattern is OpenAI's."""

SUPPORTS = frozenset({
    "max_tokens",
    "temperature",
    "top_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "user",
    "system",
    "system.mid",
})  # fmt: skip

FINISH: dict[str, ir.FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    # Other servers' words:
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "error": "error",
}
"""Their word → ours. Unknown ones count as `stop`."""
REASON: dict[ir.FinishReason, str] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "stop",
    "content_filter": "content_filter",
    "pause": "stop",
    "error": "length",
}
"""Our word → theirs; `error` is said as in chat: so that no client takes the answer for complete."""
SPEAKERS: dict[ir.Role, str] = {
    "system": "System",
    "developer": "System",
    "user": "User",
    "assistant": "Assistant",
    "tool": "Tool",
}
"""Who speaks, where a conversation is written as one text."""
