from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat import endpoint, parse_request, render_request

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
HI = (ir.Message("user", (ir.Text("hi"),)),)


def render(**said: Any) -> ir.Json:
    return render_request(ir.Request("m", HI, **said))


def test_nothing_is_said_that_was_not() -> None:
    assert render() == {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert endpoint(ir.Request("m")) == "/chat/completions"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"max_tokens": 5}, {"max_completion_tokens": 5}),
        ({"max_tokens": 5, "extra": ir.Extra("openai_chat", {"max_tokens": 5})}, {"max_tokens": 5}),
        ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
        ({"top_k": 5}, {}),
        (
            {"stop": ("a",), "temperature": 0.0, "seed": 0, "n": 1},
            {"stop": ["a"], "temperature": 0.0, "seed": 0, "n": 1},
        ),
        ({"metadata": (("a", "b"),), "store": False}, {"metadata": {"a": "b"}, "store": False}),
        ({"service_tier": "standard_only"}, {"service_tier": "default"}),
        ({"response_format": ir.ResponseFormat()}, {"response_format": {"type": "json_object"}}),
        (
            {"response_format": ir.ResponseFormat(SCHEMA)},
            {"response_format": {"type": "json_schema", "json_schema": {"name": "response", "schema": SCHEMA}}},
        ),
        ({"tool_choice": ir.ToolChoice("auto"), "parallel_tool_calls": False}, {}),
        ({"tools": (ir.BuiltinTool("web_search"),)}, {"web_search_options": {}}),
        ({"extra": ir.Extra("anthropic", {"container": "x"})}, {}),
    ],
)
def test_setting(said: dict[str, Any], expected: dict[str, Any]) -> None:
    assert render(**said) == {**render(), **expected}


@pytest.mark.parametrize(
    ("thinking", "expected"),
    [
        (ir.Thinking("max"), "max"),
        (ir.Thinking("none"), "none"),
        (ir.Thinking(budget=0), "none"),
        (ir.Thinking(budget=1024), "low"),
        (ir.Thinking(budget=31999), "high"),
        (ir.Thinking(budget=-1), None),
        (ir.Thinking(adaptive=True), None),
        (None, None),
    ],
)
def test_effort(thinking: ir.Thinking | None, expected: str | None) -> None:
    """pains.md edge case 20: a budget comes out in words that every reasoning model knows."""
    assert render(thinking=thinking).get("reasoning_effort") == expected


def test_ids_that_are_too_long_are_hashed() -> None:
    """Claude Code's `metadata.user_id` has some 150 characters, OpenAI takes 64."""
    assert render(user="u" * 64)["user"] == "u" * 64
    long = render(user="u" * 65, prompt_cache_key="k" * 65)
    assert len(long["user"]) == len(long["prompt_cache_key"]) == 64 and long["user"] == render(user="u" * 65)["user"]


TOOLS: list[tuple[Any, dict[str, Any] | None]] = [
    (ir.Tool("f"), {"type": "function", "function": {"name": "f"}}),
    (
        ir.Tool("f", "d", SCHEMA, False, cache=ir.Cache()),
        {
            "type": "function",
            "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": False},
            "cache_control": {"type": "ephemeral"},
        },
    ),
    (
        ir.Tool("f", parameters={}),
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},
    ),
    (
        ir.Tool("f", parameters={"anyOf": [SCHEMA]}),
        {"type": "function", "function": {"name": "f", "parameters": {"anyOf": [SCHEMA]}}},
    ),
    (
        ir.Tool("x", kind="custom", grammar={"type": "grammar", "syntax": "lark", "definition": "s"}),
        {
            "type": "custom",
            "custom": {"name": "x", "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "s"}}},
        },
    ),
    (ir.ForeignTool("openai_chat", "odd", {"type": "odd"}), {"type": "odd"}),
    (ir.ForeignTool("anthropic", "memory", {"type": "memory"}), None),
]


@pytest.mark.parametrize(("tool", "expected"), TOOLS)
def test_tool(tool: Any, expected: dict[str, Any] | None) -> None:
    """pains.md 10 and edge case 15: OpenAI wants `properties` at the root."""
    assert render(tools=(tool,)).get("tools", [None]) == [expected]


@pytest.mark.parametrize(
    "choice",
    [
        ir.ToolChoice("none"),
        ir.ToolChoice("auto"),
        ir.ToolChoice("required"),
        ir.ToolChoice("tool", ("f",)),
        ir.ToolChoice("tool", ("x",)),
        ir.ToolChoice("required", ("f", "x")),
        ir.ToolChoice("auto", ("f",)),
    ],
)
def test_choice(choice: ir.ToolChoice) -> None:
    """pains.md edge case 17."""
    rendered = render(tools=(ir.Tool("f"), ir.Tool("x", kind="custom")), tool_choice=choice, parallel_tool_calls=False)
    assert parse_request(rendered, "").tool_choice == choice
    assert rendered["parallel_tool_calls"] is False
