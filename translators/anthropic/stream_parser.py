"""Reads a streamed answer: message, blocks and their deltas → events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .. import ir, sse
from ..ir import Json
from ..lenient import items, mapping, text
from ..wire import loads
from .arguments import json_text
from .builtins import parse_builtin
from .citations import parse_citation
from .errors import parse_error
from .usage import Tally
from .words import FINISH, NAME, REDACTED, settled

type _Events = list[ir.Event]


class Decoder(sse.Decoder):
    """Reads also JSON that stands bare in the stream: so some servers break off with an error."""

    def __init__(self) -> None:
        super().__init__()
        self._bare = False

    def _line(self, line: str) -> sse.ServerSentEvent | None:
        self._bare = bool(line) and (self._bare or (line[0] == "{" and not self._data))
        return super()._line(f"data: {line}" if self._bare else line)


@dataclass(slots=True)
class _Open:
    """A block that has begun. `call`: its number if it is a tool call. `begins`: where in the text it does."""

    kind: str
    wire: Json
    call: int = -1
    begins: int = 0
    pieces: list[str] = field(default_factory=list)
    signature: str = ""
    citations: list[Json] = field(default_factory=list)


class StreamParser:
    """See `formats.StreamParser`. Servers that send whole blocks at their start are understood too."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._blocks: dict[Any, _Open] = {}
        self._calls = 0
        self._text = 0
        """Characters of the text that neighbouring text blocks make: to us they are one."""
        self._started = self._ended = False
        self._stop: Json = {}

    def feed(self, event: sse.ServerSentEvent) -> Iterable[ir.Event]:
        if self._ended:
            return ()
        if event.data.strip() == "[DONE]":
            return self._finish() if self._stop else ()
        try:
            data = loads(event.data)
        except ValueError as fault:
            raise ir.BadAnswer(f"An event of the stream is no JSON: {fault}") from None
        return self.read(mapping(data), event.event)

    def read(self, data: Json, name: str = "") -> Iterable[ir.Event]:
        """One event, parsed. `name`: its ``event:`` line."""
        type_ = text(data.get("type")) or name
        if type_ == "error" or type(data.get("error")) in (dict, str):
            return self._error(data)
        handler = _EVENTS.get(type_)
        return handler(self, data) if handler else ()

    def close(self) -> Iterable[ir.Event]:
        """A stop reason without ``message_stop`` is an end, nothing at all is none."""
        if self._ended:
            return ()
        if self._stop:
            return self._finish()
        self._ended = True
        return [ir.Error(502, "The provider's stream ended early: there was no message_stop.")]

    def _message_start(self, data: Json) -> _Events:
        message = mapping(data.get("message"))
        self._tally.add(message.get("usage"))
        if self._started:
            return []
        self._started = True
        return [ir.Start(text(message.get("id")), text(message.get("model")), usage=self._tally.usage())]

    def _message_delta(self, data: Json) -> _Events:
        """More than one may come; some servers send the counts alone."""
        self._tally.add(data.get("usage"))
        delta = mapping(data.get("delta"))
        if text(delta.get("stop_reason")):
            self._stop = delta
        return []

    def _message_stop(self, _: Json) -> _Events:
        return self._finish()

    def _ping(self, _: Json) -> _Events:
        return [ir.Ping()]

    def _message(self, message: Json) -> _Events:
        """A whole answer where a stream was expected."""
        events = self._message_start({"message": message})
        for index, block in enumerate(items(message.get("content"))):
            events += self._block_start({"index": index, "content_block": block})
            events += self._block_stop({"index": index})
        return [*events, *self._message_delta({"delta": message}), *self._finish()]

    def _error(self, data: Json) -> _Events:
        self._ended = True
        return [parse_error(200, data)]

    def _finish(self) -> _Events:
        events: _Events = [] if self._started else self._message_start({})
        for index in tuple(self._blocks):
            events += self._block_stop({"index": index})
        self._ended = True
        reason = settled(FINISH.get(text(self._stop.get("stop_reason")), "stop"), self._calls > 0)
        hit = self._stop.get("stop_sequence")
        sequence = hit if isinstance(hit, str) else None
        return [*events, ir.Finish(reason, self._tally.usage(), sequence, self._tally.service_tier)]

    # -- blocks -------------------------------------------------------------------------

    def _block_start(self, data: Json) -> _Events:
        events: _Events = [] if self._started else self._message_start({})
        index = _index(data)
        if index in self._blocks:
            events += self._block_stop(data)
        wire = mapping(data.get("content_block"))
        kind = text(wire.get("type"))
        self._blocks[index] = block = _Open(kind, wire)
        if kind == "text":
            return events + self._start_text(block)
        self._text = 0
        if kind == "thinking":
            block.signature = text(wire.get("signature"))
            return [*events, *_said(text(wire.get("thinking")))]
        return [*events, self._start_call(block)] if kind == "tool_use" else events

    def _start_text(self, block: _Open) -> _Events:
        block.begins, block.citations = self._text, [c for c in items(block.wire.get("citations")) if type(c) is dict]
        return self._add_text(text(block.wire.get("text")))

    def _add_text(self, said: str) -> _Events:
        self._text += len(said)
        return [ir.TextDelta(said)] if said else []

    def _start_call(self, block: _Open) -> ir.Event:
        block.call, self._calls = self._calls, self._calls + 1
        id, name = text(block.wire.get("id")), text(block.wire.get("name"))
        return ir.ToolCallStart(block.call, id or f"toolu_{block.call}", name or f"tool_{block.call}")

    def _block_delta(self, data: Json) -> _Events:
        delta = mapping(data.get("delta"))
        kind = text(delta.get("type"))
        block = self._blocks.get(_index(data))
        if block is None:
            if kind not in _IMPLIED:
                return []
            events = self._block_start({"index": data.get("index"), "content_block": {"type": _IMPLIED[kind]}})
            return events + self._block_delta(data)
        match kind:
            case "text_delta" if block.kind == "text":
                return self._add_text(text(delta.get("text")))
            case "input_json_delta":
                return _add_json(block, text(delta.get("partial_json")))
            case "thinking_delta" if block.kind == "thinking":
                return _said(text(delta.get("thinking")))
            case "signature_delta":
                block.signature += text(delta.get("signature"))
            case "citations_delta" if block.kind == "text" and type(delta.get("citation")) is dict:
                block.citations.append(delta["citation"])
            case _:
                block.wire = _grown(block.wire, delta)
        return []

    def _block_stop(self, data: Json) -> _Events:
        block = self._blocks.pop(_index(data), None)
        if block is None:
            return []
        if block.kind == "text":
            return [ir.Cite(parse_citation(one, block.begins, self._text)) for one in block.citations]
        self._text = 0
        return _stop(block)


_EVENTS: dict[str, Callable[[StreamParser, Json], _Events]] = {
    "message_start": StreamParser._message_start,
    "content_block_start": StreamParser._block_start,
    "content_block_delta": StreamParser._block_delta,
    "content_block_stop": StreamParser._block_stop,
    "message_delta": StreamParser._message_delta,
    "message_stop": StreamParser._message_stop,
    "message": StreamParser._message,
    "ping": StreamParser._ping,
}
_IMPLIED = {"text_delta": "text", "thinking_delta": "thinking"}
"""The kind of a block whose start never came. (Arguments without a call belong to nothing.)"""


def _index(data: Json) -> int:
    index = data.get("index")
    return index if type(index) is int else 0


def _said(thought: str) -> _Events:
    return [ir.ReasoningDelta(thought)] if thought else []


def _add_json(block: _Open, piece: str) -> _Events:
    if not piece:
        return []
    block.pieces.append(piece)
    return [ir.ToolCallDelta(block.call, piece)] if block.call >= 0 else []


def _grown(wire: Json, delta: Json) -> Json:
    """A block that only Anthropic has words for: its text grows (``compaction_delta``), other fields are set."""
    more = {key: value for key, value in delta.items() if key != "type" and value is not None}
    said = {key: text(wire.get(key)) + value if isinstance(value, str) else value for key, value in more.items()}
    return {**wire, **said}


def _stop(block: _Open) -> _Events:
    match block.kind:
        case "thinking":
            return [ir.ReasoningEnd(ir.Opaque(NAME, block.signature) if block.signature else None)]
        case "redacted_thinking":
            return [ir.ReasoningEnd(ir.Opaque(NAME, text(block.wire.get("data")), REDACTED))]
        case "tool_use":
            return _stop_call(block)
        case "":
            return []
    return [_whole(block)]


def _stop_call(block: _Open) -> _Events:
    """Where no arguments streamed they stood at the start, or are none."""
    end = ir.ToolCallEnd(block.call)
    if block.pieces:
        return [end]
    return [ir.ToolCallDelta(block.call, json_text(mapping(block.wire.get("input")))), end]


def _whole(block: _Open) -> ir.Block:
    wire = block.wire
    if block.pieces:
        try:
            wire = {**wire, "input": loads("".join(block.pieces))}
        except ValueError:
            wire = {**wire, "input": {"_raw_arguments": "".join(block.pieces)}}
    return ir.Block(parse_builtin(wire) or ir.Foreign(NAME, block.kind, wire))
