from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir

SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}}
LOOK = {"name": "look", "description": "Look.", "input_schema": SCHEMA}


def parsed(*tools: Any, **body: Any) -> ir.Request:
    return anthropic.parse_request({"model": "m", "messages": [], "tools": list(tools), **body}, "")


def rendered(*tools: Any, **settings: Any) -> dict[str, Any]:
    return anthropic.render_request(ir.Request("m", tools=tools, **settings))


TOOLS: list[tuple[dict[str, Any], Any]] = [
    (LOOK, ir.Tool("look", "Look.", SCHEMA)),
    ({**LOOK, "strict": True}, ir.Tool("look", "Look.", SCHEMA, strict=True)),
    ({**LOOK, "strict": False}, ir.Tool("look", "Look.", SCHEMA, strict=False)),
    (
        {**LOOK, "eager_input_streaming": True, "defer_loading": True, "input_examples": [{"at": "sky"}]},
        ir.Tool(
            "look",
            "Look.",
            SCHEMA,
            extra=ir.Extra(
                "anthropic", {"eager_input_streaming": True, "defer_loading": True, "input_examples": [{"at": "sky"}]}
            ),
        ),
    ),
    ({**LOOK, "cache_control": {"type": "ephemeral"}}, ir.Tool("look", "Look.", SCHEMA, cache=ir.Cache())),
    (
        {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.test"], "max_uses": 2},
        ir.BuiltinTool("web_search", ("a.test",), max_uses=2),
    ),
    (
        {"type": "web_search_20260318", "name": "web_search", "user_location": {"type": "approximate"}},
        ir.BuiltinTool(
            "web_search",
            extra=ir.Extra("anthropic", {"type": "web_search_20260318", "user_location": {"type": "approximate"}}),
        ),
    ),
    ({"type": "code_execution_20250825", "name": "code_execution"}, ir.BuiltinTool("code_execution")),
    (
        {"type": "computer_20251124", "name": "computer", "display_width_px": 1},
        ir.ForeignTool(
            "anthropic", "computer_20251124", {"type": "computer_20251124", "name": "computer", "display_width_px": 1}
        ),
    ),
]


@pytest.mark.parametrize("wire, tool", TOOLS)
def test_both_ways(wire: dict[str, Any], tool: Any) -> None:
    assert parsed(wire).tools == (tool,)
    assert rendered(tool)["tools"] == [wire]


def test_type_custom_is_a_function() -> None:
    """Cline and litellm say so."""
    assert parsed({**LOOK, "type": "custom"}).tools == (ir.Tool("look", "Look.", SCHEMA),)


def test_anothers_own_tools_stay_away() -> None:
    assert "tools" not in rendered(ir.ForeignTool("openai_responses", "local_shell", {"type": "local_shell"}))


def test_a_freeform_tool_is_a_function_of_one_string() -> None:
    """Edge 23; router-for-me/CLIProxyAPI#5753: Codex's apply_patch silently unusable."""
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}
    (tool,) = rendered(ir.Tool("apply_patch", "Edit files.", kind="custom", grammar=grammar))["tools"]
    assert tool["input_schema"]["required"] == ["input"]
    assert tool["description"].startswith("Edit files.")
    assert "lark" in tool["description"]
    assert "start: WORD" in tool["description"]
    assert rendered(ir.Tool("x", "Do.", kind="custom"))["tools"][0]["description"] == "Do."


@pytest.mark.parametrize(
    "wire, choice, parallel",
    [
        ({"type": "auto"}, ir.ToolChoice("auto"), None),
        ({"type": "any"}, ir.ToolChoice("required"), None),
        ({"type": "none"}, ir.ToolChoice("none"), None),
        ({"type": "tool", "name": "look"}, ir.ToolChoice("tool", ("look",)), None),
        ({"type": "any", "disable_parallel_tool_use": True}, ir.ToolChoice("required"), False),
        ({"type": "auto", "disable_parallel_tool_use": False}, ir.ToolChoice("auto"), True),
    ],
)
def test_the_choice(wire: dict[str, Any], choice: ir.ToolChoice, parallel: bool | None) -> None:
    """Edge 17."""
    request = parsed(LOOK, tool_choice=wire)
    assert (request.tool_choice, request.parallel_tool_calls) == (choice, parallel)
    assert anthropic.render_request(request)["tool_choice"] == wire


def test_the_parallel_flag_alone() -> None:
    tool = ir.Tool("look")
    serial = {"type": "auto", "disable_parallel_tool_use": True}
    assert rendered(tool, parallel_tool_calls=False)["tool_choice"] == serial
    assert "tool_choice" not in rendered(tool, parallel_tool_calls=True)
    none = rendered(tool, parallel_tool_calls=False, tool_choice=ir.ToolChoice("none"))
    assert none["tool_choice"] == {"type": "none"}


def test_no_choice_without_tools() -> None:
    assert "tool_choice" not in rendered(tool_choice=ir.ToolChoice("auto"))


@pytest.mark.parametrize(
    "body, at",
    [
        ({"tools": [3]}, r"tools\[0\]"),
        ({"tools": "x"}, "tools must be a list"),
        ({"tools": [{"description": "?"}]}, r"tools\[0\].name"),
        ({"tools": [LOOK], "tool_choice": {"type": "maybe"}}, "tool_choice.type must be one of auto, any"),
        ({"tools": [LOOK], "tool_choice": {"type": "tool"}}, "tool_choice.name"),
    ],
)
def test_wrong_types_name_the_place(body: dict[str, Any], at: str) -> None:
    with pytest.raises(ir.BadRequest, match=at):
        anthropic.parse_request({"model": "m", "messages": [], **body}, "")
