"""Tool names and freeform tools come back as the client knows them (pains.md: 10; edge cases 14 and 23)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.restore import Restorer, Unwrapper

STOP = ir.Finish("tool_calls")


def restored(restorer: Restorer, *events: ir.Event) -> tuple[ir.Part, ...]:
    return collect(back for event in (*events, STOP) for back in restorer.feed(event)).parts


def test_names_come_back() -> None:
    parts = restored(Restorer({"a_b_1": "a.b"}), ir.ToolCallStart(0, "c", "a_b_1"), ir.ToolCallDelta(0, "{}"))
    assert parts == (ir.ToolCall("c", "a.b", "{}"),)


@given(st.text(), st.lists(st.integers(1, 9)), st.booleans())
def test_a_freeform_input_comes_back_however_it_is_cut_and_escaped(text: str, cuts: list[int], ascii: bool) -> None:
    arguments = json.dumps({"input": text}, ensure_ascii=ascii)
    pieces, rest = [], arguments
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    deltas = [ir.ToolCallDelta(0, piece) for piece in (*pieces, rest) if piece]
    restorer = Restorer(custom=frozenset({"patch"}))
    assert restored(restorer, ir.ToolCallStart(0, "c", "patch"), *deltas, ir.ToolCallEnd(0)) == (
        ir.ToolCall("c", "patch", text, kind="custom"),
    )


def test_it_streams() -> None:
    unwrapper = Unwrapper()
    assert [unwrapper.feed(p) for p in ('{"in', 'put": "ab', "c\\", "nd", '"}')] == ["", "ab", "c", "\nd", ""]
    assert unwrapper.close() == ""


@pytest.mark.parametrize(
    "arguments, text",
    [
        ('{"patch": "x"}', '{"patch": "x"}'),
        ("*** Begin Patch", "*** Begin Patch"),
        ('{"other": 1, "input": "x"}', "x"),
        ("", ""),
        ('{"input": ""}', ""),
    ],
)
def test_what_is_spelled_otherwise_is_not_lost(arguments: str, text: str) -> None:
    unwrapper = Unwrapper()
    assert unwrapper.feed(arguments) + unwrapper.close() == text


def test_a_joined_name_is_parted_again() -> None:
    restorer = Restorer({"f_1": "files__open"}, frozenset({"files__open"}), {"files__open": ("files", "open")})
    (start,) = restorer.feed(ir.ToolCallStart(0, "c", "f_1"))
    assert start == ir.ToolCallStart(0, "c", "open", "custom", "files")


def test_a_custom_call_that_was_cut_is_not_told_as_ended() -> None:
    """Anthropic stops a block also where its text was cut: a client such as Codex would run half a patch."""
    for text, ended in (('{"input":"half', False), ('{"input":"whole"}', True)):
        restorer = Restorer(custom=frozenset({"patch"}))
        events = [ir.ToolCallStart(0, "c", "patch"), ir.ToolCallDelta(0, text), ir.ToolCallEnd(0)]
        told = [one for event in events for one in restorer.feed(event)]
        assert (ir.ToolCallEnd(0) in told) == ended
