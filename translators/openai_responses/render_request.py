"""Writes a request to ``POST /responses``."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from ..ir import Json, Message, Request, ResponseFormat, Text, Thinking
from ..thinking import effort_of
from ..wire import compact, extra_of
from .render_input import render_input
from .render_tools import render_tool_choice, render_tools
from .words import ENDPOINT, LOGPROBS, NAME, SEALED, TIERS

_REASONS = re.compile(r"(?!.*chat)(?:.*/)?(?:o\d|gpt-[5-9]|codex)")
"""Models of OpenAI's that reason unasked. Others answer 400: "Encrypted content is not supported with this model." """
_MAX_USER = 64
"""Characters of a `safety_identifier`; 128 with the newest servers."""


def endpoint(request: Request) -> str:
    return ENDPOINT


def render_request(request: Request) -> Json:
    """The body. What this format itself said and nobody has a word for is merged back."""
    own = extra_of(request.extra, NAME)
    store = _store(request)
    instructions, messages = _instructions(request.messages)
    body = {
        "model": request.model,
        "instructions": instructions,
        "input": render_input(messages, store is not False),
        "store": store,
        "include": _include(request, own) or None,
        **render_settings(request),
        "stream": request.stream or None,
        "prompt_cache_key": request.prompt_cache_key or None,
        "previous_response_id": request.previous_response_id or None,
        "safety_identifier": _user(request.user) if request.user else None,
    }
    return _merged(compact(body), {key: value for key, value in own.items() if key != "include"})


def render_settings(request: Request) -> Json:
    """The fields that stand in a request and again in its answer; None where nothing was said."""
    return {
        "max_output_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_logprobs": request.top_logprobs,
        "reasoning": _render_thinking(request.thinking) if request.thinking else None,
        "text": _render_text(request),
        "tools": render_tools(request.tools) or None,
        "tool_choice": render_tool_choice(request.tool_choice, request.tools) if request.tool_choice else None,
        "parallel_tool_calls": request.parallel_tool_calls,
        "metadata": dict(request.metadata) or None,
        "service_tier": TIERS.get(request.service_tier, request.service_tier) or None,
    }


def _store(request: Request) -> bool | None:
    """Unsaid means yes here and no everywhere else: a client of another format leaves nothing behind unasked."""
    return request.store if _is_native(request) or request.store is not None else False


def _is_native(request: Request) -> bool:
    return request.extra is not None and request.extra.format == NAME


def _instructions(messages: tuple[Message, ...]) -> tuple[str | None, tuple[Message, ...]]:
    """The system message at the head, if something follows it: without any `input` a request is refused."""
    head = messages[0] if len(messages) > 1 else None
    if head is None or head.role != "system" or head.extra or not head.parts:
        return None, messages
    texts = [part.text for part in head.parts if isinstance(part, Text) and not part.extra]
    return ("\n\n".join(texts), messages[1:]) if len(texts) == len(head.parts) else (None, messages)


def _include(request: Request, own: Json) -> list[str]:
    """Sealed reasoning wherever the model reasons: without a store it lives on only if the client can send it back."""
    include = list(own.get("include", ()))
    if request.sealed_reasoning or (_thinks(request) and not _is_native(request)):
        include.append(SEALED)
    if request.logprobs or request.top_logprobs:
        include.append(LOGPROBS)
    return include


def _thinks(request: Request) -> bool:
    """Whether the client asked for reasoning; where it said nothing, whether the model reasons of its own accord."""
    if request.thinking:
        return effort_of(request.thinking) != "none"
    return bool(_REASONS.match(request.model))


def _render_thinking(thinking: Thinking) -> Json | None:
    summary = thinking.summary or ("auto" if thinking.show else None)
    return compact({"effort": effort_of(thinking), "summary": summary}) or None


def _render_text(request: Request) -> Json | None:
    format = _render_format(request.response_format) if request.response_format else None
    return compact({"format": format, "verbosity": request.verbosity or None}) or None


def _render_format(format: ResponseFormat) -> Json:
    if format.schema is None:
        return {"type": "json_object"}
    return compact(
        {
            "type": "json_schema",
            "name": format.name or "response",
            "description": format.description or None,
            "schema": format.schema,
            "strict": format.strict,
        }
    )


def _user(user: str) -> str:
    """OpenAI recommends hashing; here only an id that is too long, always to the same digest."""
    return user if len(user) <= _MAX_USER else hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()


def _merged(body: Json, own: Json) -> Json:
    """`own` over `body`, objects within objects too (`text.format`, `reasoning`)."""
    for key, value in own.items():
        body[key] = _merged(dict(body[key]), value) if _both_objects(body.get(key), value) else value
    return body


def _both_objects(one: Any, other: Any) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)
