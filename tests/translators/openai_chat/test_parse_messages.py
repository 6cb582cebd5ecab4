from typing import Any

import pytest

from cliproxy.translators import ir, opaque
from cliproxy.translators.openai_chat.parse_messages import parse_messages
from cliproxy.translators.wire import Fields


def parse(*messages: Any) -> tuple[ir.Message, ...]:
    return parse_messages(Fields({"messages": list(messages)}).each("messages"))


def call(id: str = "c1", **more: Any) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}, **more}


CALL = ir.ToolCall("c1", "look", '{"a":1}')
DIALECTS: dict[str, tuple[Any, ir.Message]] = {
    "system": ({"role": "system", "content": "be brief"}, ir.Message("system", (ir.Text("be brief"),))),
    "developer, in parts": (
        {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        ir.Message("developer", (ir.Text("a"), ir.Text("b"))),
    ),
    "name": ({"role": "user", "content": "hi", "name": "ann"}, ir.Message("user", (ir.Text("hi"),), "ann")),
    "content null beside calls": (
        {"role": "assistant", "content": None, "tool_calls": [call()]},
        ir.Message("assistant", (CALL,)),
    ),
    "no content at all (vibe, gptme, litellm)": (
        {"role": "assistant", "tool_calls": [call()]},
        ir.Message("assistant", (CALL,)),
    ),
    "content and empty tool_calls (BerriAI/litellm#29286)": (
        {"role": "assistant", "content": "hi", "tool_calls": []},
        ir.Message("assistant", (ir.Text("hi"),)),
    ),
    "calls without type, with index (vibe)": (
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "index": 0, "function": call()["function"]}]},
        ir.Message("assistant", (CALL,)),
    ),
    "arguments as an object": (
        {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": {"a": 1}}}]},
        ir.Message("assistant", (CALL,)),
    ),
    "arguments that are no JSON stay": (
        {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": "{'a':"}}]},
        ir.Message("assistant", (ir.ToolCall("c1", "look", "{'a':"),)),
    ),
    "custom call": (
        {"role": "assistant", "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}]},
        ir.Message("assistant", (ir.ToolCall("c1", "sh", "ls", "custom"),)),
    ),
    "breakpoint on a call": (
        {"role": "assistant", "tool_calls": [call(cache_control={"type": "ephemeral"})]},
        ir.Message("assistant", (ir.ToolCall("c1", "look", '{"a":1}', cache=ir.Cache()),)),
    ),
    "breakpoint on the message": (
        {"role": "user", "content": "hi", "cache_control": {"type": "ephemeral"}},
        ir.Message("user", (ir.Text("hi", cache=ir.Cache()),)),
    ),
    "refusal": ({"role": "assistant", "refusal": "no"}, ir.Message("assistant", (ir.Refusal("no"),))),
    "reasoning comes first": (
        {"role": "assistant", "content": "hi", "reasoning_content": "hm", "annotations": [], "parsed": None},
        ir.Message("assistant", (ir.Reasoning("hm"), ir.Text("hi"))),
    ),
    "what is left": (
        {"role": "assistant", "content": "hi", "prefix": True, "audio": {"id": "a"}},
        ir.Message(
            "assistant", (ir.Text("hi"),), extra=ir.Extra("openai_chat", {"prefix": True, "audio": {"id": "a"}})
        ),
    ),
    "result": (
        {"role": "tool", "tool_call_id": "c1", "content": "42", "name": "look"},
        ir.Message("tool", (ir.ToolResult("c1", (ir.Text("42"),), name="look"),)),
    ),
    "result in parts (qwen)": (
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "42"}, {"type": "odd"}]},
        ir.Message("tool", (ir.ToolResult("c1", (ir.Text("42"), ir.Text('{"type":"odd"}'))),)),
    ),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_message(name: str) -> None:
    said, expected = DIALECTS[name]
    assert parse(said) == (expected,)


def test_neighbouring_results_are_one_message() -> None:
    """pains.md edge case 2."""
    results = [{"role": "tool", "tool_call_id": id, "content": id} for id in "ab"]
    parsed = parse(
        {"role": "assistant", "tool_calls": [call("a"), call("b")]}, *results, {"role": "user", "content": "."}
    )
    assert [len(message.parts) for message in parsed] == [2, 2, 1]


def test_old_function_calls_and_their_results_share_an_id() -> None:
    parsed = parse(
        {"role": "assistant", "content": None, "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "42"},
        {"role": "function", "name": "other", "content": "?"},
    )
    assert parsed[0].parts == (ir.ToolCall("call_0", "look", "{}"),)
    assert [part.call_id for part in parsed[1].parts if isinstance(part, ir.ToolResult)] == ["call_0", "call_2"]


def test_googles_seal_of_a_call_and_those_of_others() -> None:
    """The thought signature that Gemini wants back on the call, and the seal of another format that came this way."""
    other = ir.Opaque("gemini", "sig")
    for data, expected in ("sig", ir.Opaque("openai_chat", "sig")), (opaque.pack(other), other):
        said = call(extra_content={"google": {"thought_signature": data}})
        (message,) = parse({"role": "assistant", "tool_calls": [said]})
        assert message.parts == (ir.ToolCall("c1", "look", '{"a":1}', opaque=expected),)


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"content": "hi"}, "messages[0].role"),
        ({"role": "robot", "content": "hi"}, "messages[0].role"),
        ({"role": "assistant", "tool_calls": {}}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [{"id": "c"}]}, "messages[0].tool_calls[0].function"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"arguments": "{}"}}]},
            "messages[0].tool_calls[0].function.name",
        ),
        ({"role": "tool", "tool_call_id": 3}, "messages[0].tool_call_id"),
        ("hi", "messages[0]"),
    ],
)
def test_the_fault_is_named(message: Any, param: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        parse(message)
    assert raised.value.param == param
