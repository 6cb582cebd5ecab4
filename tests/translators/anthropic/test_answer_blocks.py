from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir, opaque
from cliproxy.translators.anthropic.answer_blocks import blocks_of

SEAL = ir.Opaque("openai_responses", "gAAAA", "rs_1")


@pytest.mark.parametrize(
    "part, blocks",
    [
        (ir.Text(""), []),
        (ir.Text("a"), [{"type": "text", "text": "a"}]),
        (ir.Refusal("no"), [{"type": "text", "text": "no"}]),
        (ir.Reasoning("hm"), [{"type": "thinking", "thinking": "hm", "signature": ""}]),
        (ir.Reasoning("hm", SEAL), [{"type": "thinking", "thinking": "hm", "signature": opaque.pack(SEAL)}]),
        (ir.Reasoning("", SEAL), [{"type": "redacted_thinking", "data": opaque.pack(SEAL)}]),
        (ir.Reasoning(""), []),
        (ir.ToolCall("t", "look", ""), [{"type": "tool_use", "id": "t", "name": "look", "input": {}}]),
        (
            ir.ToolCall("t", "patch", "***", "custom"),
            [{"type": "tool_use", "id": "t", "name": "patch", "input": {"input": "***"}}],
        ),
        (ir.Foreign("gemini", "x", {}), []),
        (
            ir.Media("image", url="https://example.test/a.png"),
            [{"type": "text", "text": "[image https://example.test/a.png]"}],
        ),
    ],
)
def test_parts(part: ir.Part, blocks: list[Any]) -> None:
    assert list(blocks_of(part)) == blocks


def test_sources_stand_on_the_text() -> None:
    (block,) = blocks_of(ir.Text("a", (ir.Citation("https://example.test", "T"),)))
    assert block["citations"][0]["url"] == "https://example.test"


def test_a_sealed_call() -> None:
    sealed, call = blocks_of(ir.ToolCall("t", "look", "{}", opaque=ir.Opaque("gemini", "c2ln")))
    assert (sealed["type"], call["type"]) == ("redacted_thinking", "tool_use")


def test_a_result_is_no_part_of_an_answer() -> None:
    with pytest.raises(TypeError):
        list(blocks_of(ir.ToolResult("t", ())))
