"""Reads the messages of a chat request, also those of the old function calling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .. import ir, opaque
from ..lenient import mapping, text
from ..wire import Fields, dumps
from .parse_parts import parse_cache, parse_content, rest_with
from .thoughts import parse_thoughts
from .words import NAME

_ROLES: dict[str, ir.Role | None] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": None,
}
"""``function`` is the result of an old ``function_call``; it has a name where `tool` has an id."""
_THOUGHT_FIELDS = {"reasoning_content", "reasoning", "reasoning_details"}


def parse_messages(messages: Iterable[Fields]) -> tuple[ir.Message, ...]:
    """Neighbouring tool messages become one."""
    parsed: list[ir.Message] = []
    pending: dict[str, str] = {}
    for index, fields in enumerate(messages):
        message = _message(fields, index, pending)
        if message.role == "tool" and parsed and parsed[-1].role == "tool":
            parsed[-1] = ir.Message("tool", parsed[-1].parts + message.parts)
        else:
            parsed.append(message)
    return tuple(parsed)


def _message(fields: Fields, index: int, pending: dict[str, str]) -> ir.Message:
    """`pending`: name of an old function call → the id it was given here, for its result."""
    role = fields.word("role", _ROLES)
    if role is None:
        name = fields.text("name", "")
        return _result(fields, pending.get(name, f"call_{index}"), name)
    if role == "tool":
        return _result(fields, fields.text("tool_call_id", ""), fields.text("name", ""))
    name, cache = fields.text("name", ""), parse_cache(fields)
    parts = [*_assistant(fields, index, pending)] if role == "assistant" else [*parse_content(fields)]
    return ir.Message(role, _with_cache(parts, cache), name, fields.rest(NAME))


def _result(fields: Fields, call_id: str, name: str) -> ir.Message:
    parts = tuple(_text_or_media(part) for part in parse_content(fields))
    cache = parse_cache(fields)
    return ir.Message("tool", (ir.ToolResult(call_id, parts, name=name, cache=cache, extra=fields.rest(NAME)),))


def _text_or_media(part: ir.Part) -> ir.Text | ir.Media:
    match part:
        case ir.Text() | ir.Media():
            return part
        case ir.Foreign():
            return ir.Text(dumps(part.value).decode())
        case _:
            return ir.Text(getattr(part, "text", ""))


def _with_cache(parts: list[ir.Part], cache: ir.Cache | None) -> tuple[ir.Part, ...]:
    """A breakpoint on the message is one behind its last part."""
    if cache and parts and isinstance(parts[-1], ir.Text | ir.Media | ir.ToolCall) and not parts[-1].cache:
        parts[-1] = replace(parts[-1], cache=cache)
    return tuple(parts)


def _assistant(fields: Fields, index: int, pending: dict[str, str]) -> Iterator[ir.Part]:
    if fields.left().keys() & _THOUGHT_FIELDS:
        yield from parse_thoughts(fields.left())
        for key in _THOUGHT_FIELDS:
            fields.take(key)
    yield from parse_content(fields)
    if refusal := fields.text("refusal", ""):
        yield ir.Refusal(refusal)
    for call in fields.each("tool_calls"):
        yield _call(call)
    if old := fields.fields("function_call"):
        name, arguments = _function(old)
        pending[name] = f"call_{index}"
        yield ir.ToolCall(pending[name], name, arguments, extra=old.rest(NAME))
    if not fields.left().get("annotations"):
        fields.take("annotations")  # an empty list says nothing


def _call(fields: Fields) -> ir.ToolCall:
    fields.take("index")
    id, type_ = fields.text("id", ""), fields.text("type", "")
    seal, cache = _seal(fields), parse_cache(fields)
    kind: ir.ToolKind = "custom" if type_ == "custom" or "function" not in fields.left() else "function"
    inner = fields.fields(kind)
    if inner is None:
        raise fields.fault("function", "an object with name and arguments", None)
    name, arguments = _function(inner) if kind == "function" else (inner.text("name"), inner.text("input", ""))
    return ir.ToolCall(id, name, arguments, kind, opaque=seal, cache=cache, extra=rest_with(fields, kind, inner))


def _function(inner: Fields) -> tuple[str, str]:
    """Name and arguments, which are text; some clients send the object itself."""
    name, value = inner.text("name"), inner.left().get("arguments")
    if isinstance(value, dict):
        inner.take("arguments")
        return name, dumps(value).decode()
    return name, inner.text("arguments", "")


def _seal(fields: Fields) -> ir.Opaque | None:
    """Google: ``extra_content.google.thought_signature``; so also travel the seals of other formats."""
    google = mapping(mapping(fields.left().get("extra_content")).get("google"))
    signature = text(google.get("thought_signature"))
    if not signature:
        return None
    fields.take("extra_content")
    return opaque.unpack(signature, NAME)
