"""Tells from the pieces of a streamed chat answer which tool call each belongs to: servers disagree on how to say it.

Seen: every parallel call under index 0 with an id of its own; no index; ``id: ""`` or another id on each
continuation; id or name late, null, repeated or never; the same name again on each piece; calls whole in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..lenient import mapping, text
from ..wire import dumps, loads
from .words import NAME


@dataclass(slots=True, eq=False)
class _Call:
    kind: ir.ToolKind = "function"
    id: str = ""
    name: str = ""
    opaque: ir.Opaque | None = None
    pieces: list[str] = field(default_factory=list)
    index: int | None = None
    """Its number in our answer, given when it is told."""

    def complete(self) -> bool:
        """The arguments so far are whole JSON: another object can't belong to them."""
        try:
            return bool(self.pieces) and isinstance(loads("".join(self.pieces)), dict)
        except ValueError:
            return False


class Calls:
    """A call is told once both its id and its name are known; `flush` tells the others under names of ours."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}
        self.told = 0

    def feed(self, piece: Any) -> Iterator[ir.Event]:
        """One entry of ``tool_calls``."""
        fields = mapping(piece)
        custom = fields.get("type") == "custom" or ("custom" in fields and "function" not in fields)
        inner = mapping(fields.get("custom" if custom else "function"))
        id, name, arguments = text(fields.get("id")), text(inner.get("name")), _arguments(inner)
        call = self._find(fields.get("index"), id, name, arguments)
        if custom:
            call.kind = "custom"
        call.id = call.id or id
        call.name = call.name or name
        call.opaque = call.opaque or _seal(fields)
        yield from self._add(call, arguments)

    def flush(self, prefix: str) -> Iterator[ir.Event]:
        """Tells what could not be told yet. `prefix` makes ids of ours unique in a conversation."""
        for call in self._calls:
            if call.index is None and (call.id or call.name or any(call.pieces)):
                call.id = call.id or f"call_{prefix}{self.told}"
                call.name = call.name or f"tool_{self.told}"
                yield from self._tell(call)

    def _add(self, call: _Call, arguments: str) -> Iterator[ir.Event]:
        if arguments:
            call.pieces.append(arguments)
        if call.index is not None:
            if arguments:
                yield ir.ToolCallDelta(call.index, arguments)
        elif call.id and call.name:
            yield from self._tell(call)

    def _tell(self, call: _Call) -> Iterator[ir.Event]:
        call.index, self.told = self.told, self.told + 1
        yield ir.ToolCallStart(call.index, call.id, call.name, call.kind, opaque=call.opaque)
        if call.pieces:
            yield ir.ToolCallDelta(call.index, "".join(call.pieces))

    def _find(self, index: Any, id: str, name: str, arguments: str) -> _Call:
        if type(index) is not int:
            known = self._calls[-1] if self._calls else None
            if known is None or (known.name and (name or id) and not (id and id == known.id)):
                return self._new(None)
            return known
        known = self._by_index.get(index)
        if known is None or _another(known, id, name, arguments):
            return self._new(index)
        return known

    def _new(self, index: int | None) -> _Call:
        call = _Call()
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call


def _another(known: _Call, id: str, name: str, arguments: str) -> bool:
    """Whether a piece under the index of a known call begins another."""
    if id and known.id and id != known.id:
        return bool(name) or known.complete()
    return bool(not id and name and known.name and arguments) and known.complete()


def _arguments(inner: ir.Json) -> str:
    value = inner.get("input" if "input" in inner else "arguments")
    return dumps(value).decode() if isinstance(value, dict) else text(value)


def _seal(fields: ir.Json) -> ir.Opaque | None:
    """Google: ``extra_content.google.thought_signature``."""
    if "extra_content" not in fields:
        return None
    signature = text(mapping(mapping(fields["extra_content"]).get("google")).get("thought_signature"))
    return ir.Opaque(NAME, signature) if signature else None
