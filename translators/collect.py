"""Assembles the events of an answer into the whole answer that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from . import ir


@dataclass(slots=True)
class _Text:
    pieces: list[str]
    logprobs: list[ir.TokenLogprob] = field(default_factory=list)
    citations: list[ir.Citation] = field(default_factory=list)

    def part(self) -> ir.Part:
        return ir.Text("".join(self.pieces), tuple(self.citations), tuple(self.logprobs))


@dataclass(slots=True)
class _Refusal:
    pieces: list[str]

    def part(self) -> ir.Part:
        return ir.Refusal("".join(self.pieces))


@dataclass(slots=True)
class _Reasoning:
    pieces: list[str]
    summary: bool = False
    opaque: ir.Opaque | None = None
    ended: bool = False

    def part(self) -> ir.Part:
        return ir.Reasoning("".join(self.pieces), self.opaque, self.summary)


@dataclass(slots=True)
class _Call:
    start: ir.ToolCallStart
    pieces: list[str] = field(default_factory=list)

    def part(self) -> ir.Part:
        start = self.start
        return ir.ToolCall(start.id, start.name, "".join(self.pieces), start.kind, start.namespace, start.opaque)


@dataclass(slots=True)
class _Whole:
    whole: ir.Part

    def part(self) -> ir.Part:
        return self.whole


type _Open = _Text | _Refusal | _Reasoning | _Call | _Whole


class Collector:
    """Feed it every event; `response` is the answer so far."""

    def __init__(self) -> None:
        self.start: ir.Start | None = None
        self.finish: ir.Finish | None = None
        self.error: ir.Error | None = None
        self._parts: list[_Open] = []
        self._calls: dict[int, _Call] = {}

    def feed(self, event: ir.Event) -> None:
        match event:
            case ir.TextDelta() | ir.Cite():
                self._text(event)
            case ir.ReasoningDelta() | ir.ReasoningEnd():
                self._reason(event)
            case ir.ToolCallDelta():
                self._calls[event.index].pieces.append(event.arguments)
            case ir.ToolCallStart():
                self._calls[event.index] = call = _Call(event)
                self._parts.append(call)
            case ir.Block():
                self._parts.append(_Whole(event.part))
            case ir.RefusalDelta():
                self._refuse(event)
            case ir.Start():
                self.start = self.start or event
            case ir.Finish():
                self.finish = self.finish or event
            case ir.Error():
                self.error = self.error or event

    @property
    def empty(self) -> bool:
        """Nothing of the answer itself has come yet, be it that its head has."""
        return not (self._parts or self.finish)

    def response(self) -> ir.Response:
        start = self.start or ir.Start("", "")
        parts = tuple(part.part() for part in self._parts)
        finish = None if self.error else self.finish
        error = self.error or (None if finish else ir.Error(502, "The provider's answer has no end."))
        return ir.Response(start.id, start.model, start.created, parts, finish, error)

    def _text(self, event: ir.TextDelta | ir.Cite) -> None:
        last = self._parts[-1] if self._parts else None
        if not isinstance(last, _Text):
            last = _Text([])
            self._parts.append(last)
        if isinstance(event, ir.Cite):
            last.citations.append(event.citation)
        else:
            last.pieces.append(event.text)
            last.logprobs += event.logprobs

    def _refuse(self, event: ir.RefusalDelta) -> None:
        last = self._parts[-1] if self._parts else None
        if isinstance(last, _Refusal):
            last.pieces.append(event.text)
        else:
            self._parts.append(_Refusal([event.text]))

    def _reason(self, event: ir.ReasoningDelta | ir.ReasoningEnd) -> None:
        last = self._parts[-1] if self._parts else None
        thought = last if isinstance(last, _Reasoning) and not last.ended else None
        match event:
            case ir.ReasoningEnd() if thought:
                thought.opaque, thought.ended = event.opaque, True
            case ir.ReasoningEnd() if event.opaque:
                self._parts.append(_Reasoning([], opaque=event.opaque, ended=True))
            case ir.ReasoningDelta() if thought and thought.summary == event.summary:
                thought.pieces.append(event.text)
            case ir.ReasoningDelta():
                self._parts.append(_Reasoning([event.text], event.summary))


def collect(events: Iterable[ir.Event]) -> ir.Response:
    """The whole answer that these events make. Has `error` when they end in an Error or do not end."""
    collector = Collector()
    for event in events:
        collector.feed(event)
    return collector.response()


def events_of(response: ir.Response) -> Iterable[ir.Event]:
    """The events that would have brought this answer: the way back from `collect`."""
    yield ir.Start(response.id, response.model, response.created)
    calls = 0
    for part in response.parts:
        yield from _events_of(part, calls)
        calls += isinstance(part, ir.ToolCall)
    if response.finish or response.error:
        yield response.error or response.finish  # type: ignore[misc]


def _events_of(part: ir.Part, calls: int) -> Iterable[ir.Event]:
    match part:
        case ir.Text():
            yield ir.TextDelta(part.text, part.logprobs)
            yield from (ir.Cite(citation) for citation in part.citations)
        case ir.Refusal():
            yield ir.RefusalDelta(part.text)
        case ir.Reasoning():
            if part.text:
                yield ir.ReasoningDelta(part.text, part.summary)
            yield ir.ReasoningEnd(part.opaque)
        case ir.ToolCall():
            yield ir.ToolCallStart(calls, part.id, part.name, part.kind, part.namespace, part.opaque)
            yield ir.ToolCallDelta(calls, part.arguments)
            yield ir.ToolCallEnd(calls)
        case ir.Media() | ir.BuiltinCall() | ir.BuiltinResult() | ir.Foreign():
            yield ir.Block(part)
        case ir.ToolResult():
            raise TypeError("a tool result is no part of an answer")
