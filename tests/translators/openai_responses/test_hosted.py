from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import BuiltinCall, BuiltinResult, Citation
from cliproxy.translators.openai_responses.hosted import (
    parse_code_run,
    parse_web_search,
    render_code_run,
    render_web_search,
)


def search(action: object, **more: object) -> dict[str, Any]:
    return {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": action, **more}


@pytest.mark.parametrize(
    "item",
    [
        search({"type": "search", "query": "q"}),
        search({"type": "search", "query": "q", "sources": [{"type": "url", "url": "https://a.test"}]}),
        search({"type": "search", "query": "q", "sources": [{"type": "api", "name": "oai-weather"}]}),
        search({"type": "search", "query": "q", "queries": ["q", "r"]}),
        search({"type": "open_page", "url": "https://a.test"}),
        search({"type": "find_in_page", "url": "https://a.test", "pattern": "x"}),
        search("search"),
        search({"type": "search", "query": "q"}, status="failed"),
    ],
)
def test_search_both_ways(item: dict[str, Any]) -> None:
    call, result = parse_web_search(item, "spare")
    assert {"id": call.id, **render_web_search(call, result)} == item


def test_a_search_is_a_call_and_a_result() -> None:
    """Pain 11, edge case 23: "Did 0 searches"."""
    item = search({"type": "search", "queries": ["q", "r"], "sources": [{"type": "url", "url": "https://a.test"}]})
    call, result = parse_web_search(item, "spare")
    assert (call.id, call.tool, call.arguments) == ("ws_1", "web_search", '{"query":"q"}')
    assert result == BuiltinResult("ws_1", "web_search", (Citation("https://a.test"),))


def test_a_search_of_another_provider() -> None:
    call = BuiltinCall("srvtoolu_1", "web_search", '{"query":"q"}')
    result = BuiltinResult("srvtoolu_1", "web_search", (Citation("https://a.test", "A"),))
    assert render_web_search(call, result) == {
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "q", "sources": [{"type": "url", "url": "https://a.test"}]},
    }
    assert render_web_search(BuiltinCall("x", "web_search", "no json"), None)["action"] == {"type": "search"}


@pytest.mark.parametrize(
    "outputs", [None, [{"type": "logs", "logs": "1"}], [{"type": "logs", "logs": "1"}, {"type": "image", "url": "u"}]]
)
def test_code_both_ways(outputs: Any) -> None:
    item = {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "status": "completed",
        "code": "print(1)",
        "container_id": "cntr_1",
        "outputs": outputs,
    }
    call, result = parse_code_run(item, "spare")
    assert call.arguments == '{"code":"print(1)"}'
    assert result.text == ("1" if outputs else "")
    assert {"id": call.id, **render_code_run(call, result)} == item


def test_items_without_an_id() -> None:
    """Codex sends its searches without one."""
    assert parse_web_search({"type": "web_search_call", "action": None}, "search_3")[0].id == "search_3"
    assert parse_code_run({"type": "code_interpreter_call", "code": 5}, "code_1")[0].arguments == '{"code":""}'
