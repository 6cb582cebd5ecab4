"""Edge 11: contents and system instructions in every shape."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.parse_contents import parse_contents, parse_system
from cliproxy.translators.gemini.reading import fields

CALL = {"functionCall": {"name": "f", "args": {}}}
RESULT = {"functionResponse": {"name": "f", "response": {"output": "x"}}}
USER = ir.Message("user", (ir.Text("a"),))


def contents(value: Any) -> list[ir.Message]:
    return list(parse_contents(fields({"contents": value})))


def system(value: Any) -> list[ir.Message]:
    return list(parse_system(fields({"system_instruction": value})))


@pytest.mark.parametrize(
    "value",
    [
        "a",
        ["a"],
        {"text": "a"},
        [{"text": "a"}],
        {"parts": "a"},
        {"parts": {"text": "a"}},
        {"parts": ["a"]},
        {"role": "user", "parts": [{"text": "a"}]},
        [{"parts": [{"text": "a"}]}],
        [{"role": "", "parts": [{"text": "a"}]}],
        [{"role": None, "parts": [{"text": "a"}]}],
        [["a"]],
    ],
)
def test_shapes_of_contents(value: Any) -> None:
    assert contents(value) == [USER]


@pytest.mark.parametrize(
    "value",
    ["a", {"parts": [{"text": "a"}]}, {"role": "user", "parts": {"text": "a"}}, ["a"], [{"text": "a"}], {"text": "a"}],
)
def test_shapes_of_the_system_instruction(value: Any) -> None:
    assert system(value) == [ir.Message("system", (ir.Text("a"),))]


@pytest.mark.parametrize("value", [None, "", [], {}, {"parts": []}, {"parts": [{"text": ""}]}])
def test_no_system_instruction(value: Any) -> None:
    assert system(value) == []


@pytest.mark.parametrize(
    "role, want",
    [("user", "user"), ("model", "assistant"), ("assistant", "assistant"), ("function", "user"), ("system", "system")],
)
def test_roles(role: str, want: ir.Role) -> None:
    assert contents([{"role": role, "parts": [{"text": "a"}]}]) == [ir.Message(want, (ir.Text("a"),))]


@pytest.mark.parametrize("role", ["user", "function", "tool", "model", None])
def test_results_are_tool_messages_whatever_the_role(role: str | None) -> None:
    assert [message.role for message in contents([{"role": role, "parts": [RESULT]}])] == ["tool"]


def test_results_come_before_the_users_text() -> None:
    """Edge 1: results mixed with text."""
    messages = contents([{"role": "model", "parts": [CALL]}, {"role": "user", "parts": [{"text": "a"}, RESULT]}])
    assert [message.role for message in messages] == ["assistant", "tool", "user"]
    assert messages[1].parts == (ir.ToolResult("call_0_0", (ir.Text("x"),), name="f"),)


def test_two_calls_of_one_name_and_two_results() -> None:
    """Edge 13, twice the same history, twice the same ids."""
    value = [{"role": "model", "parts": [CALL, CALL]}, {"role": "user", "parts": [RESULT, RESULT]}]
    calls, results = contents(value)
    assert [call.id for call in calls.parts] == [r.call_id for r in results.parts] == ["call_0_0", "call_0_1"]  # type: ignore[union-attr]
    assert contents(value) == [calls, results]


def test_a_turn_in_which_google_ran_the_tool() -> None:
    messages = contents([{"role": "model", "parts": [CALL, RESULT, {"text": "a"}]}])
    assert [message.role for message in messages] == ["assistant", "tool", "assistant"]


def test_pieces_of_a_streamed_answer_are_one_again() -> None:
    """SDKs keep every chunk as a part; a seal ends its thought, and no seal is merged away."""
    thought = {"thought": True}
    parts = [
        {"text": "h", **thought},
        {"text": "m", **thought},
        {"text": "", "thoughtSignature": "c2VhbA==", **thought},
        {"text": "n", **thought},
        {"text": "a"},
        {"text": "b"},
        {"text": "c", "thoughtSignature": "c2VhbA=="},
        {"text": "d"},
    ]
    (message,) = contents([{"role": "model", "parts": parts}])
    assert message.parts == (
        ir.Reasoning("hm", ir.Opaque("gemini", "c2VhbA=="), True),
        ir.Reasoning("n", summary=True),
        ir.Text("ab"),
        ir.Text("c", extra=ir.Extra("gemini", {"thoughtSignature": "c2VhbA=="})),
        ir.Text("d"),
    )


@pytest.mark.parametrize(
    "value, path",
    [
        ([{"role": "bot", "parts": []}], "contents[0].role"),
        ([{"role": 7, "parts": []}], "contents[0].role"),
        (["a", 7], "contents[1]"),
        ([{"parts": [{"text": "a"}, 7]}], "contents[0].parts[1]"),
        ([{"parts": 7}], "contents[0].parts[0]"),
    ],
)
def test_what_is_wrong_is_named(value: Any, path: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        contents(value)
    assert raised.value.param == path


def test_a_system_instruction_makes_no_calls() -> None:
    with pytest.raises(ir.BadRequest, match="systemInstruction"):
        system({"parts": [CALL]})
