"""A list of models in the shape of the asking client, page by page where its format has pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .model_info import ModelInfo
from .requests import Refused

_OWNERS = {"gemini": "google", "vertex": "google", "qwen": "alibaba"}
EPOCH = "1970-01-01T00:00:00Z"
"""A model's age, where nobody says it: the formats ask for one."""
LARGEST_PAGE = 1000


def openai_model(model: ModelInfo) -> dict[str, Any]:
    """The limits under the names that clients of OpenRouter, Groq and their like read; OpenAI itself has none."""
    owner = _OWNERS.get(model.provider, model.provider)
    created = model.created if isinstance(model.created, int) else _seconds(model.created)
    limits = {
        "context_window": model.context,
        "context_length": model.context,
        "max_output_tokens": model.output,
    }
    said = {name: value for name, value in limits.items() if value}
    return {"id": model.id, "object": "model", "created": created, "owned_by": owner, **said}


def _seconds(moment: str) -> int:
    try:
        return int(datetime.fromisoformat(moment).timestamp())
    except ValueError:
        return 0


def anthropic_model(model: ModelInfo) -> dict[str, Any]:
    created = model.created
    if isinstance(created, int):
        created = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if created else EPOCH
    limits = {"max_input_tokens": model.context, "max_tokens": model.output}
    said = {name: value for name, value in limits.items() if value}
    return {"type": "model", "id": model.id, "display_name": model.name or model.id, "created_at": created, **said}


def gemini_model(model: ModelInfo) -> dict[str, Any]:
    limits = {"inputTokenLimit": model.context, "outputTokenLimit": model.output}
    said = {name: value for name, value in limits.items() if value}
    shown = {"name": f"models/{model.id}", "displayName": model.name or model.id, **said}
    return {**shown, "supportedGenerationMethods": list(model.methods)}


def openai_list(models: Sequence[ModelInfo], query: Mapping[str, str]) -> dict[str, Any]:
    if "client_version" in query:
        # Codex. An entry of ours would replace its own, and with it prompts that we don't have; none leaves all as is.
        return {"models": []}
    return {"object": "list", "data": [openai_model(model) for model in models]}


def anthropic_list(models: Sequence[ModelInfo], query: Mapping[str, str]) -> dict[str, Any]:
    """https://docs.claude.com/en/api/models-list; without a limit all, for clients that know of no pages."""
    limit = _size(query, "limit") or len(models)
    if "before_id" in query:
        end = _place(models, query, "before_id")
        begin, more = max(0, end - limit), end > limit
    else:
        begin = _place(models, query, "after_id") + 1 if "after_id" in query else 0
        end = min(len(models), begin + limit)
        more = end < len(models)
    page = models[begin:end]
    first, last = (page[0].id, page[-1].id) if page else (None, None)
    return {"data": [anthropic_model(m) for m in page], "has_more": more, "first_id": first, "last_id": last}


def gemini_list(models: Sequence[ModelInfo], query: Mapping[str, str]) -> dict[str, Any]:
    """https://ai.google.dev/api/models; a page's token is the last model of the page before."""
    begin = _place(models, query, "pageToken") + 1 if query.get("pageToken") else 0
    end = begin + (_size(query, "pageSize") or len(models))
    page = models[begin:end]
    more = {"nextPageToken": page[-1].id} if page and end < len(models) else {}
    return {"models": [gemini_model(model) for model in page], **more}


def _size(query: Mapping[str, str], name: str) -> int:
    """0 where none is asked for. Raises `Refused`."""
    said = query.get(name, "")
    if not said or said == "0":
        return 0
    if not said.isdecimal() or int(said) > LARGEST_PAGE:
        raise Refused(400, f"{name} must be a whole number from 1 to {LARGEST_PAGE}, not {said!r}.", name)
    return int(said)


def _place(models: Sequence[ModelInfo], query: Mapping[str, str], name: str) -> int:
    for place, model in enumerate(models):
        if model.id == query[name]:
            return place
    raise Refused(400, f"{name}: there is no model {query[name]!r} to begin at.", name)


type Shape = Callable[[ModelInfo], dict[str, Any]]
type ListShape = Callable[[Sequence[ModelInfo], Mapping[str, str]], dict[str, Any]]

SHAPES: dict[str, Shape] = {"openai_chat": openai_model, "anthropic": anthropic_model, "gemini": gemini_model}
LISTS: dict[str, ListShape] = {"openai_chat": openai_list, "anthropic": anthropic_list, "gemini": gemini_list}
