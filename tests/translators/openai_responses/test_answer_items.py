from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_responses.answer_items import Answer, Item, Part
from cliproxy.translators.openai_responses.words import NAME


def whole(*values: dict[str, Any]) -> list[ir.Event]:
    answer = Answer()
    return [
        event for number, value in enumerate(values) for event in answer.complete(Item(value["type"], number), value)
    ]


def parts(events: Iterable[ir.Event]) -> tuple[ir.Part, ...]:
    return collect(events).parts


@pytest.mark.parametrize("told, said, rest", [("", "ab", "ab"), ("a", "ab", "b"), ("ab", "ab", ""), ("x", "ab", "")])
def test_what_is_missing(told: str, said: str, rest: str) -> None:
    assert Part([told]).missing(said) == rest


def test_a_message() -> None:
    cited = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}
    content = [
        {"type": "output_text", "text": "ab", "annotations": [cited]},
        {"type": "refusal", "refusal": "no"},
        {"type": "output_text", "text": "c", "annotations": [cited]},
    ]
    one, refusal, two = parts(whole({"type": "message", "content": content}))
    assert one == ir.Text("ab", (ir.Citation("u", "t", start=0, end=1),))
    assert refusal == ir.Refusal("no")
    assert two == ir.Text("c", (ir.Citation("u", "t", start=0, end=1),))


def test_offsets_move_where_texts_become_one() -> None:
    cited = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1}
    message = {"type": "message", "content": [{"type": "output_text", "text": "ab", "annotations": [cited]}]}
    (text,) = parts(whole(message, message))
    assert isinstance(text, ir.Text) and text.text == "abab"
    assert [citation.start for citation in text.citations] == [0, 2]


@pytest.mark.parametrize("kind, key", [("function_call", "arguments"), ("custom_tool_call", "input")])
def test_calls(kind: str, key: str) -> None:
    value = {"type": kind, "call_id": "c", "name": "f", "namespace": "n", key: "{}"}
    wanted = "function" if kind == "function_call" else "custom"
    assert whole(value) == [
        ir.ToolCallStart(0, "c", "f", wanted, "n"),  # type: ignore[arg-type]
        ir.ToolCallDelta(0, "{}"),
        ir.ToolCallEnd(0),
    ]


def test_a_cut_call_does_not_end() -> None:
    """Edge case 21: cut arguments are never complete."""
    value = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a', "status": "incomplete"}
    assert whole(value)[-1] == ir.ToolCallDelta(0, '{"a')


def test_a_call_without_id_or_name() -> None:
    """Edge case 4: fall back to the item's id, and to `tool_i`."""
    start = whole({"type": "function_call", "id": "fc_1", "arguments": ""})[0]
    assert start == ir.ToolCallStart(0, "fc_1", "tool_0")
    answer, item = Answer(), Item("function_call", 0)
    assert list(answer.argue(item, "{}")) == []
    assert list(answer.end([item])) == [ir.ToolCallStart(0, "call_0", "tool_0"), ir.ToolCallDelta(0, "{}")]


def test_reasoning() -> None:
    value = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"text": "a"}, {"text": "b"}],
        "content": [{"text": "t"}],
        "encrypted_content": "E",
    }
    assert parts(whole(value)) == (
        ir.Reasoning("a\n\nb", None, True),
        ir.Reasoning("t", ir.Opaque(NAME, "E", "rs_1")),
    )
    assert parts(whole({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E"})) == (
        ir.Reasoning("", ir.Opaque(NAME, "E", "rs_1")),
    )
    assert whole({"type": "reasoning", "id": "rs_1", "summary": None, "content": None}) == []


def test_pictures() -> None:
    value = {"type": "image_generation_call", "id": "ig_1", "result": "AA", "output_format": "webp"}
    (block,) = whole(value)
    assert isinstance(block, ir.Block) and isinstance(block.part, ir.Media)
    assert (block.part.media_type, block.part.data) == ("image/webp", "AA")
    (kept,) = whole({"type": "image_generation_call", "result": None})
    assert isinstance(kept, ir.Block) and isinstance(kept.part, ir.Foreign)


def test_hosted_and_unknown_items() -> None:
    """Pain 11: a search is a call with its result; what only this format knows is kept whole."""
    events = whole(
        {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": "q"}},
        {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "outputs": None},
        {"type": "mcp_call", "x": 1},
    )
    kinds = [type(event.part).__name__ for event in events if isinstance(event, ir.Block)]
    assert kinds == ["BuiltinCall", "BuiltinResult", "BuiltinCall", "BuiltinResult", "Foreign"]


def test_nothing_is_told_twice() -> None:
    answer, item = Answer(), Item("message", 0)
    value = {"type": "message", "content": [{"type": "output_text", "text": "ab"}]}
    assert list(answer.text(item, 0, "ab")) == [ir.TextDelta("ab")]
    assert list(answer.complete(item, value)) == []
    assert list(answer.complete(item, value)) == []
