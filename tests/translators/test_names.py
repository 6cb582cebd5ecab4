"""Tool names and call ids that a format's rules forbid (pains.md, edge case 14)."""

from __future__ import annotations

import re

import pytest

from cliproxy.translators import ir
from cliproxy.translators.names import aliases, flattened, legal_id, renamed

LEGAL = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LONG = "mcp__a_server_with_a_long_name__and_a_tool_with_an_even_longer_name_"


def asking(*names: str) -> ir.Request:
    return ir.Request("m", tools=tuple(ir.Tool(name) for name in names))


def test_legal_names_stay() -> None:
    assert aliases(asking("look", "a-b_c"), LEGAL) == {}


def test_long_names_with_one_beginning_stay_apart() -> None:
    found = aliases(asking(LONG + "1", LONG + "2"), LEGAL)
    assert len(set(found.values())) == 2
    assert all(LEGAL.fullmatch(alias) and alias.startswith("mcp__a_server") for alias in found.values())


@pytest.mark.parametrize("name", ["a.b", "a b", "größe", "", "1" * 80, "a/b:c", "\ud800"])
def test_any_name_becomes_legal_and_always_the_same(name: str) -> None:
    first, second = aliases(asking(name), LEGAL), aliases(asking("other", name), LEGAL)
    assert first == second
    assert LEGAL.fullmatch(first[name])


def test_calls_results_and_choice_are_renamed_with_the_tools() -> None:
    request = ir.Request(
        "m",
        messages=(
            ir.Message("assistant", (ir.ToolCall("c", "a.b", "{}"),)),
            ir.Message("tool", (ir.ToolResult("c", (), name="a.b"),)),
        ),
        tools=(ir.Tool("a.b"), ir.BuiltinTool("web_search")),
        tool_choice=ir.ToolChoice("tool", ("a.b",)),
    )
    names = aliases(request, LEGAL)
    back = renamed(renamed(request, names), {alias: name for name, alias in names.items()})
    assert "a.b" not in repr(renamed(request, names))
    assert back == request


@pytest.mark.parametrize("id", ["call_1", "toolu_01-x", "a" * 64])
def test_legal_ids_stay(id: str) -> None:
    assert legal_id(id) == id


@pytest.mark.parametrize("id", ["", "a" * 65, "functions.look:0", "call 1", "ü"])
def test_other_ids_become_legal_the_same_way_each_time(id: str) -> None:
    assert legal_id(id) == legal_id(id) != id
    assert LEGAL.fullmatch(legal_id(id))


def test_namespaces_become_part_of_the_names() -> None:
    """Two of them may hold tools of one name; the choice of a tool by its bare name goes with it."""
    tools = (ir.Tool("open", namespace="files"), ir.Tool("open", namespace="mcp__x__"), ir.Tool("look"))
    call = ir.Message("assistant", (ir.ToolCall("c", "open", "{}", namespace="files"),))
    request = ir.Request("m", (call,), tools=tools, tool_choice=ir.ToolChoice("tool", ("open",)))
    flat, back = flattened(request)
    assert [tool.name for tool in flat.tools] == ["files__open", "mcp__x__open", "look"]  # type: ignore[union-attr]
    assert flat.messages[0].parts == (ir.ToolCall("c", "files__open", "{}"),)
    assert flat.tool_choice == ir.ToolChoice("tool", ("files__open",))
    assert back == {"files__open": ("files", "open"), "mcp__x__open": ("mcp__x__", "open")}


def test_a_joined_name_that_is_taken_is_another() -> None:
    flat, back = flattened(ir.Request("m", tools=(ir.Tool("open", namespace="files"), ir.Tool("files__open"))))
    first, second = (tool.name for tool in flat.tools)  # type: ignore[union-attr]
    assert first != second == "files__open"
    assert back == {first: ("files", "open")}


def test_without_namespaces_nothing_changes() -> None:
    request = asking("look")
    assert flattened(request) == (request, {})
