"""Parts of a request → content blocks for Anthropic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import ir
from ..ir import Json
from ..wire import arguments_object, extra_of
from .builtins import render_call, render_result
from .caching import render_cache
from .citations import render_sealed
from .media import render_media
from .parse_blocks import stand_in_of
from .words import NAME, REDACTED


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a conversation can't go to this model. `foreign`: calls of other providers' own tools."""

    sealed: bool
    foreign: frozenset[str]


def render_parts(parts: Iterable[ir.Part], scope: Scope) -> Iterator[Json]:
    for part in parts:
        if block := render_part(part, scope):
            yield block


def render_part(part: ir.Part, scope: Scope) -> Json | None:
    """None where Anthropic would refuse the part."""
    match part:
        case ir.Text():
            return _text(part)
        case ir.Refusal():
            return {"type": "text", "text": part.text} if part.text.strip() else None
        case ir.Media():
            return render_media(part)
        case ir.Reasoning():
            return _reasoning(part, scope)
        case ir.ToolCall():
            return _tool_use(part)
        case ir.ToolResult():
            return _tool_result(part, scope)
        case ir.BuiltinCall():
            return None if part.id in scope.foreign else render_call(part)
        case ir.BuiltinResult():
            return None if part.call_id in scope.foreign else render_result(part)
        case ir.Foreign():
            return dict(part.value) if part.format == NAME else None


def _text(part: ir.Text) -> Json | None:
    """ "text content blocks must be non-empty", and "must contain non-whitespace text"."""
    if kept := stand_in_of(part):
        return {**kept, **render_cache(part.cache)}
    if not part.text.strip():
        return None
    block = {"type": "text", "text": part.text}
    if part.citations or part.cache or part.extra:
        block |= {**render_sealed(part.citations), **render_cache(part.cache), **extra_of(part.extra, NAME)}
    return block


def _reasoning(part: ir.Reasoning, scope: Scope) -> Json | None:
    """Anthropic takes back only what it signed. Servers that imitate it sign nothing and want their thoughts back."""
    opaque = part.opaque if part.opaque and part.opaque.format == NAME else None
    if opaque is None:
        return {"type": "thinking", "thinking": part.text, "signature": ""} if part.text and not scope.sealed else None
    if opaque.id == REDACTED:
        return {"type": REDACTED, "data": opaque.data, **extra_of(part.extra, NAME)}
    return {"type": "thinking", "thinking": part.text, "signature": opaque.data, **extra_of(part.extra, NAME)}


def _tool_use(part: ir.ToolCall) -> Json:
    input = {"input": part.arguments} if part.kind == "custom" else arguments_object(part.arguments)
    block: Json = {"type": "tool_use", "id": part.id, "name": part.name, "input": input}
    return {**block, **render_cache(part.cache), **extra_of(part.extra, NAME)}


def _tool_result(part: ir.ToolResult, scope: Scope) -> Json:
    block: Json = {"type": "tool_result", "tool_use_id": part.call_id}
    if content := list(render_parts(part.parts, scope)):
        block["content"] = content
    if part.is_error:
        block["is_error"] = True
    return {**block, **render_cache(part.cache), **extra_of(part.extra, NAME)}
