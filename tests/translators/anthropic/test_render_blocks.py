from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.anthropic.render_blocks import Scope, render_part

CLAUDE = Scope(sealed=True, foreign=frozenset({"ws_1"}))
OTHER = Scope(sealed=False, foreign=frozenset())


@pytest.mark.parametrize(
    "part, block",
    [
        (ir.Text("a"), {"type": "text", "text": "a"}),
        (ir.Text(""), None),
        (ir.Text(" \n"), None),
        (ir.Refusal("no"), {"type": "text", "text": "no"}),
        (ir.Refusal(""), None),
        (ir.Reasoning("hm"), None),
        (ir.Reasoning("hm", ir.Opaque("gemini", "x")), None),
        (
            ir.Reasoning("hm", ir.Opaque("anthropic", "s")),
            {"type": "thinking", "thinking": "hm", "signature": "s"},
        ),
        (ir.Reasoning("", ir.Opaque("anthropic", "s")), {"type": "thinking", "thinking": "", "signature": "s"}),
        (
            ir.Reasoning("", ir.Opaque("anthropic", "d", "redacted_thinking")),
            {"type": "redacted_thinking", "data": "d"},
        ),
        (
            ir.ToolCall("t", "look", '{"at": "sky"}'),
            {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "sky"}},
        ),
        (ir.ToolCall("t", "look", ""), {"type": "tool_use", "id": "t", "name": "look", "input": {}}),
        (
            ir.ToolCall("t", "look", '{"at": '),
            {"type": "tool_use", "id": "t", "name": "look", "input": {"_raw_arguments": '{"at": '}},
        ),
        (
            ir.ToolCall("t", "patch", "*** Begin", kind="custom"),
            {"type": "tool_use", "id": "t", "name": "patch", "input": {"input": "*** Begin"}},
        ),
        (ir.ToolResult("t", ()), {"type": "tool_result", "tool_use_id": "t"}),
        (
            ir.ToolResult("t", (ir.Text("x"), ir.Text("")), is_error=True, cache=ir.Cache()),
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "text", "text": "x"}],
                "is_error": True,
                "cache_control": {"type": "ephemeral"},
            },
        ),
        (
            ir.ToolResult("t", (ir.Media("image", "image/png", "eA=="),)),
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eA=="}}],
            },
        ),
        (ir.BuiltinCall("ws_1", "web_search", "{}"), None),
        (ir.BuiltinResult("ws_1", "web_search"), None),
        (ir.Foreign("openai_responses", "image_generation_call", {}), None),
        (ir.Foreign("anthropic", "compaction", {"type": "compaction"}), {"type": "compaction"}),
    ],
)
def test_parts(part: ir.Part, block: dict[str, Any] | None) -> None:
    """Edges 9, 16, 18; router-for-me/CLIProxyAPI#2172: foreign signatures are never forwarded."""
    assert render_part(part, CLAUDE) == block


def test_imitators_get_their_unsigned_thoughts_back() -> None:
    """Lordymine/opencode-go-cli#5: DeepSeek's and Moonshot's reasoning must be passed back."""
    assert render_part(ir.Reasoning("hm"), OTHER) == {"type": "thinking", "thinking": "hm", "signature": ""}


def test_extras_of_others_stay_away() -> None:
    part = ir.ToolCall("t", "look", "{}", extra=ir.Extra("gemini", {"caller": 1}))
    assert "caller" not in (render_part(part, CLAUDE) or {})
