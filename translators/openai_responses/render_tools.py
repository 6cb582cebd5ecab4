"""Writes the tools of a request and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable

from ..ir import BuiltinTool, Json, Tool, ToolChoice
from ..wire import compact, extra_of
from .parse_tools import AnyTool
from .words import HOSTED, NAME


def render_tools(tools: Iterable[AnyTool]) -> list[Json]:
    """Tools of one namespace stand in one group, where the first of them stood."""
    rendered: list[Json] = []
    groups: dict[str, Json] = {}
    for tool in tools:
        if not isinstance(tool, Tool):
            rendered += _render_other(tool)
        elif not tool.namespace:
            rendered.append(_render_tool(tool))
        else:
            if tool.namespace not in groups:
                groups[tool.namespace] = group = _render_namespace(tool)
                rendered.append(group)
            groups[tool.namespace]["tools"].append(_render_tool(tool))
    return rendered


def _render_namespace(first: Tool) -> Json:
    own = extra_of(first.extra, NAME).get("namespace", {})
    return {"type": "namespace", "name": first.namespace, "description": "", **own, "tools": []}


def _render_tool(tool: Tool) -> Json:
    own = {key: value for key, value in extra_of(tool.extra, NAME).items() if key != "namespace"}
    head = {"name": tool.name, "description": tool.description or None}
    if tool.kind == "custom":
        return compact({"type": "custom", **head, "format": tool.grammar, **own})
    return compact(
        {
            "type": "function",
            **head,
            "parameters": _render_parameters(tool.parameters),
            "strict": _render_strict(tool),
            **own,
        }
    )


def _render_strict(tool: Tool) -> bool | None:
    """ "If omitted, Responses attempts to use strict validation": elsewhere it means no, so there it must be said."""
    if tool.strict is None and tool.extra and tool.extra.format == NAME:
        return None
    return tool.strict or False


def _render_parameters(schema: Json | None) -> Json:
    """OpenAI refuses an object schema without `properties`."""
    if not schema:
        return {"type": "object", "properties": {}}
    if schema.get("type") == "object" and "properties" not in schema:
        return {**schema, "properties": {}}
    return schema


def _render_other(tool: AnyTool) -> list[Json]:
    if not isinstance(tool, BuiltinTool):
        return [tool.value] if not isinstance(tool, Tool) and tool.format == NAME else []
    render = {"web_search": _render_web_search, "code_execution": _render_code_interpreter}.get(tool.tool)
    return [compact({**extra_of(tool.extra, NAME), **render(tool)})] if render else []


def _render_web_search(tool: BuiltinTool) -> Json:
    domains = {"allowed_domains": tool.allowed, "blocked_domains": tool.blocked}
    filters = {key: list(value) for key, value in domains.items() if value}
    own = extra_of(tool.extra, NAME)
    filters |= own.get("filters", {})
    return {"type": own.get("type", "web_search"), "filters": filters or None}


def _render_code_interpreter(tool: BuiltinTool) -> Json:
    container = extra_of(tool.extra, NAME).get("container", {"type": "auto"})
    return {"type": "code_interpreter", "container": container}


def render_tool_choice(choice: ToolChoice, tools: Iterable[AnyTool]) -> str | Json:
    if choice.mode == "tool":
        return _render_one(choice.names[0], tools) if choice.names else "required"
    if choice.names and choice.mode != "none":
        chosen = [_render_one(name, tools) for name in choice.names]
        return {"type": "allowed_tools", "mode": choice.mode, "tools": chosen}
    return choice.mode


def _render_one(name: str, tools: Iterable[AnyTool]) -> Json:
    hosted: Json | None = None
    for tool in tools:
        if isinstance(tool, Tool) and tool.name == name:
            return {"type": tool.kind, "name": name}
        if isinstance(tool, BuiltinTool) and tool.tool == name:
            hosted = {"type": extra_of(tool.extra, NAME).get("type", HOSTED.get(name, name))}
    return hosted or {"type": "function", "name": name}
