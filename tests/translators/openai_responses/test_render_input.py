from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import (
    BuiltinCall,
    BuiltinResult,
    Citation,
    Extra,
    Foreign,
    Media,
    Message,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from cliproxy.translators.openai_responses.parse_input import parse_input
from cliproxy.translators.openai_responses.render_input import render_input
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.wire import Fields

IMAGE = Media("image", "image/png", "AA")
SHOWN = {"type": "input_image", "image_url": "data:image/png;base64,AA"}


def turn(*parts: Part, stored: bool = False) -> list[dict[str, Any]]:
    return render_input([Message("assistant", parts)], stored)


def text(said: str) -> dict[str, Any]:
    return {"type": "output_text", "text": said, "annotations": []}


def test_messages() -> None:
    messages = [Message("developer", (Text("d"),)), Message("user", (Text("u"), IMAGE)), Message("user", ())]
    assert render_input(messages, False) == [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "d"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "u"}, SHOWN]},
    ]


def test_text_in_a_row_is_one_message() -> None:
    assert turn(Text("a"), Refusal("b"), ToolCall("c", "f", "{"), Text("d")) == [
        {"type": "message", "role": "assistant", "content": [text("a"), {"type": "refusal", "refusal": "b"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"},
        {"type": "message", "role": "assistant", "content": [text("d")]},
    ]


def test_calls_of_both_kinds() -> None:
    """Edge case 16: arguments are text, however broken."""
    assert turn(ToolCall("c", "patch", "x", "custom"), ToolCall("d", "f", "", namespace="n")) == [
        {"type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "x"},
        {"type": "function_call", "call_id": "d", "name": "f", "arguments": "", "namespace": "n"},
    ]


@pytest.mark.parametrize(
    "parts, output",
    [
        ((Text("a"),), "a"),
        ((), ""),
        ((Text("a"), Text("b")), [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]),
        ((IMAGE,), [SHOWN]),
    ],
)
def test_results(parts: tuple[Text | Media, ...], output: object) -> None:
    """Edge case 18: an image in a result is an image, never base64 as text."""
    message = Message("tool", (ToolResult("c", parts), ToolResult("d", parts, kind="custom")))
    assert render_input([message], False) == [
        {"type": "function_call_output", "call_id": "c", "output": output},
        {"type": "custom_tool_call_output", "call_id": "d", "output": output},
    ]


def test_thoughts_of_others_stay_away() -> None:
    """Pain 6, edge case 9: unsigned and foreign thoughts are never sent."""
    assert turn(Reasoning("hm"), Reasoning("hm", Opaque("anthropic", "S")), Reasoning("", Opaque("gemini", "S"))) == []


@pytest.mark.parametrize("stored", [True, False])
def test_own_thoughts_go_back(stored: bool) -> None:
    """Pain 7: without a store the id goes and the seal stays."""
    (item,) = turn(Reasoning("s", Opaque(NAME, "E", "rs_1"), True), stored=stored)
    assert item == {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "s"}],
        **({"id": "rs_1"} if stored else {}),
        "encrypted_content": "E",
    }


ITEMS: list[list[dict[str, Any]]] = [
    [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "E"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}], "encrypted_content": "F"},
    ],
    [
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "s"}],
            "content": [{"type": "reasoning_text", "text": "t"}],
            "encrypted_content": "E",
        }
    ],
    [{"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "t"}]}],
    [{"type": "reasoning", "summary": [{"type": "summary_text", "text": s}]} for s in "ab"],
    [
        {"type": "message", "role": "assistant", "content": [text("a")], "phase": "commentary"},
        {"type": "message", "role": "assistant", "content": [text("b")], "phase": "final_answer"},
    ],
    [{"type": "item_reference", "id": "msg_1"}, {"type": "mcp_list_tools", "tools": []}],
    [{"type": "message", "role": "user", "content": [{"type": "input_video", "x": 1}]}],
    [{"type": "message", "role": "assistant", "content": [text("a"), {"type": "output_audio", "x": 1}]}],
    [{"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}],
    [{"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "a", "x": 1}]}],
]


@pytest.mark.parametrize("items", ITEMS)
def test_what_was_read_is_written(items: list[dict[str, Any]]) -> None:
    messages, _ = parse_input(Fields({"input": items}), False)
    assert render_input(messages, False) == items


def test_ids_stay_where_items_are_stored() -> None:
    """The API refuses "a reasoning item without its required following item": their ids go together."""
    items: list[dict[str, Any]] = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}], "id": "msg_0"},
        {"type": "reasoning", "summary": [], "id": "rs_1"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}", "id": "fc_1"},
        {"id": "ws_1", "type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}},
        {"type": "message", "role": "assistant", "content": [text("a")], "id": "msg_1"},
    ]
    messages, _ = parse_input(Fields({"input": items}), True)
    assert render_input(messages, True) == items


def test_searches_of_others() -> None:
    """No id is invented, and none of another provider's is sent."""
    call, result = BuiltinCall("srvtoolu_1", "web_search", '{"query":"q"}'), BuiltinResult("srvtoolu_1", "web_search")
    assert turn(call, result, stored=True) == [
        {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}
    ]
    assert turn(BuiltinCall("x", "code_execution", "{}"), BuiltinCall("y", "web_fetch", "{}")) == []


def test_a_code_run_of_its_own() -> None:
    call = BuiltinCall("ci_1", "code_execution", '{"code":"1"}', Extra(NAME, {"container_id": "cntr_1"}))
    (item,) = turn(call, BuiltinResult("ci_1", "code_execution", text="1"))
    assert (item["id"], item["code"], item["container_id"]) == ("ci_1", "1", "cntr_1")


def test_pictures_that_the_assistant_made() -> None:
    assert turn(Text("see"), IMAGE)[1] == {"type": "message", "role": "user", "content": [SHOWN]}


def test_citations_go_back() -> None:
    (item,) = turn(Text("ab", (Citation("u", "t", start=0, end=1),)))
    assert item["content"][0]["annotations"][0]["url"] == "u"


def test_what_others_call_their_own_is_left_out() -> None:
    assert turn(Foreign("anthropic", "x", {})) == []
    assert render_input([Message("user", (Text("a", extra=Extra("anthropic", {"x": 1})),))], False)[0]["content"] == [
        {"type": "input_text", "text": "a"}
    ]
