"""Puts calls and results of a conversation in the one order that every provider accepts."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator
from dataclasses import replace

from . import ir
from .names import legal_id

MISSING = "(no result)"
"""What a call is answered with when its result is not in the conversation: providers refuse a call without one."""


def repaired(messages: tuple[ir.Message, ...]) -> tuple[ir.Message, ...]:
    """After an assistant's calls comes one `tool` message with a result for each, in the order of the calls.

    A result that stands later is moved up; of several for one call the last one counts; a missing one is
    made up; one without a call becomes the user's text, for it was meant to be read. The last turn's calls may
    still be open. Ids are made legal and unique, names filled in on results.
    """
    return tuple(_ordered(list(_unique(_turns(messages)))))


def _turns(messages: tuple[ir.Message, ...]) -> Iterator[ir.Message]:
    """Neighbouring assistant messages are one turn: some formats say each call in a message of its own."""
    turn: ir.Message | None = None
    for message in messages:
        if turn and turn.role == message.role == "assistant":
            turn = replace(turn, parts=turn.parts + message.parts)
            continue
        if turn:
            yield turn
        turn = message
    if turn:
        yield turn


def _unique(messages: Iterable[ir.Message]) -> Iterator[ir.Message]:
    """Ids legal, and not used by two calls: results belong to the call before them."""
    seen: dict[str, int] = {}
    current: dict[str, str] = {}
    for message in messages:
        parts: list[ir.Part] = []
        for part in message.parts:
            if isinstance(part, ir.ToolCall):
                count = seen[part.id] = seen.get(part.id, 0) + 1
                current[part.id] = legal_id(part.id if count == 1 else f"{part.id}_{count}")
                part = part if part.id == current[part.id] else replace(part, id=current[part.id])
            elif isinstance(part, ir.ToolResult):
                id = current.get(part.call_id) or legal_id(part.call_id)
                part = part if part.call_id == id else replace(part, call_id=id)
            parts.append(part)
        same = all(map(operator.is_, parts, message.parts))
        yield message if same else replace(message, parts=tuple(parts))


def _ordered(messages: list[ir.Message]) -> Iterator[ir.Message]:
    results = {part.call_id: part for message in messages for part in message.parts if isinstance(part, ir.ToolResult)}
    calls = {part.id for message in messages for part in message.parts if isinstance(part, ir.ToolCall)}
    for index, message in enumerate(messages):
        if message.role == "tool":
            orphans = [part for part in message.parts if isinstance(part, ir.ToolResult) and part.call_id not in calls]
            yield from (ir.Message("user", _readable(orphan)) for orphan in orphans)
            continue
        yield message
        made = [part for part in message.parts if isinstance(part, ir.ToolCall)]
        if made and (index + 1 < len(messages) or any(call.id in results for call in made)):
            yield ir.Message("tool", tuple(_result(call, results.get(call.id)) for call in made))


def _readable(orphan: ir.ToolResult) -> tuple[ir.Part, ...]:
    return orphan.parts or (ir.Text(MISSING),)


def _result(call: ir.ToolCall, result: ir.ToolResult | None) -> ir.ToolResult:
    if result is None:
        return ir.ToolResult(call.id, (ir.Text(MISSING),), name=call.name, kind=call.kind)
    if result.name == call.name and result.kind == call.kind:
        return result
    return ir.ToolResult(call.id, result.parts, result.is_error, call.name, call.kind, result.cache, result.extra)
