"""Requests as Gemini takes them."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import gemini, ir

HI = (ir.Message("user", (ir.Text("hi"),)),)
G2, G3 = "gemini-2.5-flash", "gemini-3-flash-preview"
SCHEMA = {"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"const": 1}}}
TOOL = ir.Tool("f", "d", SCHEMA, strict=True)


def render(model: str = G3, **fields: Any) -> Any:
    return gemini.render_request(ir.Request(model, HI, **fields))


def test_nothing_asked_nothing_said() -> None:
    assert render() == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}


def test_settings() -> None:
    body = render(
        max_tokens=7, temperature=0, top_p=0.9, top_k=3, stop=tuple("abcdefg"), seed=0, presence_penalty=0.1,
        frequency_penalty=0.2, logprobs=True, top_logprobs=2, n=1,
    )  # fmt: skip
    assert body["generationConfig"] == {
        "maxOutputTokens": 7, "temperature": 0, "topP": 0.9, "topK": 3, "stopSequences": list("abcde"), "seed": 0,
        "presencePenalty": 0.1, "frequencyPenalty": 0.2, "responseLogprobs": True, "logprobs": 2, "candidateCount": 1,
    }  # fmt: skip
    assert "generationConfig" not in render(n=2)  # refused before it comes here


@pytest.mark.parametrize(
    "thinking, model, config",
    [
        (ir.Thinking("medium"), G3, {"thinkingLevel": "MEDIUM"}),
        (ir.Thinking("none"), G3, {"thinkingLevel": "MINIMAL"}),
        (ir.Thinking("none"), "gemini-3-pro-preview", {"thinkingLevel": "LOW"}),
        (ir.Thinking("max"), "gemini-3.1-pro-preview", {"thinkingLevel": "HIGH"}),
        (ir.Thinking(budget=2000, show=True), G3, {"thinkingLevel": "LOW", "includeThoughts": True}),
        (ir.Thinking(budget=-1, adaptive=True), G3, None),
        (ir.Thinking(show=False), G3, {"includeThoughts": False}),
        (ir.Thinking("low", summary="auto"), G3, {"thinkingLevel": "LOW", "includeThoughts": True}),
        (ir.Thinking("low"), G2, {"thinkingBudget": 2048}),
        (ir.Thinking("none"), G2, {"thinkingBudget": 0}),
        (ir.Thinking("none"), "gemini-2.5-pro", {"thinkingBudget": 128}),
        (ir.Thinking(budget=100000), G2, {"thinkingBudget": 24576}),
        (ir.Thinking(adaptive=True), G2, {"thinkingBudget": -1}),
        (ir.Thinking("high"), "gemini-2.0-flash", None),
    ],
)
def test_thinking(thinking: ir.Thinking, model: str, config: Any) -> None:
    """Edge 20: levels from Gemini 3 on, budgets before, clamped, none where a model does not think."""
    assert render(model, thinking=thinking).get("generationConfig", {}).get("thinkingConfig") == config


def test_structured_output() -> None:
    """Edge 25."""
    config = {"responseMimeType": "application/json"}
    assert render(response_format=ir.ResponseFormat())["generationConfig"] == config
    with_schema = ir.ResponseFormat(SCHEMA)
    assert render(response_format=with_schema)["generationConfig"] == config | {"responseJsonSchema": SCHEMA}
    subset = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["1"]}}}
    assert render("gemini-1.5-pro", response_format=with_schema)["generationConfig"] == config | {
        "responseSchema": subset
    }


def test_function_schemas_go_whole() -> None:
    """Pain 9: parametersJsonSchema takes them as they are; only gemini-1.x gets the subset."""
    assert render(tools=(TOOL,))["tools"] == [
        {"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": SCHEMA}]}
    ]
    (tool,) = render("gemini-1.5-pro", tools=(TOOL, ir.Tool("g", parameters={"type": "object"})))["tools"]
    subset = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["1"]}}}
    assert tool["functionDeclarations"] == [{"name": "f", "description": "d", "parameters": subset}, {"name": "g"}]


def test_custom_tools_are_functions_with_one_text() -> None:
    """Pain 10: the grammar goes into the description."""
    custom = ir.Tool("patch", "Change files.", kind="custom", grammar={"syntax": "lark", "definition": "start: x"})
    (declaration,) = render(tools=(custom,))["tools"][0]["functionDeclarations"]
    assert declaration["parametersJsonSchema"]["properties"] == {"input": {"type": "string"}}
    assert declaration["description"] == "Change files.\n\nThe input must fit this grammar (lark):\nstart: x"


def test_googles_own_tools_beside_functions() -> None:
    """Pain 11; Gemini 3 wants to be told that both kinds are meant."""
    foreign = ir.ForeignTool("gemini", "googleMaps", {"googleMaps": {}}), ir.ForeignTool("openai_responses", "x", {})
    tools = (ir.BuiltinTool("web_search", allowed=("a.test",)), TOOL, ir.BuiltinTool("code_execution"), *foreign)
    body = render(tools=tools)
    assert [list(tool) for tool in body["tools"]] == [
        ["googleSearch"],
        ["functionDeclarations"],
        ["codeExecution"],
        ["googleMaps"],
    ]
    assert body["toolConfig"] == {"includeServerSideToolInvocations": True}
    assert "toolConfig" not in render(G2, tools=tools) and "toolConfig" not in render(tools=(TOOL,))


@pytest.mark.parametrize(
    "choice, config",
    [
        (ir.ToolChoice("auto"), {"mode": "AUTO"}),
        (ir.ToolChoice("none", ("f",)), {"mode": "NONE"}),
        (ir.ToolChoice("required"), {"mode": "ANY"}),
        (ir.ToolChoice("required", ("f", "g")), {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}),
        (ir.ToolChoice("tool", ("f",)), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ir.ToolChoice("auto", ("f",)), {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}),
    ],
)
def test_tool_choice(choice: ir.ToolChoice, config: Any) -> None:
    """Edge 17; without tools there is nothing to choose."""
    assert render(tools=(TOOL,), tool_choice=choice)["toolConfig"] == {"functionCallingConfig": config}
    assert "toolConfig" not in render(tool_choice=choice)


def test_what_only_gemini_says_comes_back() -> None:
    body = {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "generationConfig": {"temperature": 1, "candidateCount": 2, "speechConfig": {"a_b": 1}},
        "toolConfig": {"functionCallingConfig": {"mode": "VALIDATED", "streamFunctionCallArguments": True}},
        "tools": [{"functionDeclarations": [{"name": "f"}]}, {"googleSearch": {"timeRangeFilter": {}}}],
        "safetySettings": [{"category": "C", "threshold": "T"}],
    }
    request = gemini.parse_request(body, "/v1beta/models/gemini-2.5-pro:generateContent")
    assert gemini.render_request(request) == body
    foreign = ir.Extra("openai_chat", {"logit_bias": {}})
    assert render(extra=foreign) == render()
