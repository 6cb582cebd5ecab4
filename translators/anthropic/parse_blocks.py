"""Content blocks of a request → parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import mapping, text
from ..opaque import unpack
from ..wire import Fields
from .arguments import arguments_text, json_text
from .builtins import parse_builtin
from .caching import parse_cache
from .citations import parse_citations
from .media import can_parse, flat_text, parse_media
from .words import CALL_SEAL, NAME, REDACTED


def parse_content(fields: Fields, key: str = "content") -> Iterator[ir.Part]:
    """A string or a list of blocks. Absent or null: nothing."""
    return _each_block(fields, key, parse_block)


def parse_block(fields: Fields, raw: Json) -> ir.Part:
    """`raw`: the whole block, of which `fields` takes what is known."""
    type_ = fields.text("type")
    if parse := _BLOCKS.get(type_):
        return parse(fields, raw)
    return parse_builtin(raw) or ir.Foreign(NAME, type_, raw)


def _each_block[P](fields: Fields, key: str, parse: Callable[[Fields, Json], P]) -> Iterator[P | ir.Text]:
    content = fields.take(key, ())
    if isinstance(content, str):
        yield ir.Text(content)
        return
    if type(content) not in (list, tuple):
        raise fields.fault(key, "a string or a list of blocks", content)
    for index, raw in enumerate(content):
        if _is_plain_text(raw):  # most blocks are: half the time of a request
            yield ir.Text(raw["text"])
        else:
            yield parse(Fields(raw, partial(_place, fields, key, index)), raw)


def _place(fields: Fields, key: str, index: int) -> str:
    return f"{fields.path}.{key}[{index}]".removeprefix(".")


def _is_plain_text(raw: Any) -> bool:
    return type(raw) is dict and len(raw) == 2 and raw.get("type") == "text" and type(raw.get("text")) is str


def _text(fields: Fields, _: Json) -> ir.Text:
    citations = fields.take("citations")
    return ir.Text(
        fields.text("text"),
        parse_citations(citations) if citations else (),
        cache=parse_cache(fields),
        extra=fields.rest(NAME),
    )


def _image(fields: Fields, raw: Json) -> ir.Part:
    return parse_media(fields, "image") if can_parse(raw) else ir.Foreign(NAME, "image", raw)


def _document(fields: Fields, raw: Json) -> ir.Part:
    return parse_media(fields, "document") if can_parse(raw) else ir.Foreign(NAME, "document", raw)


def _stand_in(fields: Fields, raw: Json) -> ir.Text:
    """A block that others can read as text. The block itself is kept under its type, for Anthropic."""
    type_, cache = text(raw.get("type")), parse_cache(fields)
    kept = {key: value for key, value in raw.items() if key != "cache_control" or cache is None}
    return ir.Text(_readable(raw), cache=cache, extra=ir.Extra(NAME, {type_: kept}))


def _readable(block: Json) -> str:
    if block.get("type") != "search_result":
        return json_text(block)
    head = (text(block.get("title")), text(block.get("source")))
    return "\n".join(filter(None, (*head, flat_text(block.get("content")))))


def _thinking(fields: Fields, _: Json) -> ir.Reasoning:
    thought, signature = fields.text("thinking", ""), fields.text("signature", "")
    opaque = unpack(signature, NAME) if signature else None
    return ir.Reasoning(thought, opaque, extra=fields.rest(NAME))


def _redacted(fields: Fields, _: Json) -> ir.Reasoning:
    opaque = unpack(fields.text("data"), NAME)
    if opaque.format == NAME:
        opaque = ir.Opaque(NAME, opaque.data, REDACTED)
    return ir.Reasoning("", opaque, extra=fields.rest(NAME))


def _tool_use(fields: Fields, _: Json) -> ir.ToolCall:
    arguments = arguments_text(fields.json("input", {}) or {})
    id, name = fields.text("id"), fields.text("name")
    return ir.ToolCall(id, name, arguments, cache=parse_cache(fields), extra=fields.rest(NAME))


def _tool_result(fields: Fields, _: Json) -> ir.ToolResult:
    call_id, is_error = fields.text("tool_use_id"), bool(fields.flag("is_error"))
    parts = tuple(_each_block(fields, "content", _result_part))
    return ir.ToolResult(call_id, parts, is_error, cache=parse_cache(fields), extra=fields.rest(NAME))


def _result_part(fields: Fields, raw: Json) -> ir.Text | ir.Media:
    """Of what may stand in a result, all but text, images and documents becomes text that stands in."""
    kind = fields.text("type")
    if kind == "text":
        return _text(fields, raw)
    if kind in ("image", "document") and can_parse(raw):
        return parse_media(fields, "image" if kind == "image" else "document")
    return _stand_in(fields, raw)


_BLOCKS: dict[str, Callable[[Fields, Json], ir.Part]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "search_result": _stand_in,
    "thinking": _thinking,
    REDACTED: _redacted,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}


def with_call_seals(parts: list[ir.Part]) -> tuple[ir.Part, ...]:
    """Another format's seal on a call travelled in a block before it (`answer_blocks.call_seal`): back to the call."""
    if not any(isinstance(part, ir.Reasoning) for part in parts):
        return tuple(parts)
    seals: dict[str, ir.Opaque] = {}
    kept: list[ir.Part] = []
    for part in parts:
        opaque = part.opaque if isinstance(part, ir.Reasoning) else None
        if opaque and opaque.format != NAME and opaque.id.startswith(CALL_SEAL):
            call_id, id = split_call_seal(opaque.id)
            seals[call_id] = ir.Opaque(opaque.format, opaque.data, id)
        elif isinstance(part, ir.ToolCall) and part.id in seals:
            kept.append(_sealed(part, seals[part.id]))
        else:
            kept.append(part)
    return tuple(kept)


def split_call_seal(id: str) -> tuple[str, str]:
    """The call's id and the seal's own."""
    length, _, ids = id.removeprefix(CALL_SEAL).partition(":")
    size = int(length) if length.isdecimal() else 0
    return ids[:size], ids[size:]


def _sealed(call: ir.ToolCall, opaque: ir.Opaque) -> ir.ToolCall:
    return ir.ToolCall(call.id, call.name, call.arguments, opaque=opaque, cache=call.cache, extra=call.extra)


def stand_in_of(part: ir.Text) -> Json | None:
    """The block that `_stand_in` kept, if this is one."""
    if part.extra is None or part.extra.format != NAME:
        return None
    for type_, block in part.extra.fields.items():
        if mapping(block).get("type") == type_:
            return mapping(block)
    return None
