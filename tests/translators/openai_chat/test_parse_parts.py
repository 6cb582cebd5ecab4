from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat.parse_parts import parse_content
from cliproxy.translators.wire import Fields

PDF = "data:application/pdf;base64,JVBE"
CASES: dict[str, tuple[Any, ir.Part]] = {
    "text": ({"type": "text", "text": "hi"}, ir.Text("hi")),
    "text with a breakpoint": (
        {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ir.Text("hi", cache=ir.Cache("1h")),
    ),
    "a breakpoint of another kind stays": (
        {"type": "text", "text": "hi", "prompt_cache_breakpoint": {"mode": "explicit"}},
        ir.Text("hi", extra=ir.Extra("openai_chat", {"prompt_cache_breakpoint": {"mode": "explicit"}})),
    ),
    "refusal": ({"type": "refusal", "refusal": "no"}, ir.Refusal("no")),
    "image in base64": (
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO", "detail": "low"}},
        ir.Media("image", "image/png", data="iVBO", detail="low"),
    ),
    "image by URL": (
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        ir.Media("image", url="https://a.example/b.png"),
    ),
    "image, Mistral": (
        {"type": "image_url", "image_url": "https://a.example/b.png"},
        ir.Media("image", url="https://a.example/b.png"),
    ),
    "a data URL that is not base64 stays a URL": (
        {"type": "image_url", "image_url": {"url": "data:image/svg+xml,%3Csvg"}},
        ir.Media("image", url="data:image/svg+xml,%3Csvg"),
    ),
    "unknown fields inside": (
        {"type": "image_url", "image_url": {"url": "https://a.example/b", "min_pixels": 3}},
        ir.Media("image", url="https://a.example/b", extra=ir.Extra("openai_chat", {"image_url": {"min_pixels": 3}})),
    ),
    "film": (
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
        ir.Media("video", "video/mp4", data="AAAA"),
    ),
    "sound": (
        {"type": "input_audio", "input_audio": {"data": "UklG", "format": "mp3"}},
        ir.Media("audio", "audio/mpeg", data="UklG"),
    ),
    "sound, Mistral": (
        {"type": "input_audio", "input_audio": "//NkxA"},
        ir.Media("audio", "audio/mpeg", data="//NkxA"),
    ),
    "file": (
        {"type": "file", "file": {"file_data": PDF, "filename": "a.pdf"}},
        ir.Media("document", "application/pdf", data="JVBE", name="a.pdf"),
    ),
    "file by id": ({"type": "file", "file": {"file_id": "file-1"}}, ir.Media("document", file_id="file-1")),
    "document, Mistral": (
        {"type": "document_url", "document_url": PDF, "document_name": "a.pdf"},
        ir.Media("document", "application/pdf", data="JVBE", name="a.pdf"),
    ),
    "thinking, Mistral": (
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "closed": True},
        ir.Reasoning("hm"),
    ),
    "unknown": ({"type": "hologram", "x": 1}, ir.Foreign("openai_chat", "hologram", {"type": "hologram", "x": 1})),
    "no type": ({"role": "user"}, ir.Foreign("openai_chat", "", {"role": "user"})),
    "a string in the list": ("hi", ir.Text("hi")),
}


def content(value: Any) -> tuple[ir.Part, ...]:
    return parse_content(Fields({"content": value}, "messages[0]"))


@pytest.mark.parametrize("name", CASES)
def test_part(name: str) -> None:
    said, expected = CASES[name]
    assert content([said]) == (expected,)


@pytest.mark.parametrize(("value", "expected"), [(None, ()), ("", ()), ([], ()), ("hi", (ir.Text("hi"),))])
def test_content(value: Any, expected: tuple[ir.Part, ...]) -> None:
    assert content(value) == expected


@pytest.mark.parametrize(
    ("value", "param"),
    [
        (5, "messages[0].content"),
        ([5], "messages[0].content[0]"),
        ([{"type": "text"}], "messages[0].content[0].text"),
        ([{"type": "image_url"}], "messages[0].content[0].image_url"),
        ([{"type": "image_url", "image_url": {"url": 3}}], "messages[0].content[0].image_url.url"),
        ([{"type": "input_audio"}], "messages[0].content[0].input_audio"),
        ([{"type": "file"}], "messages[0].content[0].file"),
        ([{"type": 3}], "messages[0].content[0].type"),
    ],
)
def test_the_fault_is_named(value: Any, param: str) -> None:
    with pytest.raises(ir.BadRequest) as raised:
        content(value)
    assert raised.value.param == param
