from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.anthropic.builtins import parse_builtin, render_call, render_result

CALL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "sky"}}
PAGE = {
    "type": "web_search_result",
    "url": "https://example.test/a",
    "title": "A",
    "encrypted_content": "s",
    "page_age": None,
}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [PAGE]}
FETCHED = {
    "type": "web_fetch_tool_result",
    "tool_use_id": "srvtoolu_2",
    "content": {
        "type": "web_fetch_result",
        "url": "https://example.test/b",
        "content": {
            "type": "document",
            "title": "B",
            "source": {"type": "text", "media_type": "text/plain", "data": "x"},
        },
    },
}
RAN = {
    "type": "code_execution_tool_result",
    "tool_use_id": "srvtoolu_3",
    "content": {"type": "code_execution_result", "stdout": "42", "stderr": "", "return_code": 0, "content": []},
}
FAILED = {
    "type": "web_search_tool_result",
    "tool_use_id": "srvtoolu_4",
    "content": {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"},
}


@pytest.mark.parametrize("block", [FOUND, FETCHED, RAN, FAILED], ids=lambda b: b["tool_use_id"])
def test_results_go_back_to_anthropic_as_they_came(block: dict[str, Any]) -> None:
    result = parse_builtin(block)
    assert isinstance(result, ir.BuiltinResult)
    assert render_result(result) == block


def test_what_others_can_read_of_them() -> None:
    """Edge 23."""
    results = [parse_builtin(block) for block in (FOUND, FETCHED, RAN, FAILED)]
    found, fetched, ran, failed = (r for r in results if isinstance(r, ir.BuiltinResult))
    assert found.sources == (ir.Citation("https://example.test/a", "A"),)
    assert fetched.sources == (ir.Citation("https://example.test/b", "B"),)
    assert ran.text == "42"
    assert failed.error == "max_uses_exceeded"


def test_calls() -> None:
    call = parse_builtin({**CALL, "caller": {"type": "direct"}})
    assert call == ir.BuiltinCall(
        "srvtoolu_1", "web_search", '{"query":"sky"}', ir.Extra("anthropic", {"caller": {"type": "direct"}})
    )
    assert isinstance(call, ir.BuiltinCall)
    assert render_call(call) == {**CALL, "caller": {"type": "direct"}}


@pytest.mark.parametrize("name", ["bash_code_execution", "tool_search_tool_bm25", ""])
def test_other_server_tools_are_kept_whole(name: str) -> None:
    assert parse_builtin({**CALL, "name": name}) is None


@pytest.mark.parametrize(
    "result",
    [
        ir.BuiltinResult("ws_1", "web_search", (ir.Citation("https://example.test/c", "C"),)),
        ir.BuiltinResult("ws_1", "web_fetch", (ir.Citation("https://example.test/c", "C"),), "text"),
        ir.BuiltinResult("ws_1", "code_execution", text="42"),
        ir.BuiltinResult("ws_1", "web_search", error="broken"),
    ],
)
def test_anothers_search_is_shown_to_clients_but_never_sent_to_anthropic(result: ir.BuiltinResult) -> None:
    shown = render_result(result)
    echoed = {
        "model": "claude-opus-4-8",
        "messages": [
            {"role": "user", "content": "search"},
            {
                "role": "assistant",
                "content": [
                    render_call(ir.BuiltinCall("ws_1", result.tool, "{}")),
                    shown,
                    {"type": "text", "text": "found"},
                ],
            },
        ],
    }
    sent = anthropic.render_request(anthropic.parse_request(echoed, ""))
    assert [block["type"] for block in sent["messages"][1]["content"]] == ["text"]


def test_a_pair_from_anthropic_is_sent_back() -> None:
    turn = {"role": "assistant", "content": [CALL, FOUND]}
    body = {"model": "claude-opus-4-8", "messages": [{"role": "user", "content": "search"}, turn]}
    assert anthropic.render_request(anthropic.parse_request(body, ""))["messages"][1] == turn
