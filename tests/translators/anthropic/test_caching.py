from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.anthropic.caching import parse_cache, render_cache
from cliproxy.translators.wire import Fields


@pytest.mark.parametrize(
    "wire, cache",
    [
        ({"type": "ephemeral"}, ir.Cache()),
        ({"type": "ephemeral", "ttl": "1h"}, ir.Cache("1h")),
        ({"type": "ephemeral", "ttl": None}, ir.Cache()),
        ({"type": "ephemeral", "scope": "global"}, None),
        ({"type": "ephemeral", "ttl": ["?"]}, None),
        (None, None),
        ("yes", None),
    ],
)
def test_what_is_understood_is_taken_the_rest_stays(wire: Any, cache: ir.Cache | None) -> None:
    fields = Fields({"cache_control": wire})
    assert parse_cache(fields) == cache
    assert ("cache_control" in fields.left()) is (cache is None)


def test_rendered() -> None:
    assert render_cache(None) == {}
    assert render_cache(ir.Cache("5m")) == {"cache_control": {"type": "ephemeral", "ttl": "5m"}}


def marked(count: int, **extra: Any) -> dict[str, Any]:
    """Breakpoints on a tool, the system prompt, and texts, one of them in a tool result."""
    mark = ir.Cache()
    texts = tuple(ir.Text(f"t{i}", cache=mark) for i in range(count))
    result = ir.ToolResult("c", (ir.Text("r", cache=mark),), cache=mark)
    return anthropic.render_request(
        ir.Request(
            "m",
            (
                ir.Message("system", (ir.Text("s", cache=mark),)),
                ir.Message("user", texts),
                ir.Message("assistant", (ir.ToolCall("c", "look", "{}"),)),
                ir.Message("tool", (result,)),
            ),
            tools=(ir.Tool("look", cache=mark),),
            extra=ir.Extra("anthropic", extra) if extra else None,
        )
    )


def test_at_most_four_breakpoints_the_last_ones() -> None:
    """Edge 25: "A maximum of 4 blocks with cache_control may be provided." """
    body = marked(3)
    assert "cache_control" not in body["tools"][0]
    assert "cache_control" not in body["system"][0]
    assert [("cache_control" in block) for block in body["messages"][0]["content"]] == [False, True, True]
    result = body["messages"][2]["content"][0]
    assert "cache_control" in result
    assert "cache_control" in result["content"][0]


def test_the_automatic_one_counts() -> None:
    body = marked(3, cache_control={"type": "ephemeral"})
    assert sum("cache_control" in block for block in body["messages"][0]["content"]) == 1


def test_four_are_left_alone() -> None:
    assert "cache_control" in marked(0)["tools"][0]
