from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.openai_chat import parse_request, render_request
from cliproxy.translators.wire import dumps, loads

MESSAGES = [{"role": "user", "content": "hi"}]


def parse(**body: Any) -> ir.Request:
    return parse_request({"model": "m", "messages": MESSAGES, **body}, "/v1/chat/completions")


SETTINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"max_tokens": 5}, {"max_tokens": 5}),
    ({"max_completion_tokens": 7, "max_tokens": 5}, {"max_tokens": 7}),
    ({"temperature": 0, "top_p": 0.5, "top_k": 3}, {"temperature": 0, "top_p": 0.5, "top_k": 3}),
    ({"stop": "a"}, {"stop": ("a",)}),
    ({"stop": ["a", "b"]}, {"stop": ("a", "b")}),
    ({"stop": None}, {"stop": ()}),
    ({"stream": True, "stream_options": {"include_usage": True}}, {"stream": True, "include_usage": True}),
    ({"stream": False}, {"stream": False}),
    ({"reasoning_effort": "xhigh"}, {"thinking": ir.Thinking("xhigh")}),
    ({"reasoning": {"effort": "low", "exclude": True}}, {"thinking": ir.Thinking("low", show=False)}),
    ({"reasoning": {"max_tokens": 2000}}, {"thinking": ir.Thinking(budget=2000)}),
    ({"reasoning": {"enabled": False}}, {"thinking": ir.Thinking("none")}),
    ({"user": "u"}, {"user": "u"}),
    ({"safety_identifier": "s"}, {"user": "s"}),
    ({"metadata": {"a": "b"}}, {"metadata": (("a", "b"),)}),
    ({"response_format": {"type": "text"}}, {"response_format": None, "extra": None}),
    ({"response_format": {"type": "json_object"}}, {"response_format": ir.ResponseFormat()}),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"a": 1}, "strict": True}}},
        {"response_format": ir.ResponseFormat({"a": 1}, "n", strict=True)},
    ),
    ({"functions": [{"name": "f"}]}, {"tools": (ir.Tool("f"),), "legacy_functions": True}),
    ({"n": 2, "logprobs": True, "top_logprobs": 3}, {"n": 2, "logprobs": True, "top_logprobs": 3}),
]


@pytest.mark.parametrize(("said", "expected"), SETTINGS)
def test_setting(said: dict[str, Any], expected: dict[str, Any]) -> None:
    request = parse(**said)
    assert {name: getattr(request, name) for name in expected} == expected


@pytest.mark.parametrize(
    "said",
    [
        {"logit_bias": {"50256": -100}},
        {"prediction": {"type": "content", "content": "a"}},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
        {"response_format": {"type": "grammar", "grammar": "x"}},
        {"response_format": {"type": "json_object", "schema": {}}},
        {"reasoning_effort": "default"},
        {"reasoning": {"effort": "low", "summary": "auto"}},
        {"thinking": {"type": "disabled"}, "enable_thinking": False},
        {"metadata": {"a": 1}},
        {"stream_options": {"include_obfuscation": False}},
    ],
)
def test_what_has_no_word_here_is_kept_whole(said: dict[str, Any]) -> None:
    request = parse(**said)
    assert request.extra == ir.Extra("openai_chat", said)
    assert render_request(request).items() >= said.items()


def test_stream_options_are_joined() -> None:
    said = {"stream": True, "stream_options": {"include_usage": False, "include_obfuscation": False}}
    request = parse(**said)
    assert not request.include_usage
    assert render_request(request)["stream_options"] == {"include_usage": True, "include_obfuscation": False}


def test_azure_names_the_model_in_the_path() -> None:
    path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01-preview"
    assert parse_request({"messages": MESSAGES}, path).model == "gpt-4o"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], ""),
        ({"messages": []}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": [], "temperature": "hot"}, "temperature"),
        ({"model": "m", "messages": [], "max_tokens": 1.5}, "max_tokens"),
        ({"model": "m", "messages": [], "stream": 1}, "stream"),
        ({"model": "m", "messages": [], "stop": [1]}, "stop"),
        ({"model": "m", "messages": [], "response_format": "json"}, "response_format"),
    ],
)
def test_the_fault_is_named(body: Any, param: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        parse_request(body, "")
    assert raised.value.param == param


KEYS = [
    "model",
    "messages",
    "role",
    "content",
    "type",
    "text",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "id",
    "tools",
    "tool_choice",
    "stream",
    "stream_options",
    "include_usage",
    "max_tokens",
    "stop",
    "reasoning",
    "reasoning_effort",
    "reasoning_details",
    "response_format",
    "json_schema",
    "schema",
    "image_url",
    "url",
    "input_audio",
    "file",
    "custom",
    "format",
    "functions",
    "function_call",
    "metadata",
    "web_search_options",
    "cache_control",
    "extra_content",
    "google",
    "thought_signature",
    "refusal",
    "thinking",
    "data",
]
WORDS = ["user", "assistant", "tool", "system", "function", "text", "image_url", "custom", "json_schema", "ephemeral"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(WORDS[:5])}, optional=dict.fromkeys(["content", "tool_calls", "reasoning_details"], JSON)
)
BODIES = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": st.lists(MESSAGE, max_size=3)},
    optional=dict.fromkeys(["tools", "tool_choice", "response_format", "reasoning", "stop", "stream_options"], JSON),
)


@given(JSON | BODIES)
def test_any_json_is_a_request_or_a_bad_one(body: Any) -> None:
    try:
        request = parse_request(body, "")
    except ir.BadRequest as fault:
        assert str(fault).endswith(".")
        return
    rendered = render_request(request)
    assert parse_request(loads(dumps(rendered)), "").model == request.model
