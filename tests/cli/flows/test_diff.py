"""`cliproxy flows diff`."""

from __future__ import annotations

from pathlib import Path

from kept_flows import folder, run, said, told
from wires import chat

TURN = [{"role": "user", "content": "Hi on 2026-01-01"}]


def test_what_differs_is_told_by_part(tmp_path: Path) -> None:
    other = said("bb22", [{"role": "user", "content": "Ho"}], 1, chat({"content": "Other"}))
    found = told("flows", "diff", "aa11", "bb22", "--from", folder(tmp_path, said("aa11", TURN), other), code=1)
    assert found["asked"] == ['messages[0].content: "Hi on <date>" in the first, "Ho" in the second']
    assert found["sent"] == found["asked"] and found["outcome"] == []
    assert found["answered"][0].startswith("parts[0].text: ")


def test_what_varies_from_run_to_run_is_no_difference_unless_asked_for(tmp_path: Path) -> None:
    where = folder(tmp_path, said("aa11", TURN), said("bb22", [{"role": "user", "content": "Hi on 2027-07-07"}], 1))
    same = run("flows", "diff", "aa11", "bb22", "--from", where)
    assert (same.exit_code, same.output) == (0, "No difference.\n")
    assert told("flows", "diff", "aa11", "bb22", "--from", where, "--all", code=1)["asked"]


def test_a_tool_that_was_called_with_something_else(tmp_path: Path) -> None:
    def call(arguments: str) -> object:
        made = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}
        return chat({"content": None, "tool_calls": [made]}, "tool_calls")

    where = folder(tmp_path, said("aa11", TURN, 0, call('{"a":1}')), said("bb22", TURN, 1, call('{"a":2}')))
    shown = run("flows", "diff", "aa11", "bb22", "--from", where)
    assert shown.exit_code == 1 and "answered:\n  parts[0].arguments:" in shown.output
