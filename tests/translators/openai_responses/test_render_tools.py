from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import BuiltinTool, Extra, ForeignTool, Tool, ToolChoice
from cliproxy.translators.openai_responses.parse_tools import parse_tools
from cliproxy.translators.openai_responses.render_tools import render_tool_choice, render_tools
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.wire import Fields

SCHEMA = {"type": "object", "properties": {"a": {}}}


@pytest.mark.parametrize(
    "wire",
    [
        {"type": "function", "name": "f", "parameters": SCHEMA, "strict": True},
        {"type": "function", "name": "f", "parameters": SCHEMA},
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "defer_loading": True},
        {"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "lark", "definition": "x"}},
        {"type": "web_search_2025_08_26", "filters": {"allowed_domains": ["a"], "more": 1}, "user_location": {"a": 1}},
        {"type": "code_interpreter", "container": "cntr_1"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "image_generation", "model": "gpt-image-1"},
        {
            "type": "namespace",
            "name": "n",
            "description": "d",
            "tools": [{"type": "function", "name": "f", "parameters": SCHEMA}, {"type": "custom", "name": "c"}],
        },
    ],
)
def test_what_was_read_is_written(wire: dict[str, Any]) -> None:
    assert render_tools(parse_tools(Fields({"tools": [wire]}))) == [wire]


def test_unsaid_strict_is_a_no_from_other_formats() -> None:
    """Here an unsaid `strict` makes optional parameters required."""
    assert render_tools([Tool("f", parameters=SCHEMA)])[0]["strict"] is False


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}])
def test_objects_need_properties(schema: dict[str, Any] | None) -> None:
    """Edge case 15: OpenAI objects need `properties`."""
    assert render_tools([Tool("f", parameters=schema)])[0]["parameters"] == {"type": "object", "properties": {}}


def test_what_others_call_their_own_is_left_out() -> None:
    assert render_tools([ForeignTool("anthropic", "bash", {}), BuiltinTool("web_fetch")]) == []
    assert render_tools([BuiltinTool("web_search", ("a",), extra=Extra("anthropic", {"x": 1}))]) == [
        {"type": "web_search", "filters": {"allowed_domains": ["a"]}}
    ]


TOOLS = (
    Tool("f"),
    Tool("c", kind="custom"),
    BuiltinTool("web_search", extra=Extra(NAME, {"type": "web_search_preview"})),
)


@pytest.mark.parametrize(
    "choice, wire",
    [
        (ToolChoice("auto"), "auto"),
        (ToolChoice("none"), "none"),
        (ToolChoice("required"), "required"),
        (ToolChoice("tool", ("f",)), {"type": "function", "name": "f"}),
        (ToolChoice("tool", ("c",)), {"type": "custom", "name": "c"}),
        (ToolChoice("tool", ("web_search",)), {"type": "web_search_preview"}),
        (ToolChoice("tool", ("gone",)), {"type": "function", "name": "gone"}),
        (ToolChoice("tool"), "required"),
        (
            ToolChoice("required", ("f", "c")),
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "c"}],
            },
        ),
    ],
)
def test_choice(choice: ToolChoice, wire: object) -> None:
    """Edge case 17: none, any, one tool, and some of the tools."""
    assert render_tool_choice(choice, TOOLS) == wire
