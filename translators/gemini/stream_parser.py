"""Reads the chunks of a Gemini answer as events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .. import ir, sse, wire
from ..ir import Json
from ..lenient import items, mapping, text
from .errors import parse_error, status_of
from .logprobs import parse_logprobs
from .parse_grounding import blocks
from .part_events import PartEvents
from .usage import parse_usage
from .words import FINISH, FINISH_NUMBERS, UNSAID, camel

_METADATA = ("groundingMetadata", "citationMetadata", "urlContextMetadata")


class StreamParser:
    """Chunks are whole answers in small. There is no end marker, and a `finishReason` may come more than once
    (turns with tools that Google runs), so the end is known when the bytes end. Only the first candidate is read.
    """

    def __init__(self) -> None:
        self._ended = False
        self._id: str | None = None
        self._usage: Json = {}
        self._reason: ir.FinishReason | None = None
        self._tier = ""
        self._candidate: Json = {}
        self._parts = PartEvents()

    @property
    def answered(self) -> bool:
        """Something came that is a part of an answer."""
        return bool(self._candidate) or self._reason is not None

    def feed(self, event: sse.ServerSentEvent) -> Iterator[ir.Event]:
        if self._ended or event.data.strip() == "[DONE]":
            return
        try:
            value = wire.loads(event.data)
        except ValueError as fault:
            raise ir.BadAnswer(f"A chunk of the stream is no JSON: {fault}") from None
        for chunk in value if type(value) is list else [value]:
            yield from self.read(chunk)

    def read(self, chunk: Any) -> Iterator[ir.Event]:
        """One chunk, parsed. Code Assist wraps it in `response`."""
        if type(chunk) is not dict:
            raise ir.BadAnswer(f"A chunk of the stream must be an object, not {wire.kind_of(chunk)}.")
        if type(chunk.get("response")) is dict and "candidates" not in chunk:
            chunk = chunk["response"]
        chunk = camel(chunk)
        if self._ended:
            return
        if chunk.get("error"):
            self._ended = True
            yield parse_error(status_of(chunk), chunk)
            return
        yield from self._head(chunk)
        feedback = mapping(chunk.get("promptFeedback"))
        if feedback.get("blockReason") or feedback.get("blockReasonMessage"):
            self._reason = "content_filter"
        for candidate in items(chunk.get("candidates")):
            if type(candidate) is dict and candidate.get("index") in (None, 0):
                yield from self._read_candidate(camel(candidate))
                break

    def close(self, whole: bool = False) -> Iterator[ir.Event]:
        """`whole`: the answer was one body, which can't have broken off: without a reason it simply stopped."""
        if self._ended:
            return
        self._ended = True
        if self._reason is None and not (whole and self.answered):
            yield ir.Error(502, "The provider's stream ended early: no finishReason came.")
            return
        yield from self._parts.end(self._candidate)
        yield from blocks(self._candidate, self._parts.id)
        reason = self._reason or "stop"
        if reason == "stop" and self._parts.open_calls > 0:
            reason = "tool_calls"
        yield ir.Finish(reason, parse_usage(self._usage) if self._usage else None, service_tier=self._tier)

    def _head(self, chunk: Json) -> Iterator[ir.Event]:
        usage = chunk.get("usageMetadata")
        if type(usage) is dict:
            self._usage.update(camel(usage))
            self._tier = text(self._usage.get("serviceTier")) or self._tier
        if self._id is None:
            self._id = self._parts.id = text(chunk.get("responseId"))
            start = parse_usage(self._usage)
            known = ir.Usage(start.input, cache_read=start.cache_read) if start.input is not None else None
            yield ir.Start(self._id, text(chunk.get("modelVersion")), _created(chunk.get("createTime")), known)

    def _read_candidate(self, candidate: Json) -> Iterator[ir.Event]:
        content = mapping(candidate.get("content"))
        logprobs = parse_logprobs(candidate["logprobsResult"]) if candidate.get("logprobsResult") else ()
        for part in items(content.get("parts")):
            if type(part) is dict:
                yield from self._parts.read(part, logprobs)
                logprobs = ()
        self._candidate = {
            "seen": True,
            **self._candidate,
            **{key: candidate[key] for key in _METADATA if candidate.get(key)},
        }
        reason = candidate.get("finishReason")
        if reason not in UNSAID:
            self._reason = _reason(reason)


def _reason(said: Any) -> ir.FinishReason:
    if type(said) is int:
        said = FINISH_NUMBERS[said] if 0 < said < len(FINISH_NUMBERS) else "OTHER"
    return FINISH.get(text(said), "error")


def _created(time: Any) -> int | None:
    try:
        return int(datetime.fromisoformat(time).timestamp()) if type(time) is str and time.endswith("Z") else None
    except (ValueError, OverflowError):
        return None
