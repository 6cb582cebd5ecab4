"""Parts of an answer → content blocks for a client."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..ir import Json
from ..opaque import pack
from ..wire import arguments_object, compact
from .builtins import render_call, render_result
from .citations import render_citation
from .media import placeholder
from .words import CALL_SEAL, NAME, REDACTED


def blocks_of(part: ir.Part) -> Iterator[Json]:
    match part:
        case ir.Text():
            if part.text or part.citations:
                citations = [render_citation(citation) for citation in part.citations]
                yield compact({"type": "text", "text": part.text, "citations": citations or None})
        case ir.Refusal():
            yield {"type": "text", "text": part.text}
        case ir.Reasoning():
            yield from _reasoning(part)
        case ir.ToolCall():
            yield from call_seal(part.id, part.opaque)
            input = {"input": part.arguments} if part.kind == "custom" else arguments_object(part.arguments)
            yield {"type": "tool_use", "id": part.id, "name": part.name, "input": input}
        case ir.Media() | ir.BuiltinCall() | ir.BuiltinResult() | ir.Foreign():
            yield from whole_block(part)
        case ir.ToolResult():
            raise TypeError("a tool result is no part of an answer")


def _reasoning(part: ir.Reasoning) -> Iterator[Json]:
    if part.text:
        yield {"type": "thinking", "thinking": part.text, "signature": seal(part.opaque)}
    elif part.opaque:
        yield sealed_block(part.opaque)


def whole_block(part: ir.Media | ir.BuiltinCall | ir.BuiltinResult | ir.Foreign) -> Iterator[Json]:
    """Blocks of another format's own are not for a client of this one."""
    match part:
        case ir.Media():
            yield {"type": "text", "text": placeholder(part)}
        case ir.BuiltinCall():
            yield render_call(part)
        case ir.BuiltinResult():
            yield render_result(part)
        case ir.Foreign() if part.format == NAME:
            yield part.value


def seal(opaque: ir.Opaque | None) -> str:
    """What stands in ``signature``: the client brings it back unread, whoever made it."""
    if opaque is None:
        return ""
    return opaque.data if opaque.format == NAME else pack(opaque)


def sealed_block(opaque: ir.Opaque) -> Json:
    """Reasoning of which nothing is shown. Anthropic itself says so in two ways: see `REDACTED`."""
    if opaque.format == NAME and opaque.id != REDACTED:
        return {"type": "thinking", "thinking": "", "signature": opaque.data}
    return {"type": REDACTED, "data": seal(opaque)}


def call_seal(call_id: str, opaque: ir.Opaque | None) -> Iterator[Json]:
    """A ``tool_use`` block has no place for a seal (Gemini's ``thoughtSignature``): it goes before, and back in
    `parse_blocks.with_call_seals`."""
    if opaque and opaque.format != NAME:
        id = f"{CALL_SEAL}{len(call_id)}:{call_id}{opaque.id}"
        yield {"type": REDACTED, "data": pack(ir.Opaque(opaque.format, opaque.data, id))}
