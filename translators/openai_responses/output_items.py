"""Writes the items of an answer: each yields the wire events of its life, and knows what it looks like in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .. import opaque
from ..ir import BuiltinCall, BuiltinResult, Citation, Json, Media, Opaque, TokenLogprob, ToolCallStart
from ..wire import compact, extra_of, loads
from .annotations import render_citation, render_logprobs
from .hosted import render_code_run, render_web_search
from .words import NAME

type Events = Iterator[Json]


@dataclass(slots=True)
class Item:
    """An item at its place in the output. The same id stands in all its events."""

    index: int
    id: str
    final: Json | None = field(default=None, init=False)
    """The item as it was when it was done."""

    def whole(self, status: str) -> Json:
        """The item as it is by now."""
        raise NotImplementedError

    def at(self, type: str, **more: object) -> Json:
        """An event of this item."""
        return {"type": f"response.{type}", "item_id": self.id, "output_index": self.index, **more}

    def added(self, item: Json) -> Json:
        return {"type": "response.output_item.added", "output_index": self.index, "item": item}

    def close(self, status: str = "completed") -> Events:
        if self.final is None:
            yield from self.last(status)
            self.final = self.whole(status)
            yield {"type": "response.output_item.done", "output_index": self.index, "item": self.final}

    def last(self, status: str) -> Events:
        """What comes before ``output_item.done``."""
        yield from ()


@dataclass(slots=True)
class Part:
    """A part of a message's content: `kind` text or refusal."""

    kind: str
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    citations: list[Json] = field(default_factory=list)
    logprobs: list[Json] = field(default_factory=list)

    def whole(self) -> Json:
        said = "".join(self.pieces)
        if self.kind == "refusal":
            return {"type": "refusal", "refusal": said}
        return {
            "type": "output_text",
            "annotations": list(self.citations),
            "logprobs": list(self.logprobs),
            "text": said,
        }


@dataclass(slots=True)
class MessageItem(Item):
    parts: list[Part] = field(default_factory=list)

    def whole(self, status: str) -> Json:
        content = [part.whole() for part in self.parts]
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}

    def open(self) -> Events:
        yield self.added(self.whole("in_progress"))

    def text(self, piece: str, logprobs: tuple[TokenLogprob, ...]) -> Events:
        yield from self._turn_to("text")
        part = self.parts[-1]
        part.pieces.append(piece)
        part.length += len(piece)
        sampled = render_logprobs(logprobs) if logprobs else []
        part.logprobs += sampled
        yield self._at_part("output_text.delta", delta=piece, logprobs=sampled)

    def refuse(self, piece: str) -> Events:
        yield from self._turn_to("refusal")
        self.parts[-1].pieces.append(piece)
        yield self._at_part("refusal.delta", delta=piece)

    def cite(self, citation: Citation) -> Events:
        yield from self._turn_to("text")
        part = self.parts[-1]
        annotation = render_citation(citation, part.length)
        part.citations.append(annotation)
        number = len(part.citations) - 1
        yield self._at_part("output_text.annotation.added", annotation_index=number, annotation=annotation)

    def last(self, status: str) -> Events:
        yield from self._end_part()

    def _turn_to(self, kind: str) -> Events:
        if self.parts and self.parts[-1].kind == kind:
            return
        yield from self._end_part()
        self.parts.append(Part(kind))
        yield self._at_part("content_part.added", part=self.parts[-1].whole())

    def _end_part(self) -> Events:
        if not self.parts:
            return
        part = self.parts[-1]
        whole = part.whole()
        if part.kind == "text":
            yield self._at_part("output_text.done", text=whole["text"], logprobs=part.logprobs)
        else:
            yield self._at_part("refusal.done", refusal=whole["refusal"])
        yield self._at_part("content_part.done", part=whole)

    def _at_part(self, type: str, **more: object) -> Json:
        return self.at(type, content_index=len(self.parts) - 1, **more)


@dataclass(slots=True)
class ReasoningItem(Item):
    """A digest goes to `summary`, thoughts themselves to `content`; the seal of another format is packed."""

    summary: list[str] = field(default_factory=list)
    thought: list[str] = field(default_factory=list)
    seal: Opaque | None = None

    def whole(self, status: str) -> Json:
        summary, thought = "".join(self.summary), "".join(self.thought)
        item = {
            "id": self.id,
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": summary}] if summary else [],
            "content": [{"type": "reasoning_text", "text": thought}] if thought else None,
            "encrypted_content": self.seal and (self.seal.data if self.seal.format == NAME else opaque.pack(self.seal)),
        }
        return compact(item)

    def open(self) -> Events:
        yield self.added({"id": self.id, "type": "reasoning", "summary": []})

    def think(self, piece: str, summary: bool) -> Events:
        pieces = self.summary if summary else self.thought
        if not pieces:
            yield self._part(summary, "added", "")
        pieces.append(piece)
        yield self._at_part(summary, "reasoning_summary_text.delta", "reasoning_text.delta", delta=piece)

    def last(self, status: str) -> Events:
        for pieces, summary in ((self.summary, True), (self.thought, False)):
            if pieces:
                text = "".join(pieces)
                yield self._at_part(summary, "reasoning_summary_text.done", "reasoning_text.done", text=text)
                yield self._part(summary, "done", text)

    def _part(self, summary: bool, what: str, text: str) -> Json:
        part = {"type": "summary_text" if summary else "reasoning_text", "text": text}
        return self._at_part(summary, f"reasoning_summary_part.{what}", f"content_part.{what}", part=part)

    def _at_part(self, summary: bool, digest: str, thought: str, **more: object) -> Json:
        if summary:
            return self.at(digest, summary_index=0, **more)
        return self.at(thought, content_index=0, **more)


@dataclass(slots=True)
class CallItem(Item):
    call: ToolCallStart
    pieces: list[str] = field(default_factory=list)

    def whole(self, status: str) -> Json:
        call, custom = self.call, self.call.kind == "custom"
        return compact(
            {
                "id": self.id,
                "type": "custom_tool_call" if custom else "function_call",
                "status": status,
                "call_id": call.id,
                "name": call.name,
                "namespace": call.namespace or None,
                "input" if custom else "arguments": self._arguments(status),
            }
        )

    def _arguments(self, status: str) -> str:
        """A function called without a word is called with no arguments: clients parse them as JSON."""
        said = "".join(self.pieces)
        return said or ("{}" if status == "completed" and self.call.kind == "function" else "")

    def open(self) -> Events:
        yield self.added(self.whole("in_progress"))

    def argue(self, piece: str) -> Events:
        self.pieces.append(piece)
        yield self.at(f"{self._events}.delta", delta=piece)

    def last(self, status: str) -> Events:
        """Cut arguments are never called done."""
        if status == "completed":
            key = "input" if self.call.kind == "custom" else "arguments"
            yield self.at(f"{self._events}.done", **{key: self._arguments(status)})

    def is_whole(self) -> bool:
        """Whether the arguments are complete though the answer was cut: a JSON object that closes is."""
        try:
            return isinstance(loads("".join(self.pieces)), dict)
        except ValueError:
            return False

    @property
    def _events(self) -> str:
        return "custom_tool_call_input" if self.call.kind == "custom" else "function_call_arguments"


_HOSTED = {
    "web_search": ("web_search_call", ("in_progress", "searching"), render_web_search),
    "code_execution": ("code_interpreter_call", ("in_progress", "interpreting"), render_code_run),
}


@dataclass(slots=True)
class HostedItem(Item):
    """A search or code run of the provider's: open until its result is there."""

    call: BuiltinCall
    result: BuiltinResult | None = None

    def whole(self, status: str) -> Json:
        item = {**_HOSTED[self.call.tool][2](self.call, self.result), "id": self.id}
        return item if status == "completed" else {**item, "status": status}

    def open(self) -> Events:
        type, phases, _ = _HOSTED[self.call.tool]
        yield self.added(self.whole("in_progress"))
        yield from (self.at(f"{type}.{phase}") for phase in phases)

    def last(self, status: str) -> Events:
        if status == "completed":
            yield self.at(f"{_HOSTED[self.call.tool][0]}.completed")

    @staticmethod
    def known(call: BuiltinCall) -> bool:
        return call.tool in _HOSTED


@dataclass(slots=True)
class ImageItem(Item):
    media: Media

    def whole(self, status: str) -> Json:
        item = {
            "type": "image_generation_call",
            "status": status,
            "output_format": self.media.media_type.removeprefix("image/") or "png",
            **extra_of(self.media.extra, NAME),
            "id": self.id,
        }
        return {**item, "result": self.media.data} if status == "completed" else item

    def open(self) -> Events:
        item = {"id": self.id, "type": "image_generation_call", "status": "in_progress", "result": None}
        yield self.added(item)
        yield from (self.at(f"image_generation_call.{phase}") for phase in ("in_progress", "generating"))

    def last(self, status: str) -> Events:
        yield self.at("image_generation_call.completed")


@dataclass(slots=True)
class ForeignItem(Item):
    """An item that only this format has words for, as it came."""

    value: Json

    def whole(self, status: str) -> Json:
        return self.value

    def open(self) -> Events:
        yield self.added(self.value)


def carrier(call: ToolCallStart) -> Opaque | None:
    """The seal on a call (Gemini's thought signature) as one of its own: a call has no place for it here.

    Its id is the call's, by which parse_input finds the call again.
    """
    return call.opaque and replace(call.opaque, id=call.id)
