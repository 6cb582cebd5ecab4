"""Writes the events of an answer as the chunks of a Gemini stream."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir, wire
from ..ir import Json
from .answer_parts import AnswerParts
from .errors import render_error
from .logprobs import render_logprobs
from .usage import render_usage
from .words import FINISH_REASON


class StreamRenderer:
    """One chunk for each event that has something to say; finishReason and usage on the last one only.

    Server-sent events, or one JSON array where the client did not ask for ``alt=sse``. A `Ping` is nothing:
    google-genai takes every line that is not "data: " for the beginning of a bare error.
    """

    def __init__(self, context: ir.Context) -> None:
        self._array = context.request.json_array
        self._head = {"modelVersion": context.request.model, "responseId": context.id}
        self._parts = AnswerParts()
        self._sent = self._ended = False

    def feed(self, event: ir.Event) -> Iterator[bytes]:
        if self._ended:
            return
        match event:
            case ir.Start():
                self._head = {key: said or self._head[key] for key, said in _head(event).items()}
            case ir.Finish():
                self._ended = True
                yield self._written(self._last(event))
            case ir.Error():
                self._ended = True
                yield self._written(render_error(event))
            case _:
                parts = self._parts.feed(event)
                logprobs = event.logprobs if isinstance(event, ir.TextDelta) else ()
                if parts or logprobs:
                    yield self._written(self._chunk(parts, logprobs))

    def _chunk(self, parts: list[Json], logprobs: tuple[ir.TokenLogprob, ...] = ()) -> Json:
        candidate: Json = {"content": {"parts": parts or [{"text": ""}], "role": "model"}, "index": 0}
        if logprobs:
            candidate["logprobsResult"] = render_logprobs(logprobs)
        return {"candidates": [candidate], **self._head}

    def _last(self, finish: ir.Finish) -> Json:
        """Never without a part: google-genai's chats drop an answer of which one chunk has none."""
        chunk = self._chunk(self._parts.flush())
        chunk["candidates"][0] |= {"finishReason": FINISH_REASON[finish.reason], **self._parts.grounding.fields()}
        if finish.usage:
            chunk["usageMetadata"] = render_usage(finish.usage)
        return chunk

    def _written(self, chunk: Json) -> bytes:
        text = wire.dumps(chunk)
        if not self._array:
            return b"data: %b\r\n\r\n" % text
        opening = b",\r\n" if self._sent else b"["
        self._sent = True
        return opening + text + (b"]" if self._ended else b"")


def _head(start: ir.Start) -> dict[str, str]:
    return {"modelVersion": start.model, "responseId": start.id}
