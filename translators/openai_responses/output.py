"""Builds an answer from IR events: the wire events that a stream consists of, and the whole response in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .. import ir
from ..ir import Json
from . import envelope
from .errors import render_event
from .output_items import CallItem, ForeignItem, HostedItem, ImageItem, Item, MessageItem, ReasoningItem, carrier
from .words import NAME

type Events = Iterator[Json]


class Output:
    """Feed it every event of an answer; `response` is the whole answer after the last."""

    def __init__(self, context: ir.Context) -> None:
        self.response: Json = {}
        self._context = context
        self._items: list[Item] = []
        self._open: MessageItem | ReasoningItem | None = None
        self._calls: dict[int, CallItem] = {}
        self._hosted: dict[str, HostedItem] = {}
        # A client that asked for digests reads nothing else, and sends nothing else back (Codex).
        thinking = context.request.thinking
        self._all_digests = bool(thinking and thinking.summary)

    def feed(self, event: ir.Event) -> Events:
        """The wire events, without their sequence numbers. Nothing comes after the terminal event."""
        if isinstance(event, ir.Ping) or self.response.get("status", "in_progress") != "in_progress":
            return
        if not self.response:
            yield from self._start(event if isinstance(event, ir.Start) else ir.Start("", ""))
        if handler := _HANDLERS.get(type(event)):
            yield from handler(self, event)

    def _start(self, start: ir.Start) -> Events:
        self.response = envelope.envelope(self._context, start)
        yield {"type": "response.created", "response": self.response}
        yield {"type": "response.in_progress", "response": self.response}

    def _id(self, prefix: str) -> tuple[int, str]:
        """Place and id of the next item."""
        return len(self._items), f"{prefix}_{self._context.id}_{len(self._items)}"

    def _begin[T: Item](self, item: T) -> T:
        self._items.append(item)
        return item

    def _end_open(self) -> Events:
        if self._open:
            yield from self._open.close()
            self._open = None

    # -- text ---------------------------------------------------------------------------

    def _message(self) -> Iterator[Json]:
        if not isinstance(self._open, MessageItem):
            yield from self._end_open()
            self._open = item = self._begin(MessageItem(*self._id("msg")))
            yield from item.open()

    def _text(self, event: ir.TextDelta) -> Events:
        if event.text or event.logprobs:
            yield from self._message()
            assert isinstance(self._open, MessageItem)
            yield from self._open.text(event.text, event.logprobs)

    def _refuse(self, event: ir.RefusalDelta) -> Events:
        yield from self._message()
        assert isinstance(self._open, MessageItem)
        yield from self._open.refuse(event.text)

    def _cite(self, event: ir.Cite) -> Events:
        yield from self._message()
        assert isinstance(self._open, MessageItem)
        yield from self._open.cite(event.citation)

    # -- reasoning ----------------------------------------------------------------------

    def _reasoning(self) -> Events:
        if not isinstance(self._open, ReasoningItem):
            yield from self._end_open()
            self._open = item = self._begin(ReasoningItem(*self._id("rs")))
            yield from item.open()

    def _think(self, event: ir.ReasoningDelta) -> Events:
        if event.text:
            yield from self._reasoning()
            assert isinstance(self._open, ReasoningItem)
            yield from self._open.think(event.text, event.summary or self._all_digests)

    def _end_thought(self, event: ir.ReasoningEnd) -> Events:
        if event.opaque:
            yield from self._reasoning()
            assert isinstance(self._open, ReasoningItem)
            self._open.seal = event.opaque
        if isinstance(self._open, ReasoningItem):
            yield from self._end_open()

    # -- calls --------------------------------------------------------------------------

    def _start_call(self, event: ir.ToolCallStart) -> Events:
        if seal := carrier(event):
            yield from self._end_open()
            yield from self._end_thought(ir.ReasoningEnd(seal))
        yield from self._end_open()
        prefix = "ctc" if event.kind == "custom" else "fc"
        self._calls[event.index] = item = self._begin(CallItem(*self._id(prefix), event))
        yield from item.open()

    def _argue(self, event: ir.ToolCallDelta) -> Events:
        if event.arguments:
            yield from self._calls[event.index].argue(event.arguments)

    def _end_call(self, event: ir.ToolCallEnd) -> Events:
        """Some providers end a call also where it was cut: then the finish reason tells."""
        item = self._calls[event.index]
        if item.call.kind == "custom" or not item.pieces or item.is_whole():
            yield from item.close()

    # -- what comes whole ----------------------------------------------------------------

    def _block(self, event: ir.Block) -> Events:
        match event.part:
            case ir.BuiltinCall() as call if HostedItem.known(call):
                yield from self._end_open()
                prefix = "ws" if call.tool == "web_search" else "ci"
                self._hosted[call.id] = hosted = self._begin(HostedItem(*self._id(prefix), call))
                yield from hosted.open()
            case ir.BuiltinResult() as result if hosted := self._hosted.get(result.call_id):  # type: ignore[assignment]
                hosted.result = result
                yield from hosted.close()
            case ir.Media(kind="image") as media if media.data:
                yield from self._whole(ImageItem(*self._id("ig"), media))
            case ir.Foreign() as foreign if foreign.format == NAME:
                yield from self._whole(ForeignItem(*self._id("item"), foreign.value))

    def _whole(self, item: ImageItem | ForeignItem) -> Events:
        yield from self._end_open()
        self._begin(item)
        yield from item.open()
        yield from item.close()

    # -- the end -------------------------------------------------------------------------

    def _finish(self, event: ir.Finish) -> Events:
        cut = event.reason in ("length", "content_filter", "error")
        for item in self._items:
            yield from item.close("incomplete" if cut and self._is_cut(item) else "completed")
        output = [item.final for item in self._items if item.final]
        self.response = envelope.finished(self.response, output, event)
        if event.reason == "error":
            yield render_event(envelope.BROKEN)
        yield {"type": f"response.{self.response['status']}", "response": self.response}

    def _is_cut(self, item: Item) -> bool:
        """Of an answer that was cut: the text that was open, calls whose arguments are no whole JSON."""
        if isinstance(item, CallItem) and item.call.kind == "function":
            return not item.is_whole()
        return item is self._open or (isinstance(item, CallItem) and item is self._items[-1])

    def _fail(self, event: ir.Error) -> Events:
        """The API itself sends both: ``error``, at which its SDKs raise, and ``response.failed``, which Codex reads."""
        output = [item.final or item.whole("incomplete") for item in self._items]
        self.response = envelope.failed(self.response, output, event)
        yield render_event(event)
        yield {"type": "response.failed", "response": self.response}


_HANDLERS: dict[type, Callable[[Output, Any], Events]] = {
    ir.TextDelta: Output._text,
    ir.RefusalDelta: Output._refuse,
    ir.Cite: Output._cite,
    ir.ReasoningDelta: Output._think,
    ir.ReasoningEnd: Output._end_thought,
    ir.ToolCallStart: Output._start_call,
    ir.ToolCallDelta: Output._argue,
    ir.ToolCallEnd: Output._end_call,
    ir.Block: Output._block,
    ir.Finish: Output._finish,
    ir.Error: Output._fail,
}
