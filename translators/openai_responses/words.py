"""The vocabulary of the Responses API: its name, what it can say, its closed sets of words."""

from __future__ import annotations

import re

from ..ir import FinishReason, Role

NAME = "openai_responses"
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
ENDPOINT = "/responses"

SUPPORTS = frozenset({
    "max_tokens", "temperature", "top_p", "logprobs", "top_logprobs", "thinking", "parallel_tool_calls", "verbosity",
    "user", "metadata", "service_tier", "prompt_cache_key", "store", "previous_response_id",
    "system", "system.mid",
    "tools", "tools.strict", "tools.custom", "tools.namespace", "tools.web_search", "tools.code_execution",
    "tool_choice.auto", "tool_choice.none", "tool_choice.required", "tool_choice.tool", "tool_choice.names",
    "response_format.json", "response_format.schema",
    "image", "image.url", "image.file_id", "image.detail",
    "document", "document.url", "document.file_id", "document.text", "audio",
    "tool_result", "tool_result.image", "tool_result.document",
    "refusal", "citations", "builtin.web_search",
})  # fmt: skip
"""`reasoning` is not here: OpenAI refuses thoughts without its own seal, so only sealed ones go back to it
(github.com/Wei-Shaw/sub2api/issues/3138)."""

ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system", "developer": "developer"}

SEALED = "reasoning.encrypted_content"
LOGPROBS = "message.output_text.logprobs"
"""Words of `include`."""

FINISH_OF_INCOMPLETE: dict[str, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""``incomplete_details.reason`` → why it ended; any other, or none: `length`, for the answer was cut."""
INCOMPLETE_OF_FINISH: dict[FinishReason, str | None] = {
    "length": "max_output_tokens",
    "content_filter": "content_filter",
    "pause": None,
}
"""Ends that are no completion. There is no word for a paused turn: incomplete, without a reason."""

WAITING = frozenset({"queued", "in_progress"})
"""Statuses of an answer that is still being made in the background."""

HOSTED: dict[str, str] = {"web_search": "web_search", "code_execution": "code_interpreter"}
"""IR's built-in tools → the word here."""

TIERS = {"standard": "default", "standard_only": "default"}
"""Other formats' words for a service tier → the word here."""
ANSWERED_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"})
"""The tiers an answer may name: the makers' SDKs know no others."""
