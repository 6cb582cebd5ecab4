"""Reads the items of an answer, from their deltas or whole, and never tells the same thing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import ir
from ..ir import Event, Json
from ..lenient import items, mapping, objects, text
from .annotations import parse_citation, parse_logprobs
from .hosted import parse_code_run, parse_web_search
from .words import NAME

OUTPUT = "output."
"""Begins the type of a `Foreign` that is an item of an answer."""
_CALLS: dict[str, tuple[ir.ToolKind, str]] = {
    "function_call": ("function", "arguments"),
    "custom_tool_call": ("custom", "input"),
}


@dataclass(slots=True)
class Part:
    """A piece of text within an item: what was told of it, and where it began in the text that it became."""

    pieces: list[str] = field(default_factory=list)
    base: int = 0
    citations: int = 0
    logprobs: bool = False

    def missing(self, whole: str) -> str:
        """What `whole` has more than was told; nothing if it is another text altogether."""
        told = "".join(self.pieces)
        return whole[len(told) :] if whole.startswith(told) else ""


@dataclass(slots=True)
class Item:
    """An item of the answer while it comes."""

    type: str
    number: int
    id: str = ""
    parts: dict[tuple[str, int], Part] = field(default_factory=dict)
    call: int | None = None
    name: str = ""
    done: bool = False

    def part(self, kind: str, index: int) -> Part:
        return self.parts.setdefault((kind, index), Part())


class Answer:
    """What was told of an answer so far. Each method yields the events that are new."""

    def __init__(self) -> None:
        self.calls = 0
        self._run = 0  # characters of the text that the next piece would continue
        self._thinking: Item | None = None

    # -- pieces ------------------------------------------------------------------------

    def text(self, item: Item, index: int, piece: str, logprobs: Any = None) -> Iterator[Event]:
        yield from self._end_thought(item)
        part = item.part("text", index)
        if not part.pieces:
            part.base = self._run
        part.pieces.append(piece)
        self._run += len(piece)
        sampled = parse_logprobs(logprobs)
        part.logprobs = part.logprobs or bool(sampled)
        if piece or sampled:
            yield ir.TextDelta(piece, sampled)

    def cite(self, item: Item, index: int, annotation: Any) -> Iterator[Event]:
        part = item.part("text", index)
        part.citations += 1
        yield ir.Cite(parse_citation(mapping(annotation), part.base))

    def refuse(self, item: Item, index: int, piece: str) -> Iterator[Event]:
        if piece:
            yield from self._end_thought(item)
            self._run = 0
            item.part("refusal", index).pieces.append(piece)
            yield ir.RefusalDelta(piece)

    def think(self, item: Item, kind: str, index: int, piece: str) -> Iterator[Event]:
        """`kind`: summary or content. Parts of one item are one thought, with a blank line between."""
        if not piece:
            return
        if self._thinking is not item:
            yield from self._end_thought(None)
        self._thinking, self._run = item, 0
        part = item.part(kind, index)
        if not part.pieces and any(other.pieces for (of, _), other in item.parts.items() if of == kind):
            piece = f"\n\n{piece}"
            part.pieces.append(piece[2:])
        else:
            part.pieces.append(piece)
        yield ir.ReasoningDelta(piece, kind == "summary")

    def argue(self, item: Item, piece: str) -> Iterator[Event]:
        """A piece of a call's arguments; it waits until the call has a name."""
        if piece:
            item.part("arguments", 0).pieces.append(piece)
            if item.call is not None:
                yield ir.ToolCallDelta(item.call, piece)

    def _end_thought(self, item: Item | None, seal: ir.Opaque | None = None) -> Iterator[Event]:
        """Anything else that comes ends the thought; a sealed one ends with its seal."""
        if self._thinking is not None and (seal or self._thinking is not item):
            self._thinking = None
            yield ir.ReasoningEnd(seal)

    # -- items -------------------------------------------------------------------------

    def begin(self, item: Item, value: Json) -> Iterator[Event]:
        """``output_item.added``: a call is told as soon as its name is known."""
        item.id = text(value.get("id")) or item.id
        if item.type in _CALLS and text(value.get("name")) and text(value.get("call_id")):
            yield from self._start_call(item, value)
            yield from self._rest_of_arguments(item, value)

    def complete(self, item: Item, value: Json) -> Iterator[Event]:
        """The whole item: tells what is not told yet."""
        if item.done:
            return
        item.done = True
        yield from _COMPLETE.get(item.type, Answer._foreign)(self, item, value)

    def end(self, known: list[Item]) -> Iterator[Event]:
        """The answer is over: a call that never got a name is told all the same."""
        for item in known:
            if item.type in _CALLS and item.call is None and (item.parts or item.name):
                yield from self._start_call(item, {})
        yield from self._end_thought(None)

    def _start_call(self, item: Item, value: Json) -> Iterator[Event]:
        yield from self._end_thought(item)
        self._run = 0
        item.call, self.calls = self.calls, self.calls + 1
        id = text(value.get("call_id")) or text(value.get("id")) or item.id or f"call_{item.call}"
        name = text(value.get("name")) or item.name or f"tool_{item.call}"
        kind = _CALLS[item.type][0]
        yield ir.ToolCallStart(item.call, id, name, kind, text(value.get("namespace")))
        if told := "".join(item.part("arguments", 0).pieces):
            yield ir.ToolCallDelta(item.call, told)

    def _rest_of_arguments(self, item: Item, value: Json) -> Iterator[Event]:
        whole = text(value.get(_CALLS[item.type][1]))
        yield from self.argue(item, item.part("arguments", 0).missing(whole))

    def _call(self, item: Item, value: Json) -> Iterator[Event]:
        if item.call is None:
            yield from self._start_call(item, value)
        yield from self._rest_of_arguments(item, value)
        if item.call is not None and value.get("status") != "incomplete":
            yield ir.ToolCallEnd(item.call)

    def _message(self, item: Item, value: Json) -> Iterator[Event]:
        content = value.get("content")
        parts = [{"type": "output_text", "text": content}] if isinstance(content, str) else items(content)
        places = {kind: iter(sorted(at for of, at in item.parts if of == kind)) for kind in ("text", "refusal")}
        for index, part in enumerate(objects(parts)):
            # Some servers count `content_index` otherwise than the list does: parts are known by kind and order.
            if part.get("type") == "refusal":
                at = next(places["refusal"], index)
                yield from self.refuse(item, at, item.part("refusal", at).missing(text(part.get("refusal"))))
            else:
                yield from self._text_part(item, next(places["text"], index), part)

    def _text_part(self, item: Item, index: int, value: Json) -> Iterator[Event]:
        part = item.part("text", index)
        logprobs = None if part.logprobs else value.get("logprobs")
        if (rest := part.missing(text(value.get("text")))) or logprobs:
            yield from self.text(item, index, rest, logprobs)
        for annotation in items(value.get("annotations"))[part.citations :]:
            yield from self.cite(item, index, annotation)

    def _reasoning(self, item: Item, value: Json) -> Iterator[Event]:
        for kind in ("summary", "content"):
            for index, part in enumerate(objects(value.get(kind))):
                rest = item.part(kind, index).missing(text(part.get("text")))
                yield from self.think(item, kind, index, rest)
        if sealed := text(value.get("encrypted_content")):
            seal = ir.Opaque(NAME, sealed, text(value.get("id")) or item.id)
            if self._thinking is item:
                yield from self._end_thought(item, seal)
            else:
                yield from self._end_thought(None)
                self._run = 0
                yield ir.ReasoningEnd(seal)
        elif self._thinking is item:
            yield from self._end_thought(None)

    def _web_search(self, item: Item, value: Json) -> Iterator[Event]:
        yield from self._blocks(*parse_web_search(value, f"search_{item.number}"))

    def _code_run(self, item: Item, value: Json) -> Iterator[Event]:
        yield from self._blocks(*parse_code_run(value, f"code_{item.number}"))

    def _image(self, item: Item, value: Json) -> Iterator[Event]:
        """A picture is one in every format; without its bytes (it failed, it is stored) only this one knows it."""
        left = dict(value)
        data, format = text(left.pop("result", None)), text(left.get("output_format")) or "png"
        if not data:
            yield from self._foreign(item, value)
            return
        yield from self._blocks(ir.Media("image", f"image/{format}", data, extra=ir.Extra(NAME, left)))

    def _foreign(self, item: Item, value: Json) -> Iterator[Event]:
        yield from self._blocks(ir.Foreign(NAME, OUTPUT + text(value.get("type")), value))

    def _blocks(self, *parts: ir.Media | ir.BuiltinCall | ir.BuiltinResult | ir.Foreign) -> Iterator[Event]:
        yield from self._end_thought(None)
        self._run = 0
        yield from (ir.Block(part) for part in parts)


_COMPLETE: dict[str, Callable[[Answer, Item, Json], Iterator[Event]]] = {
    "message": Answer._message,
    "reasoning": Answer._reasoning,
    "function_call": Answer._call,
    "custom_tool_call": Answer._call,
    "web_search_call": Answer._web_search,
    "code_interpreter_call": Answer._code_run,
    "image_generation_call": Answer._image,
}
