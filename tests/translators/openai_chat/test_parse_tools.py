from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat.parse_tools import parse_tool_choice, parse_tools
from cliproxy.translators.wire import Fields

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
LARK = {"syntax": "lark", "definition": "start: /a/"}
TOOLS: dict[str, tuple[dict[str, Any], Any]] = {
    "function": (
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True}},
        ir.Tool("f", "d", SCHEMA, True),
    ),
    "no type": ({"function": {"name": "f"}}, ir.Tool("f")),
    "spelled as in Responses": ({"type": "function", "name": "f", "parameters": SCHEMA}, ir.Tool("f", "", SCHEMA)),
    "breakpoint": (
        {"type": "function", "function": {"name": "f"}, "cache_control": {"type": "ephemeral"}},
        ir.Tool("f", cache=ir.Cache()),
    ),
    "what is left": (
        {"type": "function", "function": {"name": "f", "required": ["a"]}, "eager": True},
        ir.Tool("f", extra=ir.Extra("openai_chat", {"eager": True, "function": {"required": ["a"]}})),
    ),
    "custom": (
        {"type": "custom", "custom": {"name": "x", "format": {"type": "grammar", "grammar": LARK}}},
        ir.Tool("x", kind="custom", grammar={"type": "grammar", **LARK}),
    ),
    "custom text": (
        {"type": "custom", "custom": {"name": "x", "description": "d", "format": {"type": "text"}}},
        ir.Tool("x", "d", kind="custom", grammar={"type": "text"}),
    ),
    "another": (
        {"type": "openrouter:web_search", "parameters": {}},
        ir.ForeignTool("openai_chat", "openrouter:web_search", {"type": "openrouter:web_search", "parameters": {}}),
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_tool(name: str) -> None:
    said, expected = TOOLS[name]
    assert tuple(parse_tools(Fields({"tools": [said]}))) == (expected,)


def test_functions_and_web_search() -> None:
    body = Fields({"functions": [{"name": "f"}], "web_search_options": {"search_context_size": "low"}})
    assert tuple(parse_tools(body)) == (
        ir.Tool("f"),
        ir.BuiltinTool("web_search", extra=ir.Extra("openai_chat", {"search_context_size": "low"})),
    )
    assert tuple(parse_tools(Fields({"web_search_options": {}}))) == (ir.BuiltinTool("web_search"),)


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, None),
        ({"tool_choice": "none"}, ir.ToolChoice("none")),
        ({"tool_choice": "any"}, ir.ToolChoice("required")),
        ({"tool_choice": {"type": "auto"}}, ir.ToolChoice("auto")),
        ({"tool_choice": named("f")}, ir.ToolChoice("tool", ("f",))),
        ({"tool_choice": {"type": "custom", "custom": {"name": "x"}}}, ir.ToolChoice("tool", ("x",))),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named("f")]}}},
            ir.ToolChoice("required", ("f",)),
        ),
        ({"function_call": {"name": "f"}}, ir.ToolChoice("tool", ("f",))),
        ({"function_call": "auto"}, ir.ToolChoice("auto")),
    ],
)
def test_choice(body: dict[str, Any], expected: ir.ToolChoice | None) -> None:
    """pains.md edge case 17."""
    assert parse_tool_choice(Fields(body)) == expected


@pytest.mark.parametrize("value", [5, "perhaps", {"type": "function"}, {"type": 3}, []])
def test_a_choice_that_is_none(value: Any) -> None:
    with pytest.raises(ir.BadRequest, match="tool_choice must be"):
        parse_tool_choice(Fields({"tool_choice": value}))


@pytest.mark.parametrize(
    ("tool", "param"),
    [(5, "tools[0]"), ({"type": "function"}, "tools[0].name"), ({"type": "custom"}, "tools[0].custom")],
)
def test_the_fault_is_named(tool: Any, param: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        tuple(parse_tools(Fields({"tools": [tool]})))
    assert raised.value.param == param
