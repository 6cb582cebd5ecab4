"""Reads a streamed completion answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .. import ir, sse
from ..lenient import count, flat, items, mapping, text
from ..openai_errors import parse_error
from ..openai_usage import merged, parse_usage
from ..wire import loads
from .words import FINISH

_DONE = "[DONE]"


class StreamParser:
    """`Finish` waits for ``[DONE]`` or the end, for usage may follow the finish reason."""

    def __init__(self) -> None:
        self._begun = False
        self._ended = False
        self._reason: ir.FinishReason | None = None
        self._stop_sequence: str | None = None
        self._usage: ir.Usage | None = None

    def feed(self, event: sse.ServerSentEvent) -> Iterable[ir.Event]:
        if self._ended:
            return ()
        if event.data.strip() == _DONE:
            return self.done()
        try:
            body = loads(event.data)
        except ValueError as fault:
            raise ir.BadAnswer(f"A chunk of the stream is no JSON: {fault}") from None
        if type(body) is not dict or event.event == "error":
            return self._end(parse_error(200, body))
        return self.chunk(body)

    def close(self) -> Iterable[ir.Event]:
        """Without ``[DONE]`` and without a finish reason it broke off."""
        if self._ended:
            return ()
        if self._reason is None:
            return self._end(ir.Error(502, "The provider's stream ended early, without a finish reason or [DONE]."))
        return self.done()

    def chunk(self, body: ir.Json) -> Iterator[ir.Event]:
        """One chunk, or a whole answer: they look alike."""
        if body.get("error") or body.get("object") == "error":
            yield from self._end(parse_error(200, body))
            return
        choices = items(body.get("choices"))
        if not self._begun and (choices or body.get("id")):
            self._begun = True
            yield ir.Start(text(body.get("id")), text(body.get("model")), count(body.get("created")) or None)
        if usage := body.get("usage"):
            self._usage = merged(self._usage, parse_usage(usage))
        for choice in choices:
            if type(choice) is dict and not choice.get("index"):
                yield from self._choice(choice)

    def done(self) -> Iterator[ir.Event]:
        if self._begun:
            yield from self._end(ir.Finish(self._reason or "stop", self._usage, self._stop_sequence))
        else:
            yield from self._end(ir.Error(502, "The provider's stream holds no answer."))

    def _end(self, event: ir.Finish | ir.Error) -> Iterator[ir.Event]:
        if not self._ended:
            self._ended = True
            yield event

    def _choice(self, choice: ir.Json) -> Iterator[ir.Event]:
        # Mistral's fill-in-the-middle answers as chat does.
        message = mapping(choice.get("delta")) or mapping(choice.get("message"))
        said = text(choice.get("text")) or flat(message.get("content"))
        logprobs = _logprobs(choice.get("logprobs"))
        if said or logprobs:
            yield ir.TextDelta(said, logprobs)
        if reason := text(choice.get("finish_reason")):
            self._reason = FINISH.get(reason.lower(), "stop")
            self._stop_sequence = text(choice.get("stop_reason")) or None  # vLLM


def _logprobs(value: Any) -> tuple[ir.TokenLogprob, ...]:
    """Lists side by side; the first token of an echoed prompt has no probability."""
    said = mapping(value)
    tokens, logprobs, tops = (items(said.get(key)) for key in ("tokens", "token_logprobs", "top_logprobs"))
    return tuple(
        ir.TokenLogprob(text(token), logprob, None, _top(tops[place] if place < len(tops) else None))
        for place, (token, logprob) in enumerate(zip(tokens, logprobs, strict=False))
        if type(logprob) in (int, float)
    )


def _top(value: Any) -> tuple[ir.TokenLogprob, ...]:
    return tuple(
        ir.TokenLogprob(token, logprob) for token, logprob in mapping(value).items() if type(logprob) in (int, float)
    )
