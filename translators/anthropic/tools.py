"""Tool definitions and the choice among them, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..ir import Json
from ..wire import Fields, compact, dumps, extra_of
from .caching import parse_cache, render_cache
from .schemas import input_schema
from .words import BUILTIN_TYPE, BUILTIN_VERSION, BUILTINS, NAME

type _Tool = ir.Tool | ir.BuiltinTool | ir.ForeignTool
_MODE = {"auto": "auto", "any": "required", "tool": "tool", "none": "none"}
_CHOICE = {mode: word for word, mode in _MODE.items()}
_FREEFORM: Json = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


# -- in ---------------------------------------------------------------------------------


def parse_tools(fields: Fields) -> Iterator[_Tool]:
    raw = fields.left().get("tools") or ()
    for tool, block in zip(fields.each("tools"), raw, strict=True):
        yield _parse_tool(tool, block)


def _parse_tool(fields: Fields, raw: Json) -> _Tool:
    """No type, or ``custom``: the client's own function."""
    type_ = fields.text("type", "")
    if type_ in ("", "custom"):
        return _parse_function(fields)
    if builtin := BUILTIN_TYPE.fullmatch(type_):
        return _parse_builtin(fields, BUILTINS[builtin[1]], type_)
    return ir.ForeignTool(NAME, type_, raw)


def _parse_function(fields: Fields) -> ir.Tool:
    return ir.Tool(
        fields.text("name"),
        fields.text("description", ""),
        fields.json("input_schema"),
        fields.flag("strict"),
        cache=parse_cache(fields),
        extra=fields.rest(NAME),
    )


def _parse_builtin(fields: Fields, tool: ir.Builtin, type_: str) -> ir.BuiltinTool:
    """Its name is the tool's, always."""
    fields.take("name")
    if type_ != BUILTIN_VERSION[tool]:
        fields.left()["type"] = type_
    allowed, blocked = fields.texts("allowed_domains"), fields.texts("blocked_domains")
    return ir.BuiltinTool(tool, allowed, blocked, fields.integer("max_uses"), fields.rest(NAME))


def parse_tool_choice(fields: Fields) -> tuple[ir.ToolChoice | None, bool | None]:
    """The choice, and whether calls may be parallel. An unread rest stays behind, as `tool_choice`."""
    choice = fields.fields("tool_choice")
    if choice is None:
        return None, None
    mode = choice.word("type", _MODE)
    names = (choice.text("name"),) if mode == "tool" else ()
    serial = choice.flag("disable_parallel_tool_use")
    if rest := choice.rest(NAME):
        fields.left()["tool_choice"] = rest.fields
    return ir.ToolChoice(mode, names), None if serial is None else not serial  # type: ignore[arg-type]


# -- out --------------------------------------------------------------------------------


def render_tools(tools: tuple[_Tool, ...]) -> list[Json]:
    return [block for tool in tools if (block := _render_tool(tool))]


def _render_tool(tool: _Tool) -> Json | None:
    match tool:
        case ir.Tool():
            return _render_function(tool)
        case ir.BuiltinTool():
            return _render_builtin(tool)
        case ir.ForeignTool():
            return dict(tool.value) if tool.format == NAME else None


def _render_function(tool: ir.Tool) -> Json:
    """A freeform tool is a function of one string."""
    custom = tool.kind == "custom"
    block = {
        "name": tool.name,
        "description": (_with_grammar(tool) if custom else tool.description) or None,
        "input_schema": _FREEFORM if custom else input_schema(tool.parameters),
        "strict": None if custom else tool.strict,
    }
    return {**compact(block), **render_cache(tool.cache), **extra_of(tool.extra, NAME)}


def _with_grammar(tool: ir.Tool) -> str:
    if not tool.grammar:
        return tool.description
    definition = tool.grammar.get("definition")
    grammar = definition if isinstance(definition, str) else dumps(tool.grammar).decode()
    return f"{tool.description}\n\n`input` must match this {tool.grammar.get('syntax', '')} grammar:\n{grammar}".strip()


def _render_builtin(tool: ir.BuiltinTool) -> Json:
    """Anthropic: allowed_domains "cannot be used alongside `blocked_domains`"."""
    block = {
        "type": BUILTIN_VERSION[tool.tool],
        "name": tool.tool,
        "allowed_domains": list(tool.allowed) or None,
        "blocked_domains": list(tool.blocked) if tool.blocked and not tool.allowed else None,
        "max_uses": tool.max_uses,
    }
    return {**compact(block), **extra_of(tool.extra, NAME)}


def render_tool_choice(request: ir.Request) -> Json | None:
    """Anthropic: "tool_choice may only be specified while providing tools". Parallel calls are the default."""
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    if not request.tools or (choice is None and parallel is not False):
        return None
    mode = choice.mode if choice else "auto"
    block = {
        "type": _CHOICE[mode],
        "name": choice.names[0] if choice and mode == "tool" and choice.names else None,
        "disable_parallel_tool_use": not parallel if parallel is not None and mode != "none" else None,
    }
    return compact(block)
