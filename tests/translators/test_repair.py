"""Calls and results in the order that every provider accepts (pains.md: 4; edge cases 1 to 3 and 13)."""

from __future__ import annotations

from cliproxy.translators import ir
from cliproxy.translators.repair import MISSING, repaired

ASK = ir.Message("user", (ir.Text("look"),))


def call(id: str, name: str = "look") -> ir.ToolCall:
    return ir.ToolCall(id, name, "{}")


def result(id: str, text: str = "ok", name: str = "look") -> ir.ToolResult:
    return ir.ToolResult(id, (ir.Text(text),), name=name)


def calls(*parts: ir.Part) -> ir.Message:
    return ir.Message("assistant", parts)


def results(*parts: ir.Part) -> ir.Message:
    return ir.Message("tool", parts)


def test_a_conversation_in_order_stays() -> None:
    messages = (ASK, calls(call("a"), call("b")), results(result("a"), result("b")), calls(ir.Text("done")))
    assert repaired(messages) == messages


def test_reversed_results_follow_the_order_of_the_calls() -> None:
    messages = (ASK, calls(call("a"), call("b")), results(result("b")), results(result("a")))
    assert repaired(messages) == (ASK, calls(call("a"), call("b")), results(result("a"), result("b")))


def test_a_result_behind_another_message_is_moved_up_to_its_call() -> None:
    messages = (ASK, calls(call("a")), ASK, results(result("a")))
    assert repaired(messages) == (ASK, calls(call("a")), results(result("a")), ASK)


def test_a_missing_result_is_made_up_and_the_last_of_several_counts() -> None:
    messages = (calls(call("a"), call("b")), results(result("a", "old"), result("a", "new")), ASK)
    assert repaired(messages)[1] == results(result("a", "new"), result("b", MISSING))


def test_a_result_without_a_call_becomes_the_users_text() -> None:
    assert repaired((ASK, results(result("x", "who asked?")))) == (ASK, ir.Message("user", (ir.Text("who asked?"),)))


def test_the_last_turns_calls_may_be_open() -> None:
    messages = (ASK, calls(call("a")))
    assert repaired(messages) == messages


def test_neighbouring_assistant_messages_are_one_turn() -> None:
    messages = (ASK, calls(ir.Text("so")), calls(call("a")), calls(call("b")), results(result("a"), result("b")))
    assert repaired(messages)[1] == calls(ir.Text("so"), call("a"), call("b"))


def test_a_reused_id_belongs_to_the_call_before_it() -> None:
    messages = (calls(call("a")), results(result("a", "1")), calls(call("a")), results(result("a", "2")))
    assert repaired(messages) == (
        calls(call("a")), results(result("a", "1")), calls(call("a_2")), results(result("a_2", "2")),
    )  # fmt: skip


def test_ids_are_made_legal_on_both_sides_and_names_filled_in() -> None:
    fixed = repaired((calls(call("functions.look:0")), results(result("functions.look:0", name=""))))
    made, answered = fixed[0].parts[0], fixed[1].parts[0]
    assert isinstance(made, ir.ToolCall) and isinstance(answered, ir.ToolResult)
    assert made.id == answered.call_id != "functions.look:0"
    assert answered.name == "look"
