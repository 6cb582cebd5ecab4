from __future__ import annotations

import json
from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.collect import collect

CONTEXT = ir.Context("x1", 1_700_000_000, ir.Request("claude-alias"))
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "so"},
        {"type": "tool_use", "id": "t", "name": "look", "input": {"at": "sky"}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5, "service_tier": "standard"},
}
RESPONSE = ir.Response(
    "msg_1",
    "m",
    None,
    (
        ir.Reasoning("hm", ir.Opaque("anthropic", "s")),
        ir.Text("so"),
        ir.ToolCall("t", "look", '{"at":"sky"}'),
    ),
    ir.Finish("tool_calls", ir.Usage(7, 5, 4), service_tier="default"),
)


def test_both_ways() -> None:
    assert collect(anthropic.parse_response(MESSAGE)) == RESPONSE
    assert anthropic.render_response(RESPONSE, CONTEXT) == MESSAGE


def test_the_least() -> None:
    body = anthropic.render_response(ir.Response("", "", None, (), ir.Finish("stop")), CONTEXT)
    assert (body["id"], body["model"], body["content"]) == ("msg_x1", "claude-alias", [])
    assert body["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_null_fields_do_no_harm() -> None:
    """Edge 24."""
    body = {"id": None, "model": None, "content": [None, {}, {"type": "text", "text": None}], "usage": None}
    assert collect(anthropic.parse_response(body)) == ir.Response("", "", None, (), ir.Finish("stop"))


def test_an_error_with_status_200() -> None:
    """Edge 22."""
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    assert list(anthropic.parse_response(body)) == [ir.Error(429, "slow down", "rate_limit_error")]


@pytest.mark.parametrize("body", [[], None, {}, {"content": "hi"}, {"choices": []}])
def test_what_is_no_answer(body: Any) -> None:
    with pytest.raises(ir.BadAnswer):
        list(anthropic.parse_response(body))


def test_the_makers_sdk_reads_it() -> None:
    judge = pytest.importorskip("anthropic_judge")
    message = judge.read_whole(json.dumps(anthropic.render_response(RESPONSE, CONTEXT)).encode(), strict=True)
    assert judge.meaning(message)["calls"] == [("t", "look", {"at": "sky"})]
    assert message.usage.service_tier == "standard"
