"""Writes the messages of a chat request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .. import ir, opaque
from .render_parts import merged, render_cache, render_content, with_extra
from .thoughts import render_thoughts
from .words import NAME

_ROLES: dict[ir.Role, str] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
"""OpenAI takes `system` for `developer` with every model; most other servers do not know `developer` at all."""
_SEEN = "(The tool's result is attached in the next message.)"


def render_messages(messages: Iterable[ir.Message]) -> Iterator[ir.Json]:
    for message in messages:
        if message.role == "tool":
            yield from _tool(message)
            continue
        if message.role == "assistant":
            rendered = _assistant(message)
        else:
            rendered = {"role": _ROLES[message.role], "content": render_content(message.parts)}
        if message.name:
            rendered["name"] = message.name
        yield merged(rendered, message.extra)


def _tool(message: ir.Message) -> Iterator[ir.Json]:
    """Media may not stand in a tool message: a user message brings them once all results are told."""
    shown: list[ir.Part] = []
    for result in message.parts:
        if not isinstance(result, ir.ToolResult):
            continue
        media = [part for part in result.parts if isinstance(part, ir.Media) and not part.text]
        if media:
            shown += [ir.Text(f"Result of tool call {result.call_id}:"), *media]
        yield _result(result, [part for part in result.parts if part not in media], bool(media))
    if shown:
        yield {"role": "user", "content": render_content(shown)}


def _result(result: ir.ToolResult, parts: list[ir.Text | ir.Media], shown: bool) -> ir.Json:
    """No `name`: OpenAI has none here, the id tells."""
    content = render_content(parts) or (_SEEN if shown else "")
    return with_extra({"role": "tool", "tool_call_id": result.call_id, "content": content}, result)


def _assistant(message: ir.Message) -> ir.Json:
    parts = message.parts
    content = render_content(parts)
    calls = [render_call(part, foreign=False) for part in parts if isinstance(part, ir.ToolCall)]
    refusal = "".join(part.text for part in parts if isinstance(part, ir.Refusal))
    thoughts = [part for part in parts if isinstance(part, ir.Reasoning)]
    rendered: ir.Json = {"role": "assistant", "content": content or (None if calls or refusal else "")}
    if refusal:
        rendered["refusal"] = refusal
    rendered |= render_thoughts(thoughts, foreign=False)
    if calls:
        rendered["tool_calls"] = calls
    return rendered


def render_call(call: ir.ToolCall, foreign: bool) -> ir.Json:
    """`foreign`: also a seal of another format, for a client to bring back."""
    rendered: ir.Json = {"id": call.id, "type": call.kind, call.kind: call_body(call.kind, call.name, call.arguments)}
    if call.opaque and (foreign or call.opaque.format == NAME):
        rendered["extra_content"] = seal_of_call(call.opaque)
    if call.cache:
        rendered["cache_control"] = render_cache(call.cache)
    return merged(rendered, call.extra)


def call_body(kind: ir.ToolKind, name: str, arguments: str) -> dict[str, Any]:
    return {"name": name, "arguments" if kind == "function" else "input": arguments}


def seal_of_call(seal: ir.Opaque) -> ir.Json:
    return {"google": {"thought_signature": seal.data if seal.format == NAME else opaque.pack(seal)}}
