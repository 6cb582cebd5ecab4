"""Reads the tools of a chat request, the choice among them, and the old ``functions``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from .. import ir
from ..lenient import items, mapping, text
from ..wire import Fields
from .parse_parts import parse_cache, rest_with
from .words import NAME

_MODES = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
"""``any``: Mistral."""


def parse_tools(body: Fields) -> Iterator[ir.Tool | ir.BuiltinTool | ir.ForeignTool]:
    for tool in body.each("tools"):
        yield _tool(tool)
    for function in body.each("functions"):
        yield _function(function, None, partial(function.rest, NAME))
    if (search := body.fields("web_search_options")) is not None:
        yield ir.BuiltinTool("web_search", extra=search.rest(NAME))


def parse_tool_choice(body: Fields) -> ir.ToolChoice | None:
    """``tool_choice``, or ``function_call`` of the old kind: a word, or an object that names a tool."""
    key = "tool_choice" if body.left().get("tool_choice") is not None else "function_call"
    value = body.take(key)
    match value:
        case None:
            return None
        case {"type": "allowed_tools", "allowed_tools": dict(allowed)}:
            mode = "required" if allowed.get("mode") == "required" else "auto"
            return ir.ToolChoice(mode, tuple(filter(None, map(_name, items(allowed.get("tools"))))))  # type: ignore[arg-type]
        case dict() if name := _name(value):
            return ir.ToolChoice("tool", (name,))
    word = value.get("type") if isinstance(value, dict) else value
    if isinstance(word, str) and word in _MODES:
        return ir.ToolChoice(_MODES[word])  # type: ignore[arg-type]
    raise body.fault(key, "one of none, auto, required, or an object that names a tool", value)


def _name(value: object) -> str:
    fields = mapping(value)
    inner = fields.get("function") or fields.get("custom") or fields
    return text(mapping(inner).get("name"))


def _tool(tool: Fields) -> ir.Tool | ir.ForeignTool:
    whole = dict(tool.left())
    match tool.text("type", "function"):
        case "function":
            cache, inner = parse_cache(tool), tool.fields("function")
            if inner is None:  # the Responses API's spelling, often sent here
                return _function(tool, cache, lambda: tool.rest(NAME))
            return _function(inner, cache or parse_cache(inner), lambda: rest_with(tool, "function", inner))
        case "custom":
            return _custom(tool)
        case type_:
            return ir.ForeignTool(NAME, type_, whole)


def _function(inner: Fields, cache: ir.Cache | None, rest: Callable[[], ir.Extra | None]) -> ir.Tool:
    """`rest`: what is left when all is read. ``input_schema``: Anthropic's spelling, which Cursor sends here."""
    name, description = inner.text("name"), inner.text("description", "")
    parameters = inner.json("parameters" if inner.left().get("parameters") is not None else "input_schema")
    return ir.Tool(name, description, parameters, inner.flag("strict"), cache=cache, extra=rest())


def _custom(tool: Fields) -> ir.Tool:
    """``{"format": {"type": "grammar", "grammar": {"syntax", "definition"}}}``: one level deeper than in Responses."""
    cache, inner = parse_cache(tool), tool.fields("custom")
    if inner is None:
        raise tool.fault("custom", "an object with a name", None)
    name, description, format = inner.text("name"), inner.text("description", ""), inner.json("format")
    nested = mapping(mapping(format).get("grammar"))
    grammar = {"type": "grammar", **nested} if nested else format
    return ir.Tool(
        name, description, kind="custom", grammar=grammar, cache=cache, extra=rest_with(tool, "custom", inner)
    )
