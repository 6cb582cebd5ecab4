"""`cliproxy flows tree`."""

from __future__ import annotations

from pathlib import Path

from kept_flows import folder, run, said, told
from recorded_exchanges import refused, translated
from wires import chat

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}


def test_a_fork_stands_further_in(tmp_path: Path) -> None:
    ways = [[USER, ANSWER, {"role": "user", "content": text}] for text in ("one way", "another way")]
    first = said("aa", [USER], 0, chat({"content": None, "tool_calls": [CALL]}, "tool_calls"))
    where = folder(tmp_path, first, said("bb", ways[0], 1), said("cc", ways[1], 2))
    lines = run("flows", "tree", where).output.splitlines()
    assert lines[:4] == [
        "gpt-test",
        "  aa  Hi → calls get_weather",
        "    cc  fork: another way → Hello there",
        "  bb  one way → Hello there",
    ]


def test_for_programs(tmp_path: Path) -> None:
    where = folder(tmp_path, said("aa", [USER]), said("bb", [USER, ANSWER, USER], 1))
    assert [(one["id"], one["kind"], one["parent"]) for one in told("flows", "tree", where)] == [
        ("aa", "start", None),
        ("bb", "turn", "aa"),
    ]


def test_what_is_no_conversation_is_told_too(tmp_path: Path) -> None:
    shown = run("flows", "tree", folder(tmp_path, refused(), translated())).output
    assert "error: no" in shown and "result of a tool → " in shown
