"""Reads a streamed chat answer, in the dialects of many servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .. import ir, sse
from ..lenient import count, items, mapping, text
from ..openai_errors import parse_error
from ..openai_usage import merged, parse_usage
from ..wire import loads
from .answer_parts import Sound, parse_annotations, parse_content, parse_images, parse_logprobs, parse_sources
from .calls import Calls
from .thoughts import is_summary, join, seal_of, text_in, text_of
from .words import FINISH, settle

_DONE = "[DONE]"
_ID = 24
"""Characters of the answer's id that go into ids of ours."""


class StreamParser:
    """`Finish` waits for ``[DONE]`` or the end, for usage may follow the finish reason (pains.md, edge case 6)."""

    def __init__(self) -> None:
        self._calls = Calls()
        self._sound = Sound()
        self._details: list[ir.Json] = []
        self._thinking = False
        self._plain = False
        """Thoughts come as plain text: what the details hold of it is a repetition, sent to be kept with the seal."""
        self._begun = False
        self._ended = False
        self._id = ""
        self._reason: ir.FinishReason | None = None
        self._stop_sequence: str | None = None
        self._tier = ""
        self._usage: ir.Usage | None = None
        self._sources: tuple[Any, Any] = (None, None)

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
            return self._failed(body)
        return self.chunk(body)

    def close(self) -> Iterable[ir.Event]:
        """Some servers send no ``[DONE]`` (Perplexity, Hugging Face); without a finish reason too it broke off."""
        if self._ended:
            return ()
        if self._reason is None:
            return self._end(ir.Error(502, "The provider's stream ended early, without a finish reason or [DONE]."))
        return self.done()

    def chunk(self, body: ir.Json) -> Iterator[ir.Event]:
        """One chunk, or a whole answer: the two differ in the name of `delta`."""
        if body.get("error") or body.get("object") == "error":
            yield from self._failed(body)
            return
        choices = items(body.get("choices"))
        if not self._begun and (choices or body.get("id")):
            yield self._start(body)
        self._note(body)
        for choice in choices:
            # Of several answers (`n`) the first is read.
            if type(choice) is dict and not choice.get("index"):
                yield from self._choice(choice)

    def done(self) -> Iterator[ir.Event]:
        """The end, also where no finish reason came: OpenAI sends none with sound, Snowflake never."""
        if self._ended:
            return
        if not self._begun:
            yield from self._end(ir.Error(502, "The provider's stream holds no answer."))
            return
        yield from self._end_thought()
        yield from self._calls.flush("".join(filter(str.isalnum, self._id))[-_ID:])
        yield from self._sound.block()
        yield from parse_sources(*self._sources)
        reason = settle(self._reason or "stop", self._calls.told > 0)
        yield from self._end(ir.Finish(reason, self._usage, self._stop_sequence, self._tier))

    def _failed(self, body: Any) -> Iterator[ir.Event]:
        yield from self._end(parse_error(200, body))

    def _end(self, event: ir.Finish | ir.Error) -> Iterator[ir.Event]:
        if not self._ended:
            self._ended = True
            yield event

    def _start(self, body: ir.Json) -> ir.Start:
        self._begun, self._id = True, text(body.get("id"))
        return ir.Start(self._id, text(body.get("model")), count(body.get("created")) or None)

    def _note(self, body: ir.Json) -> None:
        """What any chunk may say, and the last word of which counts."""
        usage = body.get("usage") or mapping(body.get("x_groq")).get("usage")
        if usage:
            self._usage = merged(self._usage, parse_usage(usage))
        if tier := text(body.get("service_tier")):
            self._tier = tier
        if "citations" in body or "search_results" in body:
            self._sources = (body.get("search_results"), body.get("citations"))

    def _choice(self, choice: ir.Json) -> Iterator[ir.Event]:
        if error := mapping(choice.get("error")):  # OpenRouter
            yield from self._failed({"error": error})
            return
        delta = choice.get("delta")
        if type(delta) is not dict or ("message" in choice and not delta):
            delta = mapping(choice.get("message"))
        yield from self._delta(delta, parse_logprobs(choice["logprobs"]) if choice.get("logprobs") else ())
        if reason := text(choice.get("finish_reason")):
            self._reason = FINISH.get(reason.lower(), "stop")
            self._stop_sequence = text(choice.get("stop_reason")) or None  # vLLM

    def _delta(self, delta: ir.Json, logprobs: tuple[ir.TokenLogprob, ...]) -> Iterator[ir.Event]:
        details = items(delta.get("reasoning_details"))
        if details:
            join(self._details, details)
        thought = text_of(delta)
        self._plain = self._plain or bool(thought)
        if details and not self._plain:
            thought = text_in(details)
        if thought:
            self._thinking = True
            yield ir.ReasoningDelta(thought, bool(details) and is_summary([mapping(one) for one in details]))
        for event in self._answer(delta, logprobs):
            if self._thinking and not isinstance(event, ir.ReasoningDelta):
                yield from self._end_thought()
            self._thinking = self._thinking or isinstance(event, ir.ReasoningDelta)
            yield event

    def _answer(self, delta: ir.Json, logprobs: tuple[ir.TokenLogprob, ...]) -> Iterator[ir.Event]:
        content = delta.get("content")
        if content or logprobs:
            yield from parse_content(content, logprobs)
        yield from parse_annotations(delta.get("annotations"))
        if refusal := text(delta.get("refusal")):
            yield ir.RefusalDelta(refusal)
        for piece in items(delta.get("tool_calls")):
            yield from self._calls.feed(piece)
        if old := mapping(delta.get("function_call")):
            yield from self._old_call(old)
        if audio := mapping(delta.get("audio")):
            self._sound.feed(audio)
        yield from parse_images(delta.get("images"))

    def _old_call(self, function: ir.Json) -> Iterator[ir.Event]:
        """``function_call`` is one call without an id. Snowflake sends it empty beside every answer."""
        if function.get("name") or function.get("arguments"):
            yield from self._calls.feed({"index": -1, "function": function})

    def _end_thought(self) -> Iterator[ir.Event]:
        seal = seal_of(self._details)
        if self._thinking or seal:
            self._thinking = False
            yield ir.ReasoningEnd(seal)
        if seal:
            self._details = []
