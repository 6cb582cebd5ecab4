from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat.answer_parts import (
    Sound,
    parse_annotations,
    parse_content,
    parse_images,
    parse_logprobs,
    parse_sources,
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("hi", [ir.TextDelta("hi")]),
        ({"a": 1}, [ir.TextDelta('{"a":1}')]),
        (
            [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "hi"}, "!"],
            [ir.ReasoningDelta("hm"), ir.TextDelta("hi"), ir.TextDelta("!")],
        ),
        ([{"type": "refusal", "refusal": "no"}], [ir.RefusalDelta("no")]),
        (
            [{"type": "reference", "ids": [1]}],
            [ir.Block(ir.Foreign("openai_chat", "reference", {"type": "reference", "ids": [1]}))],
        ),
        (
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iV"}}],
            [ir.Block(ir.Media("image", "image/png", data="iV"))],
        ),
        ([None, 3, {"type": "text", "text": None}], []),
        (7, [ir.TextDelta("")]),
    ],
)
def test_content(content: Any, expected: list[ir.Event]) -> None:
    assert list(parse_content(content)) == expected


def test_annotations() -> None:
    said = {"type": "url_citation", "url_citation": {"url": "u", "title": "t", "start_index": 3, "end_index": 9}}
    odd = {"type": "url_citation", "url_citation": {"url": "v", "start_index": 0, "end_index": 0, "content": "q"}}
    assert list(parse_annotations([said, odd, None, {"type": "file"}, {"url_citation": 3}])) == [
        ir.Cite(ir.Citation("u", "t", "", 3, 9)),
        ir.Cite(ir.Citation("v", "", "q")),
    ]


def test_sources() -> None:
    results = [{"url": "u", "title": "t", "snippet": "s"}, {"title": "no url"}, 3]
    assert list(parse_sources(results, ["u"])) == [ir.Cite(ir.Citation("u", "t", "s"))]
    assert list(parse_sources(None, ["u", 3])) == [ir.Cite(ir.Citation("u"))]


def test_images() -> None:
    assert list(parse_images([{"image_url": "https://a.example"}, {"image_url": {}}, 3])) == [
        ir.Block(ir.Media("image", url="https://a.example"))
    ]


def test_logprobs() -> None:
    top = {"token": "b", "logprob": -2, "bytes": None}
    said = {"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": [top]}, {"token": "?"}, None]}
    assert parse_logprobs(said) == (ir.TokenLogprob("a", -0.5, (97,), (ir.TokenLogprob("b", -2),)),)
    assert parse_logprobs({"content": None}) == parse_logprobs(3) == ()


def test_sound() -> None:
    sound = Sound()
    assert list(sound.block()) == []
    sound.feed({"id": "", "data": "", "transcript": "", "expires_at": 0})
    assert list(sound.block()) == []
    for piece in {"id": "a1", "transcript": "He"}, {"data": "AA"}, {"transcript": "llo"}, {"expires_at": 5}:
        sound.feed(piece)
    said = {"id": "a1", "expires_at": 5, "transcript": "Hello"}
    assert list(sound.block()) == [ir.Block(ir.Media("audio", data="AA", extra=ir.Extra("openai_chat", said)))]
