from __future__ import annotations

import pytest

from cliproxy.translators import ir, opaque
from cliproxy.translators.openai_responses.output_items import (
    CallItem,
    ForeignItem,
    HostedItem,
    ImageItem,
    MessageItem,
    ReasoningItem,
    carrier,
)
from cliproxy.translators.openai_responses.words import NAME


def test_a_message() -> None:
    item = MessageItem(0, "msg_1")
    sent = [*item.open(), *item.text("a", ()), *item.cite(ir.Citation("u", "t")), *item.refuse("no"), *item.close()]
    assert [one["type"].removeprefix("response.") for one in sent] == [
        "output_item.added", "content_part.added", "output_text.delta", "output_text.annotation.added",
        "output_text.done", "content_part.done", "content_part.added", "refusal.delta", "refusal.done",
        "content_part.done", "output_item.done",
    ]  # fmt: skip
    assert sent[0]["item"]["content"] == [] and sent[1]["part"]["text"] == ""
    assert [part["type"] for part in sent[-1]["item"]["content"]] == ["output_text", "refusal"]
    assert list(item.close()) == []


@pytest.mark.parametrize("summary", [True, False])
def test_reasoning(summary: bool) -> None:
    item = ReasoningItem(0, "rs_1")
    sent = [*item.open(), *item.think("a", summary), *item.think("b", summary), *item.close()]
    part, text = ("reasoning_summary_part", "reasoning_summary_text") if summary else ("content_part", "reasoning_text")
    assert [one["type"].removeprefix("response.") for one in sent] == [
        "output_item.added", f"{part}.added", f"{text}.delta", f"{text}.delta", f"{text}.done", f"{part}.done",
        "output_item.done",
    ]  # fmt: skip
    assert sent[-1]["item"]["summary" if summary else "content"][0]["text"] == "ab"


def test_seals() -> None:
    """Own seals stay as they are; others are packed, so that they come home through this client."""
    own, foreign = ReasoningItem(0, "rs_1"), ReasoningItem(1, "rs_2")
    own.seal, foreign.seal = ir.Opaque(NAME, "E", "rs_9"), ir.Opaque("anthropic", "S")
    assert own.whole("completed")["encrypted_content"] == "E"
    assert opaque.unpack(foreign.whole("completed")["encrypted_content"], NAME) == foreign.seal
    assert carrier(ir.ToolCallStart(0, "c", "f", opaque=foreign.seal)) == ir.Opaque("anthropic", "S", "c")
    assert carrier(ir.ToolCallStart(0, "c", "f")) is None


@pytest.mark.parametrize(
    "kind, key, events",
    [("function", "arguments", "function_call_arguments"), ("custom", "input", "custom_tool_call_input")],
)  # fmt: skip
def test_calls(kind: ir.ToolKind, key: str, events: str) -> None:
    item = CallItem(0, "x_1", ir.ToolCallStart(0, "c", "f", kind, "n"))
    sent = [*item.open(), *item.argue("{}"), *item.close()]
    assert [one["type"] for one in sent[1:3]] == [f"response.{events}.delta", f"response.{events}.done"]
    assert sent[2][key] == "{}"
    assert sent[-1]["item"]["namespace"] == "n" and sent[-1]["item"][key] == "{}"


def test_a_call_without_arguments() -> None:
    """Clients parse arguments as JSON."""
    item = CallItem(0, "fc_1", ir.ToolCallStart(0, "c", "f"))
    assert [*item.close()][-1]["item"]["arguments"] == "{}"


@pytest.mark.parametrize("arguments, whole", [('{"a":1}', True), ('{"a":', False), ("", False), ("1", False)])
def test_cut_calls(arguments: str, whole: bool) -> None:
    """Edge case 21."""
    item = CallItem(0, "fc_1", ir.ToolCallStart(0, "c", "f"), [arguments])
    assert item.is_whole() is whole
    assert [one["type"] for one in item.close("incomplete")] == ["response.output_item.done"]
    assert item.final and item.final["status"] == "incomplete" and item.final["arguments"] == arguments


def test_searches() -> None:
    """Edge case 23."""
    item = HostedItem(0, "ws_1", ir.BuiltinCall("x", "web_search", '{"query":"q"}'))
    sent = list(item.open())
    item.result = ir.BuiltinResult("x", "web_search", (ir.Citation("https://a.test"),))
    sent += item.close()
    assert [one["type"].removeprefix("response.") for one in sent] == [
        "output_item.added", "web_search_call.in_progress", "web_search_call.searching", "web_search_call.completed",
        "output_item.done",
    ]  # fmt: skip
    assert sent[0]["item"]["status"] == "in_progress"
    assert sent[-1]["item"]["action"]["sources"] == [{"type": "url", "url": "https://a.test"}]
    assert not HostedItem.known(ir.BuiltinCall("x", "web_fetch", ""))


def test_pictures_and_unknown_items() -> None:
    item = ImageItem(0, "ig_1", ir.Media("image", "image/webp", "AA"))
    sent = [*item.open(), *item.close()]
    assert (sent[-1]["item"]["result"], sent[-1]["item"]["output_format"]) == ("AA", "webp")
    foreign = ForeignItem(0, "x", {"type": "mcp_call"})
    assert [one["item"] for one in (*foreign.open(), *foreign.close())] == [{"type": "mcp_call"}] * 2
