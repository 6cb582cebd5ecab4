"""Parts of an answer as events."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.part_events import PartEvents
from cliproxy.translators.gemini.seals import seal

SEAL, FOREIGN = ir.Opaque("gemini", "c2VhbA=="), ir.Opaque("anthropic", "s", "i")
SIGNED = {"thoughtSignature": SEAL.data}


def events(*parts: Any, candidate: Any = None, id: str = "r1") -> list[ir.Event]:
    reader = PartEvents()
    reader.id = id
    found = [event for part in parts for event in reader.read(part, ())]
    return [*found, *reader.end(candidate or {})]


@pytest.mark.parametrize(
    "parts, want",
    [
        ([{"text": "a"}, {"text": ""}, {"text": "b"}], [ir.TextDelta("a"), ir.TextDelta("b")]),
        ([{"text": "h", "thought": True}, {"text": "m", "thought": True}, {"text": "a"}],
         [ir.ReasoningDelta("h", True), ir.ReasoningDelta("m", True), ir.ReasoningEnd(), ir.TextDelta("a")]),
        ([{"text": "h", "thought": True, **SIGNED}, {"text": "a"}],
         [ir.ReasoningDelta("h", True), ir.ReasoningEnd(SEAL), ir.TextDelta("a")]),
        ([{"text": "h", "thought": True}, {"text": "", "thought": True, **SIGNED}],
         [ir.ReasoningDelta("h", True), ir.ReasoningEnd(SEAL)]),
        ([{"text": "a", **SIGNED}, {"text": "b"}], [ir.TextDelta("a"), ir.ReasoningEnd(SEAL), ir.TextDelta("b")]),
        ([{"text": "h", "thought": True}, {"text": "", **SIGNED}],
         [ir.ReasoningDelta("h", True), ir.ReasoningEnd(), ir.ReasoningEnd(SEAL)]),
        ([SIGNED], [ir.ReasoningEnd(SEAL)]),
        ([{"text": "", "thoughtSignature": seal(FOREIGN)}], [ir.ReasoningEnd(FOREIGN)]),
        ([{}, {"text": None}, {"text": "", "thought": True}], []),
    ],
)  # fmt: skip
def test_texts_thoughts_and_seals(parts: Any, want: list[ir.Event]) -> None:
    """Edge 10: a seal once, behind its thought, and no empty thought for it."""
    assert events(*parts) == want


def test_a_call_arrives_whole() -> None:
    part = {"functionCall": {"name": "f", "args": {"a_b": 1}}, **SIGNED}
    assert events({"text": "so", "thought": True}, part) == [
        ir.ReasoningDelta("so", True), ir.ReasoningEnd(),
        ir.ToolCallStart(0, "call_r1_0", "f", opaque=SEAL), ir.ToolCallDelta(0, '{"a_b":1}'), ir.ToolCallEnd(0),
    ]  # fmt: skip


@pytest.mark.parametrize("call", [{"name": "f"}, {"name": "f", "args": None}, {"name": "f", "args": {}}])
def test_a_call_without_arguments(call: Any) -> None:
    assert events({"functionCall": call})[1] == ir.ToolCallDelta(0, "{}")


def test_ids() -> None:
    """Edge 4, 13: theirs where there is one, else made of the answer's id; a nameless call is `tool_i`."""
    calls = [{"name": "f", "id": "x"}, {"name": "f", "id": ""}, {"args": {}}]
    found = events(*({"functionCall": call} for call in calls))
    starts = [event for event in found if isinstance(event, ir.ToolCallStart)]
    assert [(s.index, s.id, s.name) for s in starts] == [
        (0, "x", "f"),
        (1, "call_r1_1", "f"),
        (2, "call_r1_2", "tool_2"),
    ]
    (without, *_) = events({"functionCall": {"name": "f"}}, id="")
    assert isinstance(without, ir.ToolCallStart) and without.id.startswith("call_") and len(without.id) == 15


def test_arguments_in_pieces() -> None:
    """Pain 1: each piece without a name belongs to the call before; ``{}`` ends it."""
    piece = {"jsonPath": "$.a", "stringValue": "x", "willContinue": True}
    assert events(
        {"functionCall": {"name": "f", "willContinue": True}, **SIGNED},
        {"functionCall": {"partialArgs": [piece], "willContinue": True}},
        {"functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "y"}], "willContinue": True}},
        {"functionCall": {}},
        {"functionCall": {}},
        {"functionCall": {"name": "g", "willContinue": True}},
        {"functionCall": {"name": "h", "args": {"b": 1}}},
    ) == [
        ir.ToolCallStart(0, "call_r1_0", "f", opaque=SEAL), ir.ToolCallDelta(0, '{"a":"xy"}'), ir.ToolCallEnd(0),
        ir.ToolCallStart(1, "call_r1_1", "g"), ir.ToolCallDelta(1, "{}"), ir.ToolCallEnd(1),
        ir.ToolCallStart(2, "call_r1_2", "h"), ir.ToolCallDelta(2, '{"b":1}'), ir.ToolCallEnd(2),
    ]  # fmt: skip


def test_blocks() -> None:
    wires = [
        {"inlineData": {"mimeType": "image/png", "data": "ab-_"}, **SIGNED},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"toolCall": {"id": "x"}},
        {"inlineData": {"mimeType": 7}},
    ]
    assert [event.part for event in events(*wires) if isinstance(event, ir.Block)] == [
        ir.Media("image", "image/png", data="ab+/", extra=ir.Extra("gemini", SIGNED)),
        ir.BuiltinCall("code_0_0", "code_execution", '{"code":"1"}'),
        ir.BuiltinResult("code_0_0", "code_execution", text="1"),
        ir.Foreign("gemini", "toolCall", {"toolCall": {"id": "x"}}),
        ir.Foreign("gemini", "inlineData", {"inlineData": {"mimeType": 7}}),
    ]


def test_sources_go_to_the_text_and_before_its_seal() -> None:
    support = {"segment": {"endIndex": 2, "text": "ab"}, "groundingChunkIndices": [0]}
    metadata = {"groundingChunks": [{"web": {"uri": "https://a.test"}}], "groundingSupports": [support]}
    found = events({"text": "a"}, {"text": "b", **SIGNED}, candidate={"groundingMetadata": metadata})
    assert found[2:] == [ir.Cite(ir.Citation("https://a.test", start=0, end=2)), ir.ReasoningEnd(SEAL)]
