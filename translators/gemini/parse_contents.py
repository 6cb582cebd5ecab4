"""Reads `contents` and `systemInstruction`, in all the shapes that clients give them, as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from .. import ir
from ..wire import Fields
from .parse_parts import CallIds, parse_part
from .reading import extra, fields, left
from .words import ROLES


def parse_system(body: Fields) -> Iterator[ir.Message]:
    """A string, a content, a list of parts or of strings. Its role says nothing."""
    value = body.take("systemInstruction")
    if value is None or value in ("", [], {}):
        return
    content = _content(value, lambda: "systemInstruction")
    content.take("role")
    parts = tuple(_parts(content.take("parts"), lambda: "systemInstruction", CallIds()))
    if any(isinstance(part, ir.ToolCall | ir.ToolResult) for part in parts):
        raise content.fault("parts", "text", {})
    if any(part != ir.Text("") for part in parts):
        yield ir.Message("system", parts, extra=extra(left(content)))


def parse_contents(body: Fields) -> Iterator[ir.Message]:
    """A list of contents; one alone, a part alone and a string alone count as a list of one.

    Neighbouring contents of the model are one turn: google-genai's chats keep each chunk of a stream as a content.
    """
    value = body.take("contents", [])
    ids = CallIds()
    turn: list[ir.Part] = []
    for index, one in enumerate(value if type(value) is list else [value]):
        ids.turn(index)
        path = lambda index=index: f"contents[{index}]"  # noqa: E731
        role, wire, rest = _turn(one, path)
        parts = tuple(_parts(wire, path, ids))
        if role == "assistant" and rest is None:
            turn += parts
            continue
        if turn:
            yield from _model_turns(turn, None)
            turn = []
        yield from _messages(role, parts, rest)
    if turn:
        yield from _model_turns(turn, None)


def _turn(value: Any, path: Callable[[], str]) -> tuple[ir.Role, Any, ir.Extra | None]:
    """Role, parts unread, and what else a content says."""
    if type(value) is dict and value.keys() <= _USUAL:
        known = ROLES.get(str(value.get("role")))
        if known:
            return known, value.get("parts"), None
    content = _content(value, path)
    role = content.word("role", ROLES, "user") if content.left().get("role") != "" else "user"
    parts = content.take("parts")
    content.take("role")
    return role, parts, extra(left(content))


_USUAL = {"role", "parts"}


def _content(value: Any, path: Callable[[], str]) -> Fields:
    if isinstance(value, str):
        value = {"parts": [{"text": value}]}
    elif isinstance(value, list):
        value = {"parts": value}
    elif isinstance(value, dict) and value and not value.keys() & _USUAL:
        value = {"parts": [value]}
    return fields(value, path)


def _parts(value: Any, path: Callable[[], str], ids: CallIds) -> Iterator[ir.Part]:
    def place() -> str:
        return f"{path()}.parts"

    for index, part in enumerate(value if type(value) is list else [] if value is None else [value]):
        if type(part) is dict and len(part) == 1 and type(part.get("text")) is str:
            yield ir.Text(part["text"])  # by far the most common part
            continue
        wire = {"text": part} if isinstance(part, str) else part
        yield from parse_part(fields(wire, place, index), ids)


def _messages(role: ir.Role, parts: tuple[ir.Part, ...], rest: ir.Extra | None) -> Iterator[ir.Message]:
    """Results come in messages of their own: before a user's other parts, in their place in a model's turn."""
    if role == "assistant":
        yield from _model_turns(parts, rest)
        return
    results = tuple([part for part in parts if isinstance(part, ir.ToolResult)])
    others = tuple([part for part in parts if not isinstance(part, ir.ToolResult)]) if results else parts
    if results:
        yield ir.Message("tool", results, extra=None if others else rest)
    if others or not results:
        yield ir.Message(role, others, extra=rest)


def _model_turns(parts: Sequence[ir.Part], rest: ir.Extra | None) -> Iterator[ir.Message]:
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


def _joined(parts: Sequence[ir.Part]) -> Iterator[ir.Part]:
    """Pieces of one text or thought made one again: SDKs keep each chunk of a stream as a part of its own.

    "Don't concatenate parts with signatures together": a seal ends the thought it stands on.
    """
    last: ir.Part | None = None
    pieces: list[str] = []
    for part in parts:
        if last is not None and _joins(last, part):
            pieces.append(getattr(part, "text", ""))
            if isinstance(last, ir.Reasoning) and isinstance(part, ir.Reasoning):
                last = replace(last, opaque=part.opaque)
            continue
        if last is not None:
            yield _whole(last, pieces)
        last, pieces = part, []
    if last is not None:
        yield _whole(last, pieces)


def _joins(last: ir.Part, part: ir.Part) -> bool:
    if isinstance(last, ir.Text) and isinstance(part, ir.Text):
        return last.extra is None and part.extra is None
    if isinstance(last, ir.Reasoning) and isinstance(part, ir.Reasoning):
        unsealed = last.opaque is None and last.extra is None and part.extra is None
        return unsealed and last.summary and part.summary
    return False


def _whole(part: ir.Part, pieces: list[str]) -> ir.Part:
    if pieces and isinstance(part, ir.Text | ir.Reasoning):
        return replace(part, text=part.text + "".join(pieces))
    return part
