"""The words of the Gemini API (generateContent): what it can say, its tables, and which models know which of them."""

from __future__ import annotations

import re

from .. import ir
from ..ir import Json

NAME = "gemini"
SUPPORTS = frozenset({
    "max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "presence_penalty", "frequency_penalty",
    "logprobs", "top_logprobs", "thinking", "system", "tools", "tools.custom", "tools.web_search", "tools.web_fetch",
    "tools.code_execution", "tool_choice.auto", "tool_choice.none", "tool_choice.required", "tool_choice.tool",
    "tool_choice.names", "response_format.json", "response_format.schema", "image", "image.url", "document",
    "document.url", "document.text", "audio", "audio.url", "video", "video.url", "tool_result", "tool_result.error",
    "tool_result.image", "tool_result.document", "reasoning", "builtin.code_execution",
})  # fmt: skip
TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.\-]{0,63}")
""""Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores, dots and dashes,
with a maximum length of 64." (FunctionDeclaration.name)"""

ROLES: dict[str, ir.Role] = {
    "user": "user",
    "model": "assistant",
    "assistant": "assistant",
    "function": "user",
    "tool": "user",
    "system": "system",
}

# -- why an answer ended ----------------------------------------------------------------

FINISH: dict[str, ir.FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "pause",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "ESCALATION": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "IMAGE_OTHER": "error",
    "NO_IMAGE": "error",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "OTHER": "error",
}
"""A reason that is not in here is an `error`: no answer is called complete that may not be."""
UNSAID = (None, "", 0, "FINISH_REASON_UNSPECIFIED")
FINISH_NUMBERS = (
    "", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
    "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
    "IMAGE_PROHIBITED_CONTENT", "IMAGE_OTHER", "NO_IMAGE", "IMAGE_RECITATION",
)  # fmt: skip
"""``$alt=json;enum-encoding=int``: the numbers of google.ai.generativelanguage.v1beta (Vertex's differ from 6 on,
mostly within one class)."""
FINISH_REASON: dict[ir.FinishReason, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "pause": "OTHER",
    "error": "OTHER",
}

OUTCOME_OK = ("OUTCOME_OK", "OUTCOME_UNSPECIFIED", None, 0, 1)

# -- what a request asks ----------------------------------------------------------------

LEVELS: dict[str, ir.Effort] = {
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
}
BUILTINS: dict[str, ir.Builtin] = {
    "googleSearch": "web_search",
    "urlContext": "web_fetch",
    "codeExecution": "code_execution",
}
BUILTIN_KEYS: dict[ir.Builtin, str] = {tool: key for key, tool in BUILTINS.items()}
MIME_TYPES: dict[ir.MediaKind, str] = {
    "image": "image/jpeg",
    "document": "application/pdf",
    "audio": "audio/mpeg",
    "video": "video/mp4",
}
"""What a file is taken for when neither client nor file name says: Vertex refuses a fileData without mimeType."""

# -- which models know what -------------------------------------------------------------

_GENERATION = re.compile(r"gemini-(\d+)")
_PREFILL = re.compile(r"gemini-(?:1\.|2\.|3-|3\.1-|3\.5-flash(?!-lite))")
_BUDGETS = (("gemini-2.5-pro", 128, 32768), ("gemini-2.5-flash-lite", 512, 24576), ("gemini-2.5-flash", 1, 24576))
_THREE_LEVELS: tuple[ir.Effort, ...] = ("low", "medium", "high")
_LEVELS: tuple[tuple[str, tuple[ir.Effort, ...]], ...] = (
    ("gemini-3-pro", ("low", "high")),
    ("gemini-3.1-pro", _THREE_LEVELS),
    ("gemini-3", ("minimal", *_THREE_LEVELS)),
)


def generation(model: str) -> int:
    """The number behind ``gemini-``; 3 for an alias like ``gemini-flash-latest``, 0 for other models."""
    if match := _GENERATION.search(model):
        return int(match[1][:4])
    return 3 if "gemini-" in model and model.endswith("-latest") else 0


def takes_prefill(model: str) -> bool:
    """Whether the last turn may be the model's, which it then goes on with.

    Newer models refuse: "Requests ending with a model turn are not supported" (gemini-3.6-flash, 3.5-flash-lite;
    github.com/LibreChat-AI/agents/pull/323, github.com/pipecat-ai/pipecat/pull/5821).
    """
    return bool(_PREFILL.search(model))


def levels(model: str) -> tuple[ir.Effort, ...]:
    """The thinkingLevels that a model of generation 3 or later takes (ai.google.dev/gemini-api/docs/thinking)."""
    return next((words for name, words in _LEVELS if name in model), _LEVELS[-1][1])


def clamped(budget: int, model: str) -> int:
    """The thinkingBudget that is nearest to `budget` and legal; -1 and a legal 0 stay."""
    for name, least, most in _BUDGETS:
        if name in model:
            off = budget == 0 and name != "gemini-2.5-pro"
            return budget if off or budget < 0 else min(max(budget, least), most)
    return budget


# -- both spellings ---------------------------------------------------------------------

_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_HUMP = re.compile(r"_([a-z0-9])")


def camel(fields: Json) -> Json:
    """One object of the API with its own keys in camelCase: "both lowerCamelCase and the original proto field name
    are accepted" (protobuf JSON). Where a field comes in both, camelCase counts. Values are left alone.
    """
    for key in fields:
        if "_" in key:
            break
    else:
        return fields  # as nearly always: a loop is faster here than `any` of a generator
    named: Json = {}
    for key, value in fields.items():
        name = _HUMP.sub(lambda hump: hump[1].upper(), key) if _SNAKE.fullmatch(key) else key
        if name == key or name not in fields:
            named[name] = value
    return named


def merged(base: Json, extra: Json) -> Json:
    """`base` with what `extra` has and `base` has not, objects inside objects too. Neither is changed."""
    if not extra:
        return base
    whole = base | {key: value for key, value in extra.items() if key not in base}
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            whole[key] = merged(base[key], value)
    return whole
