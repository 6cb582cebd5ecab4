"""Carries reasoning in chat messages: ``reasoning_content`` and its other names, and ``reasoning_details`` with seals.

OpenRouter and its like seal thoughts in ``reasoning_details``: a list of ``reasoning.text`` (with `signature`),
``reasoning.summary`` and ``reasoning.encrypted`` (with `data`) that must come back as it was. A list that holds a seal
is therefore kept whole, as one seal of this format. The same list carries the seals of other formats through a chat
client, one entry a thought.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .. import ir, opaque
from ..lenient import flat, items, mapping, text
from ..wire import dumps, loads
from .words import NAME

_TEXTS = ("reasoning_content", "reasoning")
"""DeepSeek, Qwen, llama.cpp …; OpenRouter, Groq, Ollama … Some send both, with the same text."""
_SEALS = {"reasoning.text": "signature", "reasoning.summary": "signature", "reasoning.encrypted": "data"}
_PIECES = ("text", "summary", "data")


def text_of(message: ir.Json) -> str:
    """The thought in a message or delta, under whichever name it stands."""
    for key in _TEXTS:
        if found := flat(message.get(key)):
            return found
    return ""


def text_in(details: Iterable[Any]) -> str:
    return "".join(_text(detail) for detail in details)


def parse_thoughts(message: ir.Json) -> Iterator[ir.Reasoning]:
    """The thoughts of a message that comes back from a client."""
    details = [mapping(detail) for detail in items(message.get("reasoning_details"))]
    foreign = [_unpacked(detail) for detail in details]
    if any(seal and seal.format != NAME for seal in foreign):
        yield from (_thought(detail, seal) for detail, seal in zip(details, foreign, strict=True))
        return
    thought = text_of(message) or text_in(details)
    seal = seal_of(details)
    if thought or seal:
        yield ir.Reasoning(thought, seal, is_summary(details))


def seal_of(details: list[ir.Json]) -> ir.Opaque | None:
    """The whole list as one seal of this format, if any entry is sealed."""
    if not any(detail.get("signature") or detail.get("data") for detail in details):
        return None
    return ir.Opaque(NAME, dumps(details).decode())


def is_summary(details: list[ir.Json]) -> bool:
    return any(detail.get("type") == "reasoning.summary" for detail in details)


def join(details: list[ir.Json], pieces: Iterable[Any]) -> None:
    """Adds the entries of a delta to those before: what has one index and type is one entry, its texts grow."""
    for piece in pieces:
        if type(piece) is not dict:
            continue
        last = details[-1] if details else {}
        if last.get("type") == piece.get("type") and last.get("index") == piece.get("index"):
            grown = {key: text(last.get(key)) + text(piece.get(key)) for key in _PIECES if key in last or key in piece}
            last.update({key: value for key, value in piece.items() if value not in (None, "")} | grown)
        else:
            details.append(dict(piece))


def render_thoughts(thoughts: list[ir.Reasoning], foreign: bool) -> ir.Json:
    """The fields of a message that carry these thoughts. `foreign`: also the seals of other formats, for a client."""
    fields: ir.Json = {}
    if said := "\n\n".join(thought.text for thought in thoughts if thought.text):
        fields["reasoning_content"] = said
    details: list[Any] = []
    for thought in thoughts:
        if thought.opaque and (foreign or thought.opaque.format == NAME):
            details += render_seal(thought, len(details))
    if details:
        fields["reasoning_details"] = details
    return fields


def render_seal(thought: ir.Reasoning, index: int) -> list[Any]:
    """Our own list as it was, or one entry that carries the seal of another format."""
    seal = thought.opaque
    if seal is None:
        return []
    if seal.format == NAME:
        return _own(seal)
    packed = opaque.pack(seal)
    if not thought.text:
        return [{"type": "reasoning.encrypted", "data": packed, "index": index}]
    key = "summary" if thought.summary else "text"
    return [{"type": f"reasoning.{key}", key: thought.text, "signature": packed, "index": index}]


def _own(seal: ir.Opaque) -> list[Any]:
    try:
        return items(loads(seal.data))
    except ValueError:
        return []


def _unpacked(detail: ir.Json) -> ir.Opaque | None:
    data = text(detail.get(_SEALS.get(text(detail.get("type")), "")))
    return opaque.unpack(data, NAME) if data else None


def _thought(detail: ir.Json, seal: ir.Opaque | None) -> ir.Reasoning:
    if seal and seal.format == NAME:
        seal = seal_of([detail])
    return ir.Reasoning(_text(detail), seal, is_summary([detail]))


def _text(detail: Any) -> str:
    fields = mapping(detail)
    return text(fields.get("text")) or text(fields.get("summary"))
