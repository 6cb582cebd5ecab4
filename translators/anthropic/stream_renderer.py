"""Writes a streamed answer: events → message, blocks and their deltas, one block after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import ir, sse
from ..ir import Json
from ..wire import dumps
from .answer_blocks import call_seal, seal, sealed_block, whole_block
from .arguments import Closing
from .citations import render_citation
from .errors import render_error
from .usage import render_message_usage, render_usage
from .words import stop_reason


@dataclass(slots=True)
class _Block:
    """A block on its way to the client: what of it was not sent yet, and whether more of it can come."""

    start: Json
    deltas: list[Json] = field(default_factory=list)
    index: int = -1
    """Its number on the wire; -1: not begun."""
    done: bool = False

    @property
    def can_give_way(self) -> bool:
        """Something else waits: is all here that will come?"""
        return True


@dataclass(slots=True)
class _Call(_Block):
    custom: bool = False
    arguments: list[str] = field(default_factory=list)
    _closing: Closing = field(default_factory=Closing)

    def add(self, piece: str) -> None:
        self.arguments.append(piece)
        if not self.custom:
            self._closing.feed(piece)
            self.deltas.append({"type": "input_json_delta", "partial_json": piece})

    def end(self) -> None:
        """Freeform text is an object only when it is whole."""
        if self.custom and not self.done:
            text = dumps({"input": "".join(self.arguments)}).decode()
            self.deltas.append({"type": "input_json_delta", "partial_json": text})
        self.done = True

    @property
    def can_give_way(self) -> bool:
        """Not before the arguments are whole, for a block that was stopped can't be taken up again."""
        return self.done or (not self.custom and self._closing.closed)


class StreamRenderer:
    """Anthropic's blocks come one at a time, with rising indexes. So the first in line is sent as it grows, and those
    behind it (a parallel call whose pieces interleave) wait until it is whole."""

    def __init__(self, context: ir.Context) -> None:
        self._context = context
        self._line: deque[_Block] = deque()
        self._calls: dict[int, _Call] = {}
        self._next = 0
        self._started = self._ended = self._declined = False

    def feed(self, event: ir.Event) -> Iterable[bytes]:
        if self._ended:
            return ()
        if not self._started and not isinstance(event, ir.Start | ir.Error | ir.Ping):
            out = [*self._start(ir.Start("", "")), *_HANDLERS[type(event)](self, event)]
        else:
            out = list(_HANDLERS[type(event)](self, event))
        return (b"".join(out),) if out else ()

    # -- what is sent -------------------------------------------------------------------

    def _start(self, event: ir.Start) -> Iterator[bytes]:
        if self._started:
            return
        self._started = True
        message: Json = {
            "id": event.id or f"msg_{self._context.id}",
            "type": "message",
            "role": "assistant",
            "model": event.model or self._context.request.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": render_message_usage(event.usage),
        }
        yield _event("message_start", message=message)

    def _finish(self, event: ir.Finish) -> Iterator[bytes]:
        for call in self._calls.values():
            call.end()
        for block in self._line:
            block.done = True
        yield from self._send()
        self._ended = True
        delta = {
            "stop_reason": stop_reason(event, bool(self._calls), self._declined),
            "stop_sequence": event.stop_sequence,
        }
        yield _event("message_delta", delta=delta, usage=render_usage(event.usage, event.service_tier))
        yield _event("message_stop")

    def _error(self, event: ir.Error) -> Iterator[bytes]:
        self._ended = True
        yield sse.encode(dumps(render_error(event)).decode(), "error")

    def _ping(self, _: ir.Ping) -> Iterator[bytes]:
        yield _PING

    def _send(self) -> Iterator[bytes]:
        """All that can be sent by now."""
        while self._line:
            block = self._line[0]
            if block.index < 0:
                yield from self._open(block)
            for delta in block.deltas:
                yield _event("content_block_delta", index=block.index, delta=delta)
            block.deltas.clear()
            if not block.done and not (len(self._line) > 1 and block.can_give_way):
                return
            block.done = True
            yield _event("content_block_stop", index=block.index)
            self._line.popleft()

    def _open(self, block: _Block) -> Iterator[bytes]:
        """Anthropic sends a ping behind the first one; some clients take it for the sign that the stream lives."""
        block.index, self._next = self._next, self._next + 1
        yield _event("content_block_start", index=block.index, content_block=block.start)
        if block.index == 0:
            yield _PING

    # -- what comes ---------------------------------------------------------------------

    def _say(self, kind: str, delta: Json) -> Iterator[bytes]:
        """A delta for the open block of this kind, or for a new one."""
        last = self._line[-1] if self._line else None
        if last is None or last.done or last.start["type"] != kind:
            last = _Block(_EMPTY[kind])
            self._line.append(last)
        last.deltas.append(delta)
        return self._send()

    def _text(self, event: ir.TextDelta) -> Iterator[bytes]:
        return self._say("text", {"type": "text_delta", "text": event.text}) if event.text else iter(())

    def _refusal(self, event: ir.RefusalDelta) -> Iterator[bytes]:
        self._declined = True
        return self._say("text", {"type": "text_delta", "text": event.text}) if event.text else iter(())

    def _cite(self, event: ir.Cite) -> Iterator[bytes]:
        return self._say("text", {"type": "citations_delta", "citation": render_citation(event.citation)})

    def _reason(self, event: ir.ReasoningDelta) -> Iterator[bytes]:
        return self._say("thinking", {"type": "thinking_delta", "thinking": event.text}) if event.text else iter(())

    def _reason_end(self, event: ir.ReasoningEnd) -> Iterator[bytes]:
        """The seal comes once, behind the thought; without a thought it is a block of its own."""
        last = self._line[-1] if self._line else None
        if last and not last.done and last.start["type"] == "thinking":
            if sealed := seal(event.opaque):
                last.deltas.append({"type": "signature_delta", "signature": sealed})
            last.done = True
        elif event.opaque:
            self._line.append(_whole(sealed_block(event.opaque)))
        return self._send()

    def _call(self, event: ir.ToolCallStart) -> Iterator[bytes]:
        self._line.extend(_whole(block) for block in call_seal(event.id, event.opaque))
        start = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
        self._calls[event.index] = call = _Call(start, custom=event.kind == "custom")
        self._line.append(call)
        return self._send()

    def _call_delta(self, event: ir.ToolCallDelta) -> Iterator[bytes]:
        """For a call that was whole already nothing more can be said."""
        call = self._calls.get(event.index)
        if call and not call.done and event.arguments:
            call.add(event.arguments)
        return self._send()

    def _call_end(self, event: ir.ToolCallEnd) -> Iterator[bytes]:
        if call := self._calls.get(event.index):
            call.end()
        return self._send()

    def _block(self, event: ir.Block) -> Iterator[bytes]:
        self._line.extend(_whole(block) for block in whole_block(event.part))
        return self._send()


_HANDLERS: dict[type, Callable[[StreamRenderer, Any], Iterator[bytes]]] = {
    ir.Start: StreamRenderer._start,
    ir.TextDelta: StreamRenderer._text,
    ir.RefusalDelta: StreamRenderer._refusal,
    ir.Cite: StreamRenderer._cite,
    ir.ReasoningDelta: StreamRenderer._reason,
    ir.ReasoningEnd: StreamRenderer._reason_end,
    ir.ToolCallStart: StreamRenderer._call,
    ir.ToolCallDelta: StreamRenderer._call_delta,
    ir.ToolCallEnd: StreamRenderer._call_end,
    ir.Block: StreamRenderer._block,
    ir.Finish: StreamRenderer._finish,
    ir.Error: StreamRenderer._error,
    ir.Ping: StreamRenderer._ping,
}
_EMPTY: dict[str, Json] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}


def _whole(block: Json) -> _Block:
    """Anthropic streams what grows as deltas: text, thoughts' seals and the input of calls."""
    match block:
        case {"type": "text"}:
            return _Block(_EMPTY["text"], [{"type": "text_delta", "text": block["text"]}], done=True)
        case {"type": "thinking"}:
            delta = {"type": "signature_delta", "signature": block["signature"]}
            return _Block(_EMPTY["thinking"], [delta], done=True)
        case {"input": dict(input)}:
            delta = {"type": "input_json_delta", "partial_json": dumps(input).decode()}
            return _Block({**block, "input": {}}, [delta], done=True)
        case _:
            return _Block(block, done=True)


def _event(name: str, **fields: Any) -> bytes:
    return sse.encode(dumps({"type": name, **fields}).decode(), name)


_PING = _event("ping")
