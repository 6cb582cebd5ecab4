"""The words of OpenAI's chat completions: its name, what it can say, finish reasons, media types."""

from __future__ import annotations

import re

from .. import ir

NAME = "openai_chat"
PATH = "/chat/completions"
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""OpenAI: "Must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64." """

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
    "thinking",
    "parallel_tool_calls",
    "verbosity",
    "user",
    "metadata",
    "service_tier",
    "prompt_cache_key",
    "store",
    "system",
    "system.mid",
    "message.name",
    "tools",
    "tools.strict",
    "tools.custom",
    "tools.web_search",
    "tool_choice.auto",
    "tool_choice.none",
    "tool_choice.required",
    "tool_choice.tool",
    "tool_choice.names",
    "response_format.json",
    "response_format.schema",
    "image",
    "image.url",
    "image.detail",
    "document",
    "document.file_id",
    "document.text",
    "audio",
    "video",
    "video.url",
    "tool_result",
    "tool_result.image",
    "tool_result.document",
    "reasoning",
    "refusal",
    "cache",
})  # fmt: skip
"""Not `n`: it is rendered, but of several answers one is read. Not `top_k`: it is read, but OpenAI refuses it."""

FINISH: dict[str, ir.FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    # Other servers' words:
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "max_length": "length",
    "model_length": "length",
    "safety": "content_filter",
    "error": "error",
}
"""Their word → ours. Unknown ones count as `stop`."""
REASON: dict[ir.FinishReason, str] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "pause": "stop",
    "error": "length",
}
"""Our word → theirs. Nothing there says "broken off" but `length`: at least no client takes it for complete."""

AUDIO = {"wav": "audio/wav", "mp3": "audio/mpeg"}
"""``input_audio.format`` → media type; other formats are ``audio/`` and the word."""
AUDIO_FORMAT = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
SERVICE_TIER = {"standard_only": "default", "standard": "default"}
"""Other formats' words for the service tier → OpenAI's."""
TIERS = {tier: tier for tier in ("auto", "default", "flex", "scale", "priority", "fast")} | SERVICE_TIER
"""The tiers that an answer may name: the schema is closed, so that any other is left unsaid."""
MAX_ID = 64
"""Characters of ``user`` and ``prompt_cache_key``."""


def settle(reason: ir.FinishReason, called: bool) -> ir.FinishReason:
    """A turn with calls ends in `tool_calls` and one without does not, whatever the server says (Gemini: ``stop``)."""
    if called:
        return "tool_calls" if reason == "stop" else reason
    return "stop" if reason == "tool_calls" else reason
