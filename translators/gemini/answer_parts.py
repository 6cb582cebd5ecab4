"""Writes the events of an answer as parts; streamed and whole answers are made of the same ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import ir
from ..ir import Json
from .render_grounding import Grounding
from .render_parts import render_call, render_code, render_code_result, render_media, render_text
from .seals import seal
from .words import NAME


@dataclass(slots=True)
class _Call:
    start: ir.ToolCallStart
    pieces: list[str] = field(default_factory=list)

    def part(self, sealed: ir.Opaque | None) -> Json:
        """Gemini has no partial arguments on this wire, so a call is sent when it is whole."""
        start, opaque = self.start, self.start.opaque or sealed
        return render_call(start.name, "".join(self.pieces), start.kind, start.id, seal(opaque) if opaque else "")


class AnswerParts:
    """Feed it every event but the head and the end; it returns the parts that are ready."""

    def __init__(self) -> None:
        self.grounding = Grounding()
        self._calls: dict[int, _Call] = {}
        self._seal: ir.Opaque | None = None
        self._thinking = False
        self._text: list[str] = []
        self._kind, self._number = "", -1

    def feed(self, event: ir.Event) -> list[Json]:
        match event:
            case ir.TextDelta() | ir.RefusalDelta():
                return self._said(event.text)
            case ir.ReasoningDelta():
                return self._thought(event.text)
            case ir.ReasoningEnd():
                return self._sealed(event.opaque)
            case ir.ToolCallStart():
                self._calls[event.index] = _Call(event)
            case ir.ToolCallDelta() if call := self._calls.get(event.index):
                call.pieces.append(event.arguments)
            case ir.ToolCallEnd() if call := self._calls.pop(event.index, None):
                return [self._called(call)]
            case ir.Block():
                return self._block(event.part)
            case ir.Cite():
                self._text = ["".join(self._text)]  # kept joined, for the next source
                self.grounding.cite(event.citation, self._text[0], max(self._number, 0))
        return []

    def flush(self) -> list[Json]:
        """The calls that nobody has ended, and a seal that found no call to ride on."""
        calls = [self._called(self._calls[index]) for index in sorted(self._calls)]
        self._calls = {}
        if self._seal:
            calls.append(render_text("", seal(self._seal)))
            self._seal = None
        return calls

    def _said(self, text: str) -> list[Json]:
        before = self.flush()
        if not text:
            return before
        if self._kind != "text":
            self._text = []
        self._begin("text")
        self._text.append(text)
        return [*before, render_text(text)]

    def _thought(self, text: str) -> list[Json]:
        before = self.flush()
        self._begin("thought")
        self._thinking = True
        return [*before, render_text(text, thought=True)] if text else before

    def _sealed(self, opaque: ir.Opaque | None) -> list[Json]:
        """A seal ends its thought. A foreign one without thoughts waits for the call behind it: all clients return
        the signature of a call, but some drop what has no text.
        """
        thinking, self._thinking = self._thinking, False
        if not opaque:
            return []
        if thinking or opaque.format == NAME:
            return [*self.flush(), render_text("", seal(opaque), thinking)]
        before = self.flush()
        self._seal = opaque
        return before

    def _called(self, call: _Call) -> Json:
        self._begin("call")
        sealed = None
        if not call.start.opaque:
            sealed, self._seal = self._seal, None
        return call.part(sealed)

    def _block(self, part: ir.Media | ir.BuiltinCall | ir.BuiltinResult | ir.Foreign) -> list[Json]:
        match part:
            case ir.Media():
                rendered = render_media(part)
            case ir.BuiltinCall(tool="code_execution"):
                rendered = render_code(part)
            case ir.BuiltinResult(tool="code_execution"):
                rendered = render_code_result(part)
            case ir.Foreign() if part.format == NAME:
                rendered = part.value
            case _:
                self.grounding.search(part)
                return []
        before = self.flush()
        self._begin("block")
        return [*before, rendered]

    def _begin(self, kind: str) -> None:
        """Counts parts as a whole answer has them: pieces of one text or thought are one."""
        self._thinking = self._thinking and kind == "thought"
        if kind != self._kind or kind not in ("text", "thought"):
            self._number += 1
        self._kind = kind
