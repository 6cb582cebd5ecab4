"""What is known of a model, and how each provider's list says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ANSWERS = ("generateContent", "streamGenerateContent", "countTokens")
"""What Gemini's clients may ask of any model here."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """`id`: the name that a client asks for. `context` and `output`: the most tokens in all, and of an answer; None
    where nobody says. `created`: as the provider says it, epoch seconds or ISO 8601. `methods`: Gemini's."""

    id: str
    provider: str
    context: int | None = None
    output: int | None = None
    name: str = ""
    created: int | str = 0
    methods: tuple[str, ...] = _ANSWERS


_CONTEXT = (
    ("context_window",), ("context_length",), ("max_model_len",), ("max_context_length",), ("max_input_tokens",),
    ("inputTokenLimit",), ("top_provider", "context_length"), ("model_spec", "availableContextTokens"),
    ("meta", "n_ctx"),
)  # fmt: skip
"""Where lists say it: Groq, OpenRouter and Together, vLLM, Mistral, Anthropic, Gemini, Venice, llama.cpp."""
_OUTPUT = (
    ("max_output_tokens",), ("max_completion_tokens",), ("outputTokenLimit",), ("max_output_length",),
    ("top_provider", "max_completion_tokens"), ("max_tokens",),
)  # fmt: skip


def parse(provider: str, body: Any) -> tuple[list[ModelInfo], str]:
    """The models of one page, and what names the next page: "" at the last. Raises `ValueError`."""
    listed = body.get("data", body.get("models")) if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the answer holds no list of models")
    found = [_model(provider, each) for each in listed if isinstance(each, dict) and _id(each)]
    after = body.get("nextPageToken") or (body.get("last_id") if body.get("has_more") is True else "")
    return found, after if isinstance(after, str) else ""


def _id(each: dict[str, Any]) -> str:
    """Google's names stand behind ``models/``, also in its OpenAI-compatible list."""
    id = each.get("id") or each.get("name")
    return id.removeprefix("models/") if isinstance(id, str) else ""


def _model(provider: str, each: dict[str, Any]) -> ModelInfo:
    methods = each.get("supportedGenerationMethods")
    name = each.get("display_name") or each.get("displayName") or ""
    created = each.get("created_at") or each.get("created") or 0
    return ModelInfo(
        _id(each),
        provider,
        next(_numbers(each, _CONTEXT), None),
        next(_numbers(each, _OUTPUT), None),
        name if isinstance(name, str) else "",
        created if isinstance(created, int | str) else 0,
        tuple(one for one in methods if isinstance(one, str)) if isinstance(methods, list) else _ANSWERS,
    )


def _numbers(each: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> Iterator[int]:
    for path in paths:
        value: Any = each
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if type(value) is int and value > 0:
            yield value
