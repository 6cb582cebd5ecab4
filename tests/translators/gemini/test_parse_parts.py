"""Parts of a request, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.parse_parts import CallIds, kind_of, parse_part, type_of_name
from cliproxy.translators.gemini.reading import fields
from cliproxy.translators.gemini.seals import BYPASS, seal

OWN, FOREIGN = ir.Opaque("gemini", "c2VhbA=="), ir.Opaque("anthropic", "s", "i")


def rest(**fields: Any) -> ir.Extra:
    return ir.Extra("gemini", fields)


def parts(wire: Any) -> list[ir.Part]:
    return list(parse_part(fields(wire, "p"), CallIds()))


@pytest.mark.parametrize(
    "wire, want",
    [
        ({"text": "a"}, [ir.Text("a")]),
        ({"text": "a", "thought": False, "thoughtSignature": None}, [ir.Text("a")]),
        ({"text": "a", "videoMetadata": {"fps": 1}}, [ir.Text("a", extra=rest(videoMetadata={"fps": 1}))]),
        ({"text": "a", "thought": True}, [ir.Reasoning("a", summary=True)]),
        ({"text": "a", "thought": True, "thoughtSignature": OWN.data}, [ir.Reasoning("a", OWN, True)]),
        ({"text": "a", "thoughtSignature": OWN.data}, [ir.Text("a", extra=rest(thoughtSignature=OWN.data))]),
        ({"text": "", "thought_signature": OWN.data}, [ir.Reasoning("", OWN)]),
        ({"text": "", "thoughtSignature": seal(FOREIGN)}, [ir.Reasoning("", FOREIGN)]),
        ({"text": "a", "thoughtSignature": seal(FOREIGN)}, [ir.Text("a"), ir.Reasoning("", FOREIGN)]),
        ({"thought": True, "thoughtSignature": OWN.data}, [ir.Reasoning("", OWN, True)]),
        ({"thoughtSignature": BYPASS}, []),
        ({}, []),
        ({"thought": True}, []),
        ({"toolCall": {"id": "x"}, "thoughtSignature": "s"},
         [ir.Foreign("gemini", "toolCall", {"toolCall": {"id": "x"}, "thoughtSignature": "s"})]),
    ],
)  # fmt: skip
def test_texts_thoughts_and_seals(wire: Any, want: list[ir.Part]) -> None:
    assert parts(wire) == want


@pytest.mark.parametrize(
    "wire, want",
    [
        ({"functionCall": {"name": "f", "args": {"a": 1}}}, [ir.ToolCall("call_0_0", "f", '{"a":1}')]),
        ({"function_call": {"id": "x", "name": "f"}}, [ir.ToolCall("x", "f", "{}")]),
        ({"functionCall": {"name": "f", "args": {"a_b": {"c_d": 1}}}},
         [ir.ToolCall("call_0_0", "f", '{"a_b":{"c_d":1}}')]),
        ({"functionCall": {"name": "f"}, "thoughtSignature": OWN.data},
         [ir.ToolCall("call_0_0", "f", "{}", opaque=OWN)]),
        ({"functionCall": {"name": "f"}, "thoughtSignature": BYPASS}, [ir.ToolCall("call_0_0", "f", "{}")]),
        ({"functionCall": {"name": "f"}, "thoughtSignature": seal(FOREIGN)},
         [ir.Reasoning("", FOREIGN), ir.ToolCall("call_0_0", "f", "{}")]),
        ({"functionCall": {"name": "f", "willContinue": True}, "thought": True},
         [ir.ToolCall("call_0_0", "f", "{}", extra=rest(thought=True, functionCall={"willContinue": True}))]),
    ],
)  # fmt: skip
def test_calls(wire: Any, want: list[ir.Part]) -> None:
    assert parts(wire) == want


@pytest.mark.parametrize(
    "response, texts, is_error",
    [
        ({"output": "x"}, ["x"], False),
        ({"output": ""}, [""], False),
        ({"output": {"a": 1}}, ['{"output":{"a":1}}'], False),
        ({"error": "no"}, ["no"], True),
        ({"error": {"code": 1}}, ['{"code":1}'], True),
        ({"error": None}, ['{"error":null}'], False),
        ({"result": 3, "error": "x"}, ['{"result":3,"error":"x"}'], False),
        ({}, [], False),
        (None, [], False),
    ],
)
def test_results(response: Any, texts: list[str], is_error: bool) -> None:
    (result,) = parts({"functionResponse": {"id": "x", "name": "f", "response": response}})
    assert result == ir.ToolResult("x", tuple(map(ir.Text, texts)), is_error, "f")


def test_files_in_results() -> None:
    """Edge 18: images in tool results."""
    inner = [{"inline_data": {"mime_type": "image/png", "data": "ab-_"}}, {"fileData": {"fileUri": "gs://b/o.pdf"}}]
    (result,) = parts(
        {"function_response": {"name": "f", "response": {"output": "see"}, "parts": inner, "scheduling": "S"}}
    )
    media = (ir.Media("image", "image/png", data="ab+/"), ir.Media("document", file_id="gs://b/o.pdf"))
    extra = rest(functionResponse={"scheduling": "S"})
    assert result == ir.ToolResult("call_0_0", (ir.Text("see"), *media), name="f", extra=extra)


@pytest.mark.parametrize(
    "wire, want",
    [
        ({"inlineData": {"mimeType": "image/png", "data": "ab-_"}}, ir.Media("image", "image/png", data="ab+/")),
        ({"inlineData": {"mimeType": "audio/wav", "data": "YQ"}}, ir.Media("audio", "audio/wav", data="YQ==")),
        ({"inlineData": {"mimeType": "application/pdf", "data": "YQ==", "displayName": "a"}},
         ir.Media("document", "application/pdf", data="YQ==", name="a", extra=rest(inlineData={"displayName": "a"}))),
        ({"inlineData": {"mimeType": "text/plain", "data": "w7w="}}, ir.Media("document", "text/plain", text="ü")),
        ({"inlineData": {"mimeType": "text/plain", "data": "/w=="}}, ir.Media("document", "text/plain", data="/w==")),
        ({"fileData": {"fileUri": "https://x.test/a.png?b"}}, ir.Media("image", url="https://x.test/a.png?b")),
        ({"fileData": {"fileUri": "https://youtu.be/x"}, "videoMetadata": {"fps": 1}},
         ir.Media("video", url="https://youtu.be/x", extra=rest(videoMetadata={"fps": 1}))),
        ({"file_data": {"file_uri": "files/a", "mime_type": "video/mp4"}},
         ir.Media("video", "video/mp4", file_id="files/a")),
        ({"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a", "mimeType": "audio/mp3"}},
         ir.Media("audio", "audio/mp3", file_id="https://generativelanguage.googleapis.com/v1beta/files/a")),
    ],
)  # fmt: skip
def test_files(wire: Any, want: ir.Media) -> None:
    """Edge 18: data by MIME type, by URL, and what only Google can read."""
    assert parts(wire) == [want]


def test_code_that_ran_at_google() -> None:
    ids = CallIds()
    wires = [
        {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "s"},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"executableCode": {"language": "RUST", "code": "2", "id": "x"}},
        {"code_execution_result": {"outcome": 2, "output": "no"}},
    ]
    assert [part for wire in wires for part in parse_part(fields(wire), ids)] == [
        ir.BuiltinCall("code_0_0", "code_execution", '{"code":"1"}', rest(thoughtSignature="s")),
        ir.BuiltinResult("code_0_0", "code_execution", text="1"),
        ir.BuiltinCall("x", "code_execution", '{"code":"2"}', rest(executableCode={"language": "RUST"})),
        ir.BuiltinResult("x", "code_execution", text="no", error="2"),
    ]


@pytest.mark.parametrize(
    "wire, path",
    [
        ({"text": 7}, "p.text"),
        ({"functionCall": {"args": {}}}, "p.functionCall.name"),
        ({"functionCall": {"name": "f", "args": "x"}}, "p.functionCall.args"),
        ({"functionResponse": {"name": "f", "response": []}}, "p.functionResponse.response"),
        ({"functionResponse": {"name": "f", "parts": [{}]}}, "p.functionResponse.parts[0].inlineData"),
        ({"inlineData": []}, "p.inlineData"),
        ({"inlineData": {"mimeType": "image/png"}}, "p.inlineData.data"),
        ({"fileData": {}}, "p.fileData.fileUri"),
    ],
)
def test_what_is_wrong_is_named(wire: Any, path: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        parts(wire)
    assert raised.value.param == path


class TestCallIds:
    """Edge 13: results find their calls."""

    def test_first_in_first_out_for_each_name(self) -> None:
        ids = CallIds()
        ids.turn(1)
        calls = [ids.call("f", ""), ids.call("g", ""), ids.call("f", "")]
        assert calls == ["call_1_0", "call_1_1", "call_1_2"]
        assert [ids.result("f", ""), ids.result("f", ""), ids.result("g", "")] == ["call_1_0", "call_1_2", "call_1_1"]

    def test_explicit_ids_count(self) -> None:
        ids = CallIds()
        assert [ids.call("f", "a"), ids.call("f", "b"), ids.call("f", "c")] == ["a", "b", "c"]
        assert [ids.result("f", "b"), ids.result("f", ""), ids.result("f", "")] == ["b", "a", "c"]

    def test_an_orphan_gets_an_id_of_its_own(self) -> None:
        ids = CallIds()
        ids.turn(3)
        assert [ids.result("f", ""), ids.result("f", "x")] == ["call_3_0", "x"]


@pytest.mark.parametrize(
    "type_, kind", [("IMAGE/png", "image"), ("audio/x", "audio"), ("video/x", "video"), ("", "document")]
)
def test_kinds(type_: str, kind: str) -> None:
    assert kind_of(type_) == kind


def test_types_of_names() -> None:
    assert (
        type_of_name("https://x.test/a.b.PDF?x=.png#y") == "application/pdf" and type_of_name("https://x.test/a") == ""
    )
