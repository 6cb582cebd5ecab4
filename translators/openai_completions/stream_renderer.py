"""Writes a streamed completion answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import ir, sse
from ..openai_errors import render_error
from ..openai_usage import render_usage
from ..wire import dumps
from .answers import render_logprobs
from .words import REASON

_DONE = b"data: [DONE]\n\n"


class StreamRenderer:
    """A chunk for each piece of text, the finish reason, the usage if asked for, ``[DONE]``; none after an error."""

    def __init__(self, context: ir.Context) -> None:
        self._context = context
        self._head = b""
        self._length = 0

    def feed(self, event: ir.Event) -> Iterable[bytes]:
        match event:
            case ir.TextDelta():
                return self._say(event.text, event.logprobs)
            case ir.RefusalDelta():
                return self._say(event.text, ())
            case ir.Start():
                self._begin(event)
                return ()
            case ir.Finish():
                return self._finish(event)
            case ir.Error():
                return (b"data: %b\n\n" % dumps(render_error(event)),)
            case ir.Ping():
                return (sse.COMMENT,)
            case _:
                return ()

    def _begin(self, start: ir.Start) -> None:
        """Every chunk repeats id, time and model: written once, as bytes."""
        head = {
            "id": start.id or f"cmpl-{self._context.id}",
            "object": "text_completion",
            "created": self._context.created if start.created is None else start.created,
            "model": start.model or self._context.request.model,
        }
        self._head = b"data: " + dumps(head)[:-1] + b',"choices":['

    def _chunk(self, said: str, logprobs: ir.Json | None, reason: str | None) -> bytes:
        if not self._head:
            self._begin(ir.Start("", ""))
        choice = {"text": said, "index": 0, "logprobs": logprobs, "finish_reason": reason}
        return b"%b%b]}\n\n" % (self._head, dumps(choice))

    def _say(self, said: str, logprobs: tuple[ir.TokenLogprob, ...]) -> Iterator[bytes]:
        yield self._chunk(said, render_logprobs(logprobs, self._length), None)
        self._length += len(said)

    def _finish(self, event: ir.Finish) -> Iterator[bytes]:
        yield self._chunk("", None, REASON[event.reason])
        if event.usage and self._context.request.include_usage:
            yield b'%b],"usage":%b}\n\n' % (self._head, dumps(render_usage(event.usage)))
        yield _DONE
