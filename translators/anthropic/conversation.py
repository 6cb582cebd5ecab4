"""The turns of a conversation in the order and the roles that Anthropic accepts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Literal, NamedTuple

from .. import ir
from ..ir import Json
from ..wire import extra_of
from .builtins import foreign_ids
from .models import Model
from .render_blocks import Scope, render_parts
from .words import NAME

type Place = Literal["system", "user", "assistant", "reminder"]
_SYSTEM = ("system", "developer")
_NO_PROMPT = "."
"""A conversation must hold a user's message with text in it; a system prompt alone is none."""


class Turn(NamedTuple):
    place: Place
    """`reminder`: a system message that must be said in a user's turn."""
    message: ir.Message


def split(messages: tuple[ir.Message, ...]) -> tuple[tuple[ir.Message, ...], tuple[ir.Message, ...]]:
    """What goes to ``system``, and the rest."""
    leading = tuple(takewhile(lambda message: message.role in _SYSTEM, messages))
    return leading, messages[len(leading) :]


def turns(messages: tuple[ir.Message, ...], model: Model) -> Iterator[Turn]:
    """`messages` without the leading system messages, each with the role it gets."""
    for index, message in enumerate(messages):
        if message.role not in _SYSTEM:
            yield Turn("assistant" if message.role == "assistant" else "user", message)
        elif _is_native(message) or (model.mid_system and _fits(messages, index)):
            yield Turn("system", message)
        else:
            yield Turn("reminder", message)


def _is_native(message: ir.Message) -> bool:
    """What only Anthropic has words for (``tool_addition``) was put there by who knows its rules."""
    return any(isinstance(part, ir.Foreign) and part.format == NAME for part in message.parts)


def _fits(messages: tuple[ir.Message, ...], index: int) -> bool:
    """A system message must follow a user's turn, or an assistant's that ends in server tool use, and must be last
    or before an assistant's turn. Neighbouring ones are one."""
    after = next((m.role for m in messages[index + 1 :] if m.role not in _SYSTEM), "assistant")
    before = next((m for m in reversed(messages[:index]) if m.role not in _SYSTEM), None)
    if before is None or after != "assistant":
        return False
    return before.role != "assistant" or isinstance(before.parts[-1] if before.parts else None, ir.BuiltinResult)


def render_system(messages: tuple[ir.Message, ...]) -> list[Json]:
    """Only text can stand there."""
    scope = Scope(True, frozenset())
    parts = [part for message in messages for part in message.parts if not isinstance(part, ir.Media)]
    return list(render_parts(parts, scope))


def render_messages(messages: tuple[ir.Message, ...], model: Model) -> list[Json]:
    """Neighbours of one role are one message: Anthropic would join them, and older versions refused them."""
    scope = Scope(model.sealed, foreign_ids(messages))
    wire: list[Json] = []
    for place, message in turns(messages, model):
        blocks = _reminder(message, scope) if place == "reminder" else list(render_parts(message.parts, scope))
        if blocks:
            _join(wire, "user" if place == "reminder" else place, blocks, extra_of(message.extra, NAME))
    for turn in wire:
        turn["content"] = _ordered(turn["role"], turn["content"])
    _trim_prefill(wire)
    return wire or [{"role": "user", "content": [{"type": "text", "text": _NO_PROMPT}]}]


def _join(wire: list[Json], role: str, blocks: list[Json], extra: Json) -> None:
    if wire and wire[-1]["role"] == role:
        wire[-1]["content"] += blocks
        wire[-1].update(extra)
    else:
        wire.append({"role": role, "content": blocks, **extra})


def _reminder(message: ir.Message, scope: Scope) -> list[Json]:
    """In its place, for moving it to the top would change the prompt's beginning and with it lose the cache.

    Claude is trained on this tag: instructions in a user's turn that are not the user's.
    """
    blocks = list(render_parts(message.parts, scope))
    for block in blocks:
        if block["type"] == "text":
            block["text"] = f"<system-reminder>\n{block['text']}\n</system-reminder>"
    return blocks


def _results_first(blocks: list[Json]) -> list[Json]:
    """ "tool_result blocks must come first in the content array. Any text must come after all tool results." """
    results = [block for block in blocks if block["type"] == "tool_result"]
    return results + [block for block in blocks if block["type"] != "tool_result"] if results else blocks


def _calls_last(blocks: list[Json]) -> list[Json]:
    """Text behind a call would part it from its result. Where there is none, the order of thoughts and calls stays."""
    types = [block["type"] for block in blocks]
    if "tool_use" not in types or "text" not in types[types.index("tool_use") :]:
        return blocks
    calls = [block for block in blocks if block["type"] == "tool_use"]
    return [block for block in blocks if block["type"] != "tool_use"] + calls


def _ordered(role: str, blocks: list[Json]) -> list[Json]:
    return _calls_last(blocks) if role == "assistant" else _results_first(blocks)


def _trim_prefill(wire: list[Json]) -> None:
    """ "final assistant content cannot end with trailing whitespace" """
    last = wire[-1] if wire else {}
    if last.get("role") == "assistant" and last["content"][-1]["type"] == "text":
        last["content"][-1]["text"] = last["content"][-1]["text"].rstrip()
