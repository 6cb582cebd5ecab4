from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir, opaque
from cliproxy.translators.anthropic.answer_blocks import call_seal
from cliproxy.translators.anthropic.parse_blocks import split_call_seal


def parsed(*blocks: Any, role: str = "user") -> tuple[ir.Message, ...]:
    return anthropic.parse_request({"model": "m", "messages": [{"role": role, "content": list(blocks)}]}, "").messages


def one(block: dict[str, Any], role: str = "user") -> ir.Part:
    (part,) = parsed(block, role=role)[0].parts
    return part


@pytest.mark.parametrize(
    "block, part",
    [
        ({"type": "text", "text": "a"}, ir.Text("a")),
        (
            {"type": "text", "text": "a", "citations": None, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            ir.Text("a", cache=ir.Cache("1h")),
        ),
        ({"type": "thinking", "thinking": "hm", "signature": "s"}, ir.Reasoning("hm", ir.Opaque("anthropic", "s"))),
        ({"type": "thinking", "thinking": "hm", "signature": ""}, ir.Reasoning("hm")),
        (
            {"type": "redacted_thinking", "data": "d"},
            ir.Reasoning("", ir.Opaque("anthropic", "d", "redacted_thinking")),
        ),
        (
            {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "sky"}},
            ir.ToolCall("t", "look", '{"at":"sky"}'),
        ),
        (
            {"type": "tool_use", "id": "t", "name": "look", "input": {}, "caller": {"type": "direct"}},
            ir.ToolCall("t", "look", "{}", extra=ir.Extra("anthropic", {"caller": {"type": "direct"}})),
        ),
        (
            {"type": "container_upload", "file_id": "f"},
            ir.Foreign("anthropic", "container_upload", {"type": "container_upload", "file_id": "f"}),
        ),
    ],
)
def test_blocks(block: dict[str, Any], part: ir.Part) -> None:
    assert one(block, role="assistant") == part


def test_content_as_a_string() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    assert anthropic.parse_request(body, "").messages == (ir.Message("user", (ir.Text("hi"),)),)


@pytest.mark.parametrize(
    "content, parts",
    [
        ("done", (ir.Text("done"),)),
        ([{"type": "text", "text": "done"}], (ir.Text("done"),)),
        (None, ()),
        ([], ()),
        (
            [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x"}}],
            (ir.Media("image", "image/png", "x"),),
        ),
    ],
)
def test_tool_results(content: Any, parts: tuple[ir.Part, ...]) -> None:
    block = {"type": "tool_result", "tool_use_id": "t", "content": content, "is_error": True}
    (message,) = parsed(block)
    assert message == ir.Message("tool", (ir.ToolResult("t", parts, is_error=True),))  # type: ignore[arg-type]


def test_results_are_a_message_of_their_own_before_the_users_words() -> None:
    """Edge 1."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": "done"}
    first, second = parsed({"type": "text", "text": "and now"}, result)
    assert (first.role, second) == ("tool", ir.Message("user", (ir.Text("and now"),)))


FOUND = {
    "type": "search_result",
    "source": "https://example.test/a",
    "title": "A",
    "content": [{"type": "text", "text": "so it is"}],
    "citations": {"enabled": True},
}


@pytest.mark.parametrize("block", [FOUND, {"type": "tool_reference", "tool_name": "look"}], ids=lambda b: b["type"])
def test_blocks_in_results_are_text_to_others_and_themselves_to_anthropic(block: dict[str, Any]) -> None:
    marked = {**block, "cache_control": {"type": "ephemeral"}}
    message = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [marked]}]}
    request = anthropic.parse_request({"model": "m", "messages": [message]}, "")
    (result,) = request.messages[0].parts
    assert isinstance(result, ir.ToolResult)
    (text,) = result.parts
    assert isinstance(text, ir.Text)
    assert text.text
    assert text.cache == ir.Cache()
    assert anthropic.render_request(request)["messages"] == [message]


def test_a_search_result_reads_as_text() -> None:
    text = one(FOUND)
    assert isinstance(text, ir.Text)
    assert text.text == "A\nhttps://example.test/a\nso it is"


def test_a_seal_packed_for_an_anthropic_client_comes_home() -> None:
    """raine/claude-code-proxy#52: encrypted reasoning dropped between turns."""
    seal = ir.Opaque("openai_responses", "gAAAA", "rs_1")
    thought = one({"type": "thinking", "thinking": "hm", "signature": opaque.pack(seal)}, role="assistant")
    assert thought == ir.Reasoning("hm", seal)
    assert one({"type": "redacted_thinking", "data": opaque.pack(seal)}, role="assistant") == ir.Reasoning("", seal)


@pytest.mark.parametrize("call_id", ["call_1", "functions.look:0", ""])
def test_the_seal_of_a_call_comes_back_to_the_call(call_id: str) -> None:
    """Gemini signs its calls; ``tool_use`` has no place for that."""
    seal = ir.Opaque("gemini", "c2ln", "x:y")
    (block,) = call_seal(call_id, seal)
    use = {"type": "tool_use", "id": call_id, "name": "look", "input": {}}
    (message,) = parsed(block, use, role="assistant")
    assert message.parts == (ir.ToolCall(call_id, "look", "{}", opaque=seal),)


@pytest.mark.parametrize("id", ["tool_call:", "tool_call:x:y", "tool_call:99:ab"])
def test_broken_seals_of_calls_do_no_harm(id: str) -> None:
    assert split_call_seal(id)


@pytest.mark.parametrize(
    "block, at",
    [
        ({"type": "text"}, r"messages\[0\].content\[0\].text"),
        ({"text": "a"}, r"messages\[0\].content\[0\].type"),
        ({"type": "tool_use", "id": "t", "name": "n", "input": "x"}, r"content\[0\].input must be an object"),
        ({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text"}]}, r"content\[0\].content\[0\].text"),
        ({"type": "tool_result", "tool_use_id": "t", "content": 3}, r"content\[0\].content must be a string or a list"),
        ("x", r"messages\[0\].content\[0\] must be an object"),
    ],
)
def test_wrong_types_name_the_place(block: Any, at: str) -> None:
    with pytest.raises(ir.BadRequest, match=at):
        parsed(block)
