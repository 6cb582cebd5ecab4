from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat.parse_parts import parse_content
from cliproxy.translators.openai_chat.render_parts import merged, render_content, render_part
from cliproxy.translators.wire import Fields

PARTS: list[ir.Part] = [
    ir.Text("hi", cache=ir.Cache("1h")),
    ir.Text("hi", extra=ir.Extra("openai_chat", {"prompt_cache_breakpoint": {"mode": "explicit"}})),
    ir.Media("image", "image/png", data="iV", detail="low", cache=ir.Cache()),
    ir.Media("image", url="https://a.example", extra=ir.Extra("openai_chat", {"image_url": {"min_pixels": 3}})),
    ir.Media("video", "video/mp4", data="AA"),
    ir.Media("audio", "audio/mpeg", data="AA"),
    ir.Media("audio", "audio/flac", data="AA"),
    ir.Media("document", "application/pdf", data="JV", name="a.pdf"),
    ir.Media("document", file_id="file-1"),
    ir.Foreign("openai_chat", "odd", {"type": "odd", "x": 1}),
]


@pytest.mark.parametrize("part", PARTS)
def test_there_and_back(part: ir.Part) -> None:
    assert parse_content(Fields({"content": [render_part(part)]})) == (part,)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), ""),
        ((ir.Text("hi"),), "hi"),
        ((ir.Text("a"), ir.Text("b")), [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        ((ir.Reasoning("hm"), ir.Text("hi"), ir.Foreign("gemini", "x", {})), "hi"),
        ((ir.Media("document", text="words", name="notes.txt"),), "notes.txt\n\nwords"),
        ((ir.Media("document", text="words"),), "words"),
    ],
)
def test_content(parts: tuple[ir.Part, ...], expected: Any) -> None:
    assert render_content(parts) == expected


def test_extras_of_others_stay_out() -> None:
    assert merged({"a": 1}, ir.Extra("anthropic", {"b": 2})) == {"a": 1}
    assert merged({"a": {"x": 1}}, ir.Extra("openai_chat", {"a": {"y": 2}, "b": 3})) == {"a": {"x": 1, "y": 2}, "b": 3}
