from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir

NEW, OLD = "claude-opus-4-8", "claude-sonnet-4-5"
CALL, RESULT = ir.ToolCall("c", "look", "{}"), ir.ToolResult("c", (ir.Text("blue"),))


def user(*texts: str) -> ir.Message:
    return ir.Message("user", tuple(ir.Text(text) for text in texts))


def said(text: str, role: ir.Role = "assistant") -> ir.Message:
    return ir.Message(role, (ir.Text(text),))


def rendered(*messages: ir.Message, model: str = OLD) -> dict[str, Any]:
    return anthropic.render_request(ir.Request(model, messages))


def shape(body: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(m["role"], [b.get("text", b["type"]) for b in m["content"]]) for m in body["messages"]]


def test_leading_system_and_developer_messages_are_the_system_prompt() -> None:
    body = rendered(said("a", "system"), said("b", "developer"), user("hi"))
    assert [block["text"] for block in body["system"]] == ["a", "b"]
    assert shape(body) == [("user", ["hi"])]


@pytest.mark.parametrize("messages", [(), (said("a", "system"),), (said("a", "developer"), user(""))])
def test_a_system_prompt_alone_needs_a_users_message(messages: tuple[ir.Message, ...]) -> None:
    """Edge 11. Recorded: "messages.0: all messages must have non-empty content"."""
    assert shape(rendered(*messages)) == [("user", ["."])]


def test_neighbours_of_one_role_are_one_message() -> None:
    """Edge 12."""
    assert shape(rendered(user("a"), user("b"), said("c"), said("d"), user("e"))) == [
        ("user", ["a", "b"]),
        ("assistant", ["c", "d"]),
        ("user", ["e"]),
    ]


def test_results_come_before_the_users_words() -> None:
    """Edges 1 and 2; anthropics/claude-code#5662."""
    body = rendered(user("a"), ir.Message("assistant", (CALL,)), user("wait"), ir.Message("tool", (RESULT,)), user("b"))
    assert shape(body)[2] == ("user", ["tool_result", "wait", "b"])


def test_calls_come_after_text() -> None:
    """Edge 12. Where no text follows, thoughts and calls keep their order."""
    thought = ir.Reasoning("hm", ir.Opaque("anthropic", "s"))
    body = rendered(user("a"), ir.Message("assistant", (thought, CALL, ir.Text("so"))), ir.Message("tool", (RESULT,)))
    assert shape(body)[1] == ("assistant", ["thinking", "so", "tool_use"])
    body = rendered(user("a"), ir.Message("assistant", (thought, CALL, thought, CALL)), ir.Message("tool", (RESULT,)))
    assert shape(body)[1] == ("assistant", ["thinking", "tool_use", "thinking", "tool_use"])


def test_a_turn_of_nothing_but_dropped_thoughts_vanishes() -> None:
    assert shape(rendered(user("a"), ir.Message("assistant", (ir.Reasoning("hm"),)), user("b"))) == [
        ("user", ["a", "b"])
    ]


def test_a_prefill_is_kept_without_whitespace_at_its_end() -> None:
    """ "final assistant content cannot end with trailing whitespace" """
    assert shape(rendered(user("a"), said("The answer is \n")))[1] == ("assistant", ["The answer is"])


REMINDER = "<system-reminder>\nbe brief\n</system-reminder>"
MID = said("be brief", "system")


@pytest.mark.parametrize(
    "messages, shaped",
    [
        ((user("a"), MID), [("user", ["a"]), ("system", ["be brief"])]),
        (
            (user("a"), MID, MID, said("b"), user("c")),
            [("user", ["a"]), ("system", ["be brief", "be brief"]), ("assistant", ["b"]), ("user", ["c"])],
        ),
        ((user("a"), said("b"), MID, user("c")), [("user", ["a"]), ("assistant", ["b"]), ("user", [REMINDER, "c"])]),
        ((user("a"), MID, user("b")), [("user", ["a", REMINDER, "b"])]),
    ],
)
def test_system_messages_between_turns_where_the_model_takes_them(
    messages: tuple[ir.Message, ...], shaped: list[Any]
) -> None:
    """Opus 4.8 and newer, behind a user's turn and before an assistant's; langchain-ai/langchainjs#11472."""
    assert shape(rendered(*messages, model=NEW)) == shaped


def test_elsewhere_they_are_a_reminder_in_their_place() -> None:
    """anthropics/claude-code#61412: "role 'system' is not supported on this model"."""
    assert shape(rendered(user("a"), MID, said("b"))) == [("user", ["a", REMINDER]), ("assistant", ["b"])]


def test_behind_a_call_the_reminder_does_not_part_call_and_result() -> None:
    """Edge 8 of the original: a system message between parallel results."""
    body = rendered(user("a"), ir.Message("assistant", (CALL,)), MID, ir.Message("tool", (RESULT,)))
    assert shape(body)[2] == ("user", ["tool_result", REMINDER])


def test_what_only_anthropic_puts_there_stays_there() -> None:
    addition = {"type": "tool_addition", "tool": {"type": "tool_reference", "name": "look"}}
    message = {"role": "system", "content": [addition]}
    body = {"model": OLD, "messages": [{"role": "user", "content": "a"}, message]}
    assert anthropic.render_request(anthropic.parse_request(body, ""))["messages"][1] == message
