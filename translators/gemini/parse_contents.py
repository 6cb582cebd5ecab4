"""Reads `contents` and `systemInstruction`, in all the shapes that clients give them, as messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .. import ir
from ..wire import Fields
from .parse_parts import CallIds, parse_part
from .reading import at, extra, fields, left
from .words import ROLES


def parse_system(body: Fields) -> Iterator[ir.Message]:
    """A string, a content, a list of parts or of strings. Its role says nothing."""
    value = body.take("systemInstruction")
    if value is None or value in ("", [], {}):
        return
    content = _content(value, at(body, "systemInstruction"))
    content.take("role")
    parts = tuple(_parts(content, CallIds()))
    if any(isinstance(part, ir.ToolCall | ir.ToolResult) for part in parts):
        raise content.fault("parts", "text", {})
    if parts:
        yield ir.Message("system", parts, extra=extra(left(content)))


def parse_contents(body: Fields) -> Iterator[ir.Message]:
    """A list of contents; one alone, a part alone and a string alone count as a list of one."""
    value = body.take("contents", [])
    ids = CallIds()
    for index, one in enumerate(value if type(value) is list else [value]):
        ids.turn(index)
        content = _content(one, f"{at(body, 'contents')}[{index}]")
        role = _role(content)
        parts = tuple(_parts(content, ids))
        yield from _messages(role, parts, content)


def _role(content: Fields) -> ir.Role:
    return content.word("role", ROLES, "user") if content.left().get("role") != "" else "user"


def _content(value: Any, path: str) -> Fields:
    if isinstance(value, str):
        value = {"parts": [{"text": value}]}
    elif isinstance(value, list):
        value = {"parts": value}
    elif isinstance(value, dict) and value and not value.keys() & {"parts", "role"}:
        value = {"parts": [value]}
    return fields(value, path)


def _parts(content: Fields, ids: CallIds) -> Iterator[ir.Part]:
    value = content.take("parts", [])
    for index, part in enumerate(value if type(value) is list else [value]):
        wire = {"text": part} if isinstance(part, str) else part
        yield from parse_part(fields(wire, lambda index=index: f"{content.path}.parts[{index}]"), ids)  # type: ignore[misc]


def _messages(role: ir.Role, parts: tuple[ir.Part, ...], content: Fields) -> Iterator[ir.Message]:
    """Results come in messages of their own: before a user's other parts, in their place in a model's turn."""
    rest = extra(left(content))
    if role == "assistant":
        yield from _model_turns(parts, rest)
        return
    results = tuple(part for part in parts if isinstance(part, ir.ToolResult))
    others = tuple(part for part in parts if not isinstance(part, ir.ToolResult))
    if results:
        yield ir.Message("tool", results, extra=None if others else rest)
    if others or not results:
        yield ir.Message(role, others, extra=rest)


def _model_turns(parts: tuple[ir.Part, ...], rest: ir.Extra | None) -> Iterator[ir.Message]:
    if not any(isinstance(part, ir.ToolResult) for part in parts):
        yield ir.Message("assistant", tuple(_joined(parts)), extra=rest)
        return
    run: list[ir.Part] = []
    for part in (*parts, None):
        if run and (part is None or isinstance(part, ir.ToolResult) != isinstance(run[-1], ir.ToolResult)):
            role: ir.Role = "tool" if isinstance(run[-1], ir.ToolResult) else "assistant"
            yield ir.Message(role, tuple(_joined(run)), extra=rest)
            run, rest = [], None
        if part is not None:
            run.append(part)


def _joined(parts: tuple[ir.Part, ...] | list[ir.Part]) -> Iterator[ir.Part]:
    """Pieces of one text or thought made one again: SDKs keep each chunk of a stream as a part of its own.

    "Don't concatenate parts with signatures together": a seal ends the thought it stands on.
    """
    last: ir.Part | None = None
    pieces: list[str] = []
    for part in parts:
        if last is not None and _joins(last, part):
            pieces.append(part.text)  # type: ignore[union-attr]
            last = replace(last, opaque=part.opaque) if isinstance(part, ir.Reasoning) else last  # type: ignore[call-arg]
            continue
        if last is not None:
            yield _whole(last, pieces)
        last, pieces = part, []
    if last is not None:
        yield _whole(last, pieces)


def _joins(last: ir.Part, part: ir.Part) -> bool:
    match last, part:
        case ir.Text(extra=None), ir.Text(extra=None):
            return True
        case ir.Reasoning(opaque=None, extra=None, summary=True), ir.Reasoning(extra=None, summary=True):
            return True
    return False


def _whole(part: ir.Part, pieces: list[str]) -> ir.Part:
    if pieces and isinstance(part, ir.Text | ir.Reasoning):
        return replace(part, text=part.text + "".join(pieces))
    return part
