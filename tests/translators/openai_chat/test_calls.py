from collections.abc import Iterable
from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.openai_chat.calls import Calls


def piece(arguments: str | None = None, id: Any = ..., name: Any = ..., index: Any = 0, **more: Any) -> dict[str, Any]:
    said = {"index": index, "id": id, "function": {"name": name, "arguments": arguments}, **more}
    said["function"] = {key: value for key, value in said["function"].items() if value is not ...}
    return {key: value for key, value in said.items() if value is not ...}


def gathered(pieces: Iterable[Any]) -> list[tuple[str, str, str]]:
    calls = Calls()
    events = [event for piece in pieces for event in calls.feed(piece)]
    events += calls.flush("r")
    response = collect([*events, ir.Finish("tool_calls")])
    return [(part.id, part.name, part.arguments) for part in response.parts if isinstance(part, ir.ToolCall)]


ONE = [("c1", "look", '{"a":1}')]
TWO = [*ONE, ("c2", "look", '{"b":2}')]
DIALECTS: dict[str, tuple[list[Any], list[tuple[str, str, str]]]] = {
    "OpenAI": ([piece("", "c1", "look"), piece('{"a"'), piece(":1}")], ONE),
    "whole in one piece": ([piece('{"a":1}', "c1", "look")], ONE),
    "empty id on continuations (Qwen)": ([piece('{"a"', "c1", "look"), piece(":1}", "", type="function")], ONE),
    "id and name repeated": ([piece('{"a"', "c1", "look"), piece(":1}", "c1", "look")], ONE),
    "a new id on each piece": ([piece('{"a"', "c1", "look"), piece(":1}", "c9")], ONE),
    "id late": ([piece('{"a"', None, "look"), piece(":1}", "c1")], ONE),
    "name late": ([piece("", "c1", None), piece('{"a"', ..., ""), piece(":1}", ..., "look")], ONE),
    "null arguments": ([piece(None, "c1", "look"), piece('{"a":1}'), piece(None)], ONE),
    "arguments before both": ([piece('{"a"'), piece(":1}", "c1", "look")], ONE),
    "no index (Mistral)": (
        [piece('{"a":1}', "c1", "look", ...), piece('{"b":2}', "c2", "look", ...)],
        TWO,
    ),
    "no index, in pieces": ([piece('{"a"', "c1", "look", ...), piece(":1}", ..., ..., ...)], ONE),
    "no index, id repeated": ([piece('{"a"', "c1", "look", ...), piece(":1}", "c1", ..., None)], ONE),
    "parallel calls all with index 0": ([piece('{"a":1}', "c1", "look"), piece('{"b":2}', "c2", "look")], TWO),
    "index 0, own ids, in pieces": (
        [piece('{"a"', "c1", "look"), piece(":1}"), piece("", "c2", "look"), piece('{"b":2}')],
        TWO,
    ),
    "interleaved": (
        [
            piece("", "c1", "look"),
            piece("", "c2", "look", 1),
            piece('{"b"', index=1),
            piece('{"a":1}'),
            piece(":2}", index=1),
        ],
        TWO,
    ),
    "index from 1 (OmniRoute#686)": (
        [piece('{"a":1}', "c1", "look", 1), piece('{"b":2}', "c2", "look", 3)],
        TWO,
    ),
    "no id ever (Google)": (
        [piece('{"a":1}', "", "look"), piece('{"b":2}', "", "look")],
        [("call_r0", "look", '{"a":1}'), ("call_r1", "look", '{"b":2}')],
    ),
    "no id, no index (Google)": (
        [piece('{"a":1}', "", "look", ...), piece('{"b":2}', "", "look", ...)],
        [("call_r0", "look", '{"a":1}'), ("call_r1", "look", '{"b":2}')],
    ),
    "no name ever": ([piece('{"a":1}', "c1")], [("c1", "tool_0", '{"a":1}')]),
    "arguments as an object": ([{"id": "c1", "function": {"name": "look", "arguments": {"a": 1}}}], ONE),
    "custom": ([{"id": "c1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}], [("c1", "sh", "ls")]),
    "a custom one stands empty beside the function (Snowflake)": (
        [piece('{"a":1}', "c1", "look", type="function", custom={"name": "", "input": ""})],
        ONE,
    ),
    "nothing in it": ([{}, None, "odd", {"index": 3}], []),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_dialect(name: str) -> None:
    """pains.md edge case 4; BerriAI/litellm#25836, decolua/9router#2248, router-for-me/CLIProxyAPI#5851."""
    pieces, expected = DIALECTS[name]
    assert gathered(pieces) == expected


def test_arguments_stream_as_they_come() -> None:
    """pains.md 1: lost or held back arguments."""
    calls = Calls()
    assert list(calls.feed(piece("", "c1", "look"))) == [ir.ToolCallStart(0, "c1", "look")]
    assert list(calls.feed(piece('{"a"'))) == [ir.ToolCallDelta(0, '{"a"')]
    assert list(calls.flush("")) == []


def test_kind_and_seal() -> None:
    calls = Calls()
    said = {"id": "c1", "custom": {"name": "sh", "input": ""}, "extra_content": {"google": {"thought_signature": "s"}}}
    assert list(calls.feed(said)) == [ir.ToolCallStart(0, "c1", "sh", "custom", opaque=ir.Opaque("openai_chat", "s"))]
    assert list(calls.feed({"custom": {"input": "ls"}})) == [ir.ToolCallDelta(0, "ls")]
