from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliproxy.translators.ir import (
    BadRequest,
    Extra,
    ForeignTool,
    Message,
    Request,
    ResponseFormat,
    Text,
    Thinking,
    Tool,
    ToolResult,
)
from cliproxy.translators.openai_responses.parse_request import parse_request
from cliproxy.translators.openai_responses.render_request import render_request
from cliproxy.translators.openai_responses.words import NAME

OWN = Extra(NAME, {})
HI = (Message("user", (Text("hi"),)),)


def parse(**body: Any) -> Request:
    return parse_request({"model": "m", "input": "hi", **body}, "/v1/responses")


@pytest.mark.parametrize(
    "body, fields",
    [
        ({}, {}),
        ({"stream": True}, {"stream": True}),
        ({"max_output_tokens": 9, "temperature": 0.5, "top_p": 1}, {"max_tokens": 9, "temperature": 0.5, "top_p": 1}),
        ({"instructions": "be brief"}, {"messages": (Message("system", (Text("be brief"),)), *HI)}),
        ({"reasoning": {"effort": "high"}}, {"thinking": Thinking("high")}),
        (
            {"reasoning": {"effort": "none", "summary": "auto"}},
            {"thinking": Thinking("none", show=True, summary="auto")},
        ),
        ({"reasoning": {"generate_summary": "concise"}}, {"thinking": Thinking(show=True, summary="concise")}),
        ({"reasoning": {"effort": None, "summary": None}}, {}),
        ({"reasoning": {"effort": "ultra"}}, {"extra": Extra(NAME, {"reasoning": {"effort": "ultra"}})}),
        ({"text": {"verbosity": "low", "format": {"type": "text"}}}, {"verbosity": "low"}),
        ({"text": {"format": {"type": "json_object"}}}, {"response_format": ResponseFormat()}),
        (
            {"text": {"format": {"type": "json_schema", "name": "n", "schema": {"a": 1}, "strict": True}}},
            {"response_format": ResponseFormat({"a": 1}, "n", strict=True)},
        ),
        (
            {"text": {"format": {"type": "grammar", "x": 1}}},
            {"extra": Extra(NAME, {"text": {"format": {"type": "grammar", "x": 1}}})},
        ),
        ({"user": "u"}, {"user": "u"}),
        ({"user": "u", "safety_identifier": "s"}, {"user": "s", "extra": Extra(NAME, {"user": "u"})}),
        ({"metadata": {"a": "b", "c": None}}, {"metadata": (("a", "b"),)}),
        ({"include": ["reasoning.encrypted_content"]}, {"sealed_reasoning": True}),
        ({"include": ["message.output_text.logprobs"], "top_logprobs": 2}, {"logprobs": True, "top_logprobs": 2}),
        ({"include": ["file_search_call.results"]}, {"extra": Extra(NAME, {"include": ["file_search_call.results"]})}),
        (
            {"store": False, "service_tier": "flex", "prompt_cache_key": "k", "parallel_tool_calls": False},
            {"store": False, "service_tier": "flex", "prompt_cache_key": "k", "parallel_tool_calls": False},
        ),
        ({"previous_response_id": "resp_1"}, {"previous_response_id": "resp_1"}),
        (
            {"truncation": "auto", "background": True, "conversation": "c", "prompt": {"id": "p"}, "max_tool_calls": 3},
            {
                "extra": Extra(
                    NAME,
                    {
                        "truncation": "auto",
                        "background": True,
                        "conversation": "c",
                        "prompt": {"id": "p"},
                        "max_tool_calls": 3,
                    },
                )
            },
        ),
        ({"tool_choice": {"type": "mcp"}}, {"extra": Extra(NAME, {"tool_choice": {"type": "mcp"}})}),
    ],
)
def test_fields(body: dict[str, Any], fields: dict[str, Any]) -> None:
    """Edge cases 17, 20, 25: what is mapped, and what stays in the extra."""
    assert parse(**body) == Request(**{"model": "m", "messages": HI, "extra": OWN, **fields})


@pytest.mark.parametrize(
    "body, path",
    [
        ({"model": 5}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"max_output_tokens": 1.5}, "max_output_tokens"),
        ({"instructions": []}, "instructions"),
        ({"reasoning": "high"}, "reasoning"),
        ({"text": {"format": {"type": "json_schema", "schema": 5}}}, "text.format.schema"),
        ({"metadata": {"a": 5}}, "metadata.a"),
        ({"include": 5}, "include"),
        ({"tools": {}}, "tools"),
    ],
)
def test_wrong_kinds_are_named(body: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as fault:
        parse(**body)
    assert fault.value.param == path


CODEX: dict[str, Any] = {
    "model": "gpt-5.5",
    "input": [
        {"type": "message", "id": "msg_1", "role": "developer", "content": [{"type": "input_text", "text": "Code."}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix it."}]},
        {"type": "reasoning", "summary": [], "encrypted_content": "gAAAA"},
        {"type": "custom_tool_call", "call_id": "c1", "name": "apply_patch", "input": "*** Begin Patch"},
        {"type": "custom_tool_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "Done"}]},
        {"type": "function_call", "call_id": "c2", "name": "wait", "namespace": "agents", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c2", "output": "ok"},
    ],
    "tools": [
        {"type": "function", "name": "shell", "parameters": {"type": "object", "properties": {}}, "strict": False},
        {"type": "namespace", "name": "agents", "description": "d", "tools": [
            {"type": "function", "name": "wait", "parameters": {"type": "object", "properties": {}}},
        ]},
        {"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark", "definition": "s"}},
        {"type": "web_search", "external_web_access": False},
        {"type": "tool_search"},
    ],
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "reasoning": {"effort": "medium", "summary": "auto"},
    "store": False,
    "stream": True,
    "include": ["reasoning.encrypted_content"],
    "prompt_cache_key": "thread-1",
    "text": {"verbosity": "low"},
    "client_metadata": {"x": "y"},
}  # fmt: skip


def test_codex() -> None:
    """Pain 10, clients/README §4.6: Codex's dialect is read, and written again as it was."""
    request = parse_request(CODEX, "/v1/responses")
    assert [message.role for message in request.messages] == [
        "developer", "user", "assistant", "tool", "assistant", "tool"
    ]  # fmt: skip
    kinds = [getattr(tool, "kind", getattr(tool, "type", getattr(tool, "tool", ""))) for tool in request.tools]
    assert kinds == ["function", "function", "custom", "web_search", "tool_search"]
    assert request.tools[1].namespace == "agents"  # type: ignore[union-attr]
    assert isinstance(request.tools[4], ForeignTool)
    assert request.extra == Extra(NAME, {"client_metadata": {"x": "y"}})
    assert request.sealed_reasoning and request.store is False
    again = render_request(request)
    assert parse_request(again, "") == request
    wanted = {**CODEX, "tools": again["tools"], "input": again["input"]}
    assert again == wanted


EXEC = {"type": "custom", "name": "exec"}


def test_codex_of_gpt_6() -> None:
    """For gpt-6 names there is no `tools`, but an item; one that both name counts once, as the request says it."""
    items = [
        {"type": "additional_tools", "role": "developer", "tools": [EXEC]},
        {"role": "user", "content": "hi"},
        {"type": "additional_tools", "role": "developer", "tools": [{**EXEC, "description": "x"}]},
    ]  # fmt: skip
    assert parse(input=items).tools == (Tool("exec", kind="custom"),)
    own = {"type": "custom", "name": "exec", "description": "own"}
    assert parse(input=items, tools=[own]).tools == (Tool("exec", "own", kind="custom"),)


def test_names_of_calls_stand_on_their_results() -> None:
    result = parse_request(CODEX, "").messages[5].parts[0]
    assert isinstance(result, ToolResult) and result.name == "wait"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([
    "model", "input", "instructions", "tools", "tool_choice", "text", "reasoning", "include", "metadata", "store",
    "type", "role", "content", "name", "call_id", "output", "arguments", "action", "summary", "id", "format", "outputs",
    "encrypted_content", "annotations", "logprobs", "image_url", "file_data", "input_audio", "filters", "status",
])  # fmt: skip
WORDS = st.sampled_from([
    "message", "function_call", "function_call_output", "reasoning", "web_search_call", "code_interpreter_call",
    "additional_tools", "input_text", "output_text", "input_image", "input_file", "input_audio", "namespace",
    "function", "custom", "web_search", "user", "assistant", "allowed_tools", "json_schema", "item_reference",
    "refusal",
])  # fmt: skip
NEAR = st.recursive(
    JSON | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, NEAR, max_size=8) | NEAR | JSON)
def test_any_json_is_a_request_or_a_bad_request(body: Any) -> None:
    try:
        request = parse_request(body, "")
    except BadRequest:
        return
    assert isinstance(render_request(request), dict)
