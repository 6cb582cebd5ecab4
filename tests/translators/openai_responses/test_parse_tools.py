from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import BadRequest, BuiltinTool, Extra, ForeignTool, Tool, ToolChoice
from cliproxy.translators.openai_responses.parse_tools import parse_added, parse_tool_choice, parse_tools
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.wire import Fields

SCHEMA = {"type": "object", "properties": {}}
OWN = Extra(NAME, {})


def parse(*tools: object) -> list[Any]:
    return list(parse_tools(Fields({"tools": list(tools)})))


GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: /.+/"}
CASES: list[tuple[dict[str, Any], list[Any]]] = [
    (
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
        [Tool("f", "d", SCHEMA, True, extra=OWN)],
    ),
    ({"type": "function", "name": "f", "defer_loading": True}, [Tool("f", extra=Extra(NAME, {"defer_loading": True}))]),
    ({"type": "custom", "name": "patch", "format": GRAMMAR}, [Tool("patch", kind="custom", grammar=GRAMMAR)]),
    ({"type": "web_search"}, [BuiltinTool("web_search")]),
    (
        {"type": "web_search_preview", "search_context_size": "low"},
        [BuiltinTool("web_search", extra=Extra(NAME, {"search_context_size": "low", "type": "web_search_preview"}))],
    ),
    ({"type": "web_search", "filters": {"allowed_domains": ["a.test"]}}, [BuiltinTool("web_search", ("a.test",))]),
    ({"type": "code_interpreter", "container": {"type": "auto"}}, [BuiltinTool("code_execution")]),
    (
        {"type": "code_interpreter", "container": "cntr_1"},
        [BuiltinTool("code_execution", extra=Extra(NAME, {"container": "cntr_1"}))],
    ),
    ({"type": "mcp", "server_label": "x"}, [ForeignTool(NAME, "mcp", {"type": "mcp", "server_label": "x"})]),
    ({"type": "tool_search"}, [ForeignTool(NAME, "tool_search", {"type": "tool_search"})]),
    (
        {"type": "namespace", "name": "n", "description": "d", "tools": [{"type": "function", "name": "f"},
                                                                         {"type": "custom", "name": "c"}]},
        [
            Tool("f", namespace="n", extra=Extra(NAME, {"namespace": {"description": "d"}})),
            Tool("c", kind="custom", namespace="n"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize("wire, tools", CASES)
def test_tools(wire: dict[str, Any], tools: list[Any]) -> None:
    """Pain 10, edge case 23: custom tools and namespaces are tools like others, all unknown kinds are kept whole."""
    assert parse(wire) == tools


def test_a_namespace_of_unknown_tools_is_kept_whole() -> None:
    wire = {"type": "namespace", "name": "n", "tools": [{"type": "mcp"}]}
    assert parse(wire) == [ForeignTool(NAME, "namespace", wire)]


@pytest.mark.parametrize("wire", [{"type": "function"}, {"type": 1}, {"type": "custom", "name": "c", "format": "x"}, 5])
def test_broken_tools(wire: object) -> None:
    with pytest.raises(BadRequest):
        parse(wire)


@pytest.mark.parametrize(
    "wire, choice",
    [
        ("auto", ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("required", ToolChoice("required")),
        ({"type": "function", "name": "f"}, ToolChoice("tool", ("f",))),
        ({"type": "custom", "name": "c"}, ToolChoice("tool", ("c",))),
        ({"type": "web_search_preview"}, ToolChoice("tool", ("web_search",))),
        ({"type": "code_interpreter"}, ToolChoice("tool", ("code_execution",))),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}, {"name": "g"}]},
            ToolChoice("required", ("f", "g")),
        ),
        (None, None),
    ],
)
def test_choice(wire: object, choice: ToolChoice | None) -> None:
    fields = Fields({"tool_choice": wire})
    assert parse_tool_choice(fields) == choice
    assert not fields.left()


@pytest.mark.parametrize(
    "wire",
    [{"type": "mcp", "server_label": "x"}, {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "mcp"}]}, {}],
)
def test_a_choice_of_its_own_stays_in_the_extra(wire: dict[str, Any]) -> None:
    fields = Fields({"tool_choice": wire})
    assert parse_tool_choice(fields) is None
    assert fields.left() == {"tool_choice": wire}


@pytest.mark.parametrize("wire", ["any", 5, []])
def test_broken_choice(wire: object) -> None:
    with pytest.raises(BadRequest):
        parse_tool_choice(Fields({"tool_choice": wire}))


def test_added_tools() -> None:
    assert parse_added([{"type": "custom", "name": "exec"}], lambda: "input[0].tools") == (Tool("exec", kind="custom"),)
