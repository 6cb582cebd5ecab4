"""Reads the parts of an answer as events."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from .. import ir, wire
from ..ir import Json
from ..lenient import text
from ..wire import Fields
from .parse_grounding import citations
from .parse_parts import CallIds, parse_part
from .partial import PartialArguments
from .seals import open_seal
from .words import NAME, camel


class PartEvents:
    """The parts of a candidate as events: what is open now, and the calls so far."""

    def __init__(self) -> None:
        self.id = ""
        self.open_calls = 0
        self._calls = 0
        self._last = ""
        self._text: list[str] = []
        self._seal: ir.Opaque | None = None
        self._partial: PartialArguments | None = None
        self._ids = CallIds()

    def read(self, part: Json, logprobs: tuple[ir.TokenLogprob, ...]) -> Iterator[ir.Event]:
        if "text" not in part and "functionCall" not in part:
            part = camel(part)
        call = part.get("functionCall")
        if type(call) is dict:
            yield from self._call(camel(call), text(part.get("thoughtSignature")))
        elif type(part.get("text")) is str or set(part) <= {"thought", "thoughtSignature"}:
            yield from self._read_text(part, logprobs)
        else:
            yield from self._read_block(part)

    def end(self, candidate: Json) -> Iterator[ir.Event]:
        """What is still open; sources go to the text before the seal that came with its end."""
        yield from self._end_call()
        if self._last == "text":
            for citation in citations(candidate, "".join(self._text)):
                yield ir.Cite(citation)
        yield from self._switch("")

    def _read_text(self, part: Json, logprobs: tuple[ir.TokenLogprob, ...]) -> Iterator[ir.Event]:
        """A text's signature stands for the reasoning behind it: a redacted thought in the IR, after the text."""
        said, thought = text(part.get("text")), part.get("thought") is True
        sealed = open_seal(text(part.get("thoughtSignature"))) if part.get("thoughtSignature") else None
        if thought:
            if said or sealed:
                yield from self._switch("thought")
            if said:
                yield ir.ReasoningDelta(said, summary=True)
            if sealed:
                yield ir.ReasoningEnd(sealed)
                self._last = ""
            return
        if said or logprobs:
            yield from self._switch("text")
            self._text.append(said)
            yield ir.TextDelta(said, logprobs)
        if sealed:
            if self._last != "text":
                yield from self._switch("")
            self._seal = sealed

    def _switch(self, kind: str) -> Iterator[ir.Event]:
        """Ends what is open, unless it is of this kind and unsealed."""
        if self._last == "thought" and kind != "thought":
            yield ir.ReasoningEnd()
        if self._seal:
            yield ir.ReasoningEnd(self._seal)
            self._seal, self._last = None, ""
        if kind == "text" and self._last != "text":
            self._text = []
        self._last = kind

    # -- calls

    def _call(self, call: Json, signature: str) -> Iterator[ir.Event]:
        """``name`` begins a call; pieces of its arguments follow while ``willContinue``; ``{}`` ends it."""
        name = text(call.get("name"))
        if not name and self._partial:
            self._partial.feed(call.get("partialArgs"))
            if call.get("willContinue") is not True:
                yield from self._end_call()
            return
        if not name and not call:
            return
        yield from self._end_call()
        yield from self._switch("call")
        name = name or f"tool_{self._calls}"
        arguments = wire.dumps(call["args"]).decode() if call.get("args") is not None else "{}"
        id = text(call.get("id")) or self._minted(name, arguments)
        yield ir.ToolCallStart(self._calls, id, name, opaque=open_seal(signature) if signature else None)
        self._calls += 1
        self.open_calls += 1
        if call.get("willContinue") is True or call.get("partialArgs"):
            self._partial = PartialArguments()
            self._partial.feed(call.get("partialArgs"))
        if call.get("willContinue") is not True:
            yield from self._end_call(arguments)

    def _end_call(self, arguments: str = "") -> Iterator[ir.Event]:
        if self._partial:
            arguments = wire.dumps(self._partial.arguments()).decode()
        if arguments:
            yield ir.ToolCallDelta(self._calls - 1, arguments)
            yield ir.ToolCallEnd(self._calls - 1)
        self._partial = None

    def _minted(self, name: str, arguments: str) -> str:
        """Unlike the ids of other answers in the conversation, and the same whenever this answer is read."""
        unique = self.id or f"{zlib.crc32((name + arguments).encode('utf-8', 'replace')):08x}"
        return f"call_{unique}_{self._calls}"

    # -- blocks

    def _read_block(self, part: Json) -> Iterator[ir.Event]:
        if "functionResponse" in part:
            # A tool that Google called at an MCP server: the call is not the client's to answer.
            self.open_calls -= 1
            blocks: list[Any] = [_foreign(part)]
        else:
            try:
                blocks = list(parse_part(Fields(part), self._ids))
            except ir.BadRequest:
                blocks = [_foreign(part)]
        for block in blocks:
            yield from self._switch("block")
            yield ir.Block(block)


def _foreign(part: Json) -> ir.Foreign:
    kind = next((key for key in part if key not in ("thought", "thoughtSignature")), "")
    return ir.Foreign(NAME, kind, part)
