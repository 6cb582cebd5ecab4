"""Parts that requests and answers share."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.render_parts import (
    render_call,
    render_code,
    render_code_result,
    render_media,
    render_text,
)


def test_texts() -> None:
    assert render_text("a") == {"text": "a"}
    assert render_text("a", "s", True) == {"text": "a", "thought": True, "thoughtSignature": "s"}


@pytest.mark.parametrize(
    "media, part",
    [
        (ir.Media("image", "image/png", data="AA=="), {"inlineData": {"mimeType": "image/png", "data": "AA=="}}),
        (ir.Media("document", text="ü"), {"inlineData": {"mimeType": "text/plain", "data": "w7w="}}),
        (ir.Media("image", url="https://x.test/a.webp"), {"fileData": {"mimeType": "image/webp", "fileUri": "https://x.test/a.webp"}}),
        (ir.Media("image", url="https://x.test/a"), {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://x.test/a"}}),
        (ir.Media("document", file_id="files/a"), {"fileData": {"mimeType": "application/pdf", "fileUri": "files/a"}}),
        (ir.Media("video", "video/mp4", data="AA==", extra=ir.Extra("gemini", {"videoMetadata": {"fps": 1}})),
         {"inlineData": {"mimeType": "video/mp4", "data": "AA=="}, "videoMetadata": {"fps": 1}}),
        (ir.Media("image", "image/png", data="AA==", extra=ir.Extra("another", {"x": 1})),
         {"inlineData": {"mimeType": "image/png", "data": "AA=="}}),
    ],
)  # fmt: skip
def test_files(media: ir.Media, part: Any) -> None:
    assert render_media(media) == part


@pytest.mark.parametrize(
    "arguments, kind, args",
    [
        ('{"a":1}', "function", {"a": 1}),
        ("", "function", {}),
        ('{"a":', "function", {"_raw_arguments": '{"a":'}),
        ("[1]", "function", {"_raw_arguments": "[1]"}),
        ("*** patch", "custom", {"input": "*** patch"}),
    ],
)
def test_arguments(arguments: str, kind: ir.ToolKind, args: Any) -> None:
    """Edge 16: arguments that are empty, cut or no object."""
    assert render_call("f", arguments, kind, "x", "") == {"functionCall": {"id": "x", "name": "f", "args": args}}


def test_code() -> None:
    assert render_code(ir.BuiltinCall("x", "code_execution", '{"command":"ls"}')) == {
        "executableCode": {"code": "ls", "language": "PYTHON"}
    }
    assert render_code(ir.BuiltinCall("x", "code_execution", "no json"))["executableCode"]["code"] == "no json"


@pytest.mark.parametrize(
    "text, error, outcome, output",
    [("1", "", "OUTCOME_OK", "1"), ("1", "OUTCOME_DEADLINE_EXCEEDED", "OUTCOME_DEADLINE_EXCEEDED", "1"),
     ("", "unavailable", "OUTCOME_FAILED", "unavailable"), ("", "OUTCOME_FAILED", "OUTCOME_FAILED", "")],
)  # fmt: skip
def test_code_results(text: str, error: str, outcome: str, output: str) -> None:
    result = ir.BuiltinResult("x", "code_execution", text=text, error=error)
    assert render_code_result(result) == {"codeExecutionResult": {"outcome": outcome, "output": output}}
