"""Requests: settings, tools, tool choice, and what is left over."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy.translators import gemini, ir

PATH = "/v1beta/models/gemini-3-flash-preview:generateContent"
HI = {"contents": "hi"}


def parse(**body: Any) -> ir.Request:
    return gemini.parse_request(HI | body, PATH)


def asked(**config: Any) -> ir.Request:
    return parse(generationConfig=config)


SETTINGS = {
    "maxOutputTokens": 7, "temperature": 0.5, "topP": 0.9, "topK": 40.0, "stopSequences": ["a"], "seed": 3,
    "presencePenalty": 0.1, "frequencyPenalty": 0.2, "responseLogprobs": True, "logprobs": 2,
}  # fmt: skip


@pytest.mark.parametrize("snake", [False, True])
def test_settings_in_both_spellings(snake: bool) -> None:
    names = {
        "maxOutputTokens": "max_output_tokens", "topP": "top_p", "topK": "top_k", "stopSequences": "stop_sequences",
        "presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty",
        "responseLogprobs": "response_logprobs",
    }  # fmt: skip
    config = {names.get(key, key) if snake else key: value for key, value in SETTINGS.items()}
    request = parse(**{"generation_config" if snake else "generationConfig": config})
    assert request == ir.Request(
        "gemini-3-flash-preview", (ir.Message("user", (ir.Text("hi"),)),), max_tokens=7, temperature=0.5, top_p=0.9,
        top_k=40, stop=("a",), seed=3, presence_penalty=0.1, frequency_penalty=0.2, logprobs=True, top_logprobs=2,
    )  # fmt: skip


def test_the_path_says_model_and_stream() -> None:
    request = gemini.parse_request(HI, "/v1/models/m:streamGenerateContent")
    assert (request.model, request.stream, request.json_array) == ("m", True, True)
    assert gemini.parse_request(HI | {"model": "models/m"}, "/v1internal").model == "m"


@pytest.mark.parametrize(
    "config, want",
    [
        ({"thinkingBudget": 1024}, ir.Thinking(budget=1024)),
        ({"thinking_budget": 0, "include_thoughts": False}, ir.Thinking(budget=0, show=False)),
        ({"thinkingBudget": -1}, ir.Thinking(budget=-1, adaptive=True)),
        ({"thinkingLevel": "low", "includeThoughts": True}, ir.Thinking("low", show=True)),
        ({"thinkingLevel": "XHIGH"}, ir.Thinking("xhigh")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, None),
        ({}, None),
    ],
)
def test_thinking(config: Any, want: ir.Thinking | None) -> None:
    """Edge 20."""
    assert asked(thinkingConfig=config).thinking == want


@pytest.mark.parametrize(
    "config, want",
    [
        ({"responseMimeType": "application/json"}, ir.ResponseFormat()),
        (
            {"response_mime_type": "application/json", "response_schema": {"type": "OBJECT"}},
            ir.ResponseFormat({"type": "object"}),
        ),
        ({"responseJsonSchema": {"type": "object", "x_y": 1}}, ir.ResponseFormat({"type": "object", "x_y": 1})),
        ({"responseMimeType": "text/plain"}, None),
    ],
)
def test_structured_output(config: Any, want: ir.ResponseFormat | None) -> None:
    """Edge 25."""
    request = asked(**config)
    assert request.response_format == want and request.extra is None


def test_an_enum_answer_is_left_to_gemini() -> None:
    config = {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING", "enum": ["a"]}}
    assert asked(**config).extra == ir.Extra("gemini", {"generationConfig": config})


SCHEMA = {"type": "object", "properties": {"a_b": {"type": "string"}}}


@pytest.mark.parametrize("key", ["parameters", "parametersJsonSchema", "parameters_json_schema"])
@pytest.mark.parametrize("outer", ["functionDeclarations", "function_declarations"])
def test_functions(key: str, outer: str) -> None:
    """Clients' dialects: three spellings of the schema, two of the declarations."""
    tools = [{outer: [{"name": "f", "description": "d", key: SCHEMA, "behavior": "BLOCKING"}]}]
    extra = ir.Extra("gemini", {"behavior": "BLOCKING"})
    assert parse(tools=tools).tools == (ir.Tool("f", "d", SCHEMA, extra=extra),)


def test_googles_own_tools() -> None:
    """Pain 11: web search is known by its meaning, other tools are kept whole."""
    tools = [{"googleSearch": {"timeRangeFilter": {}}, "codeExecution": None}, {"url_context": {}},
             {"code_execution": {}}, {"googleMaps": {"enableWidget": True}}]  # fmt: skip
    assert parse(tools=tools).tools == (
        ir.BuiltinTool("web_search", extra=ir.Extra("gemini", {"timeRangeFilter": {}})),
        ir.BuiltinTool("web_fetch"),
        ir.BuiltinTool("code_execution"),
        ir.ForeignTool("gemini", "googleMaps", {"googleMaps": {"enableWidget": True}}),
    )


@pytest.mark.parametrize(
    "config, want",
    [
        ({"mode": "AUTO"}, ir.ToolChoice("auto")),
        ({"mode": "none"}, ir.ToolChoice("none")),
        ({"mode": "ANY"}, ir.ToolChoice("required")),
        ({"mode": "any", "allowed_function_names": ["f"]}, ir.ToolChoice("tool", ("f",))),
        ({"mode": "ANY", "allowedFunctionNames": ["f", "g"]}, ir.ToolChoice("required", ("f", "g"))),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, ir.ToolChoice("auto", ("f",))),
        ({"mode": "MODE_UNSPECIFIED"}, None),
        ({}, None),
    ],
)
def test_tool_choice(config: Any, want: ir.ToolChoice | None) -> None:
    """Edge 17."""
    request = parse(tool_config={"function_calling_config": config})
    assert request.tool_choice == want and request.extra is None


def test_validated_is_auto_and_left_over() -> None:
    request = parse(
        toolConfig={"functionCallingConfig": {"mode": "VALIDATED"}, "includeServerSideToolInvocations": True}
    )
    calling = {"functionCallingConfig": {"mode": "VALIDATED"}, "includeServerSideToolInvocations": True}
    assert request.tool_choice == ir.ToolChoice("auto") and request.extra == ir.Extra("gemini", {"toolConfig": calling})


def test_what_only_gemini_says_is_left_over() -> None:
    config = {
        "speechConfig": {},
        "responseModalities": ["TEXT", "IMAGE"],
        "candidateCount": 2,
        "thinkingConfig": {"x": 1},
    }
    body = {"safetySettings": [{}], "cachedContent": "c", "labels": {"a": "b"}}
    request = parse(generationConfig=config, **body)
    assert request.extra == ir.Extra("gemini", body | {"generationConfig": config}) and request.n == 2
    assert asked(responseModalities=["TEXT"], candidateCount=1).extra is None


@pytest.mark.parametrize(
    "body, path",
    [
        ({"generationConfig": []}, "generationConfig"),
        ({"generationConfig": {"maxOutputTokens": 1.5}}, "generationConfig.maxOutputTokens"),
        ({"generationConfig": {"stopSequences": [1]}}, "generationConfig.stopSequences"),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": "huge"}}},
            "generationConfig.thinkingConfig.thinkingLevel",
        ),
        ({"generationConfig": {"responseSchema": "x"}}, "generationConfig.responseSchema"),
        ({"generationConfig": {"responseMimeType": 7}}, "generationConfig.responseMimeType"),
        ({"tools": "x"}, "tools"),
        ({"tools": [{"functionDeclarations": [{"name": 7}]}]}, "tools[0].functionDeclarations[0].name"),
        ({"tools": [{"googleSearch": 7}]}, "tools[0].googleSearch"),
        ({"toolConfig": {"functionCallingConfig": {"mode": "SOME"}}}, "toolConfig.functionCallingConfig.mode"),
    ],
)
def test_what_is_wrong_is_named(body: Any, path: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        parse(**body)
    assert raised.value.param == path


KEYS = st.sampled_from([
    "contents", "parts", "role", "text", "functionCall", "function_call", "functionResponse", "name", "args",
    "response", "id", "inlineData", "mimeType", "data", "fileData", "fileUri", "executableCode",
    "codeExecutionResult", "thought", "thoughtSignature", "systemInstruction", "generationConfig", "tools",
    "functionDeclarations", "parameters", "toolConfig", "functionCallingConfig", "mode", "thinkingConfig",
    "thinkingBudget", "stopSequences", "responseSchema", "type", "properties", "items", "anyOf", "nullable",
    "propertyOrdering", "topK", "x_y",
])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from(["user", "model", "OBJECT", "ANY", "application/json", "image/png", "AAAA"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(body=st.dictionaries(KEYS, JSON, max_size=5) | JSON)
def test_any_json_is_a_request_or_a_bad_one(body: Any) -> None:
    try:
        request = gemini.parse_request(body, PATH)
    except ir.BadRequest as bad:
        assert str(bad)
    else:
        again = gemini.parse_request(json.loads(json.dumps(gemini.render_request(request))), PATH)
        assert again.tools == request.tools


def test_deep_nesting_is_no_crash() -> None:
    deep: Any = {}
    for _ in range(1000):
        deep = {"items": deep}
    tools = [{"functionDeclarations": [{"name": "f", "parameters": deep}]}]
    request = gemini.parse_request(HI | {"tools": tools}, "/v1beta/models/gemini-1.5-pro:generateContent")
    assert gemini.render_request(request)["tools"]
