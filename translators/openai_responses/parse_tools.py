"""Reads the tools of a request and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..ir import BuiltinTool, Extra, ForeignTool, Json, Tool, ToolChoice
from ..wire import Fields, fields_of
from .words import NAME

type AnyTool = Tool | BuiltinTool | ForeignTool

_MODES = {"auto": "auto", "none": "none", "required": "required"}
_NAMED = ("function", "custom")


def parse_tools(fields: Fields) -> Iterator[AnyTool]:
    for tool in fields.each("tools"):
        yield from parse_tool(tool)


def parse_tool(fields: Fields) -> Iterator[AnyTool]:
    """One definition; a namespace is several tools. What only this format knows stays whole."""
    whole = fields.left().copy()
    type = fields.text("type", "function")
    if type == "namespace":
        yield from _parse_namespace(fields, whole)
    elif type.startswith("web_search"):
        yield _parse_web_search(fields, type)
    elif parse := _PARSE.get(type):
        yield parse(fields)
    else:
        yield ForeignTool(NAME, type, whole)


def _parse_function(fields: Fields) -> Tool:
    return Tool(
        fields.text("name"),
        fields.text("description", ""),
        fields.json("parameters"),
        fields.flag("strict"),
        # Be it empty: it says that this format spoke, in which an unsaid `strict` is not a no.
        extra=fields.rest(NAME) or Extra(NAME, {}),
    )


def _parse_custom(fields: Fields) -> Tool:
    return Tool(
        fields.text("name"),
        fields.text("description", ""),
        kind="custom",
        grammar=fields.json("format"),
        extra=fields.rest(NAME),
    )


def _parse_web_search(fields: Fields, type: str) -> BuiltinTool:
    """`type` may be a preview or a dated version: kept where it is not the plain one."""
    if type != "web_search":
        fields.left()["type"] = type
    filters = fields.fields("filters")
    allowed = filters.texts("allowed_domains") if filters else ()
    blocked = filters.texts("blocked_domains") if filters else ()
    if filters and (left := filters.rest(NAME)):
        fields.left()["filters"] = left.fields
    return BuiltinTool("web_search", allowed, blocked, extra=fields.rest(NAME))


def _parse_code_interpreter(fields: Fields) -> BuiltinTool:
    if fields.left().get("container") == {"type": "auto"}:
        fields.take("container")
    return BuiltinTool("code_execution", extra=fields.rest(NAME))


_PARSE: dict[str, Callable[[Fields], AnyTool]] = {
    "function": _parse_function,
    "custom": _parse_custom,
    "code_interpreter": _parse_code_interpreter,
}


def _parse_namespace(fields: Fields, whole: Json) -> Iterator[AnyTool]:
    """Nested tools, each with its namespace. The group's own fields (its description) stay on the first."""
    name = fields.text("name")
    tools = [tool for nested in fields.each("tools") for tool in parse_tool(nested)]
    if not tools or not all(isinstance(tool, Tool) and not tool.namespace for tool in tools):
        yield ForeignTool(NAME, "namespace", whole)
        return
    own = fields.rest(NAME)
    for index, tool in enumerate(tools):
        assert isinstance(tool, Tool)
        extra = tool.extra
        if own and not index:
            extra = Extra(NAME, {**(extra.fields if extra else {}), "namespace": own.fields})
        yield replace(tool, namespace=name, extra=extra)


def parse_tool_choice(fields: Fields) -> ToolChoice | None:
    """A choice that only this format knows (one MCP server, a hosted tool) stays in the request's extra."""
    value = fields.take("tool_choice")
    if value is None:
        return None
    if isinstance(value, str):
        if value not in _MODES:
            raise fields.fault("tool_choice", "one of auto, none, required, or an object", value)
        return ToolChoice(value)  # type: ignore[arg-type]
    if not isinstance(value, dict):
        raise fields.fault("tool_choice", "a string or an object", value)
    choice = _parse_choice(value)
    if choice is None:
        fields.left()["tool_choice"] = value
    return choice


def _parse_choice(value: Json) -> ToolChoice | None:
    type = value.get("type")
    if type == "allowed_tools":
        return _parse_allowed(value)
    if type == "code_interpreter":
        return ToolChoice("tool", ("code_execution",))
    if isinstance(type, str) and type.startswith("web_search"):
        return ToolChoice("tool", ("web_search",))
    name = value.get("name")
    return ToolChoice("tool", (name,)) if type in _NAMED and isinstance(name, str) else None


def _parse_allowed(value: Json) -> ToolChoice | None:
    mode, tools = value.get("mode", "auto"), value.get("tools")
    if mode not in ("auto", "required") or not isinstance(tools, list):
        return None
    names = [_name_of(tool) for tool in tools]
    return ToolChoice(mode, tuple(names)) if names and all(names) else None


def _name_of(tool: Any) -> str:
    named = isinstance(tool, dict) and tool.get("type", "function") in _NAMED and isinstance(tool.get("name"), str)
    return tool["name"] if named else ""


def parse_added(value: Any, path: Callable[[], str]) -> tuple[AnyTool, ...]:
    """The tools of an ``additional_tools`` item."""
    return tuple(tool for fields in fields_of(value, path) for tool in parse_tool(fields))
