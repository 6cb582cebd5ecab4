from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import BadRequest, Foreign, Media, Part, Refusal, Text
from cliproxy.translators.openai_responses.content import parse_content, render_input_part, render_output_part
from cliproxy.translators.openai_responses.words import NAME
from cliproxy.translators.wire import Fields

PARTS: list[tuple[dict[str, Any], Part]] = [
    ({"type": "input_text", "text": "hi"}, Text("hi")),
    ({"type": "input_image", "image_url": "https://a.test/a.png"}, Media("image", url="https://a.test/a.png")),
    (
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "high"},
        Media("image", "image/png", "AAAA", detail="high"),
    ),
    ({"type": "input_image", "file_id": "file-1"}, Media("image", file_id="file-1")),
    (
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
        Media("document", "application/pdf", "AAAA", name="a.pdf"),
    ),
    ({"type": "input_file", "file_url": "https://a.test/x"}, Media("document", url="https://a.test/x")),
    ({"type": "input_file", "file_id": "file-1"}, Media("document", file_id="file-1")),
    (
        {"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,d29yZHM="},
        Media("document", "text/plain", text="words", name="a.txt"),
    ),
    (
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        Media("audio", "audio/mpeg", "AAAA"),
    ),
    (
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "flac"}},
        Media("audio", "audio/flac", "AAAA"),
    ),
    ({"type": "input_video", "x": [1]}, Foreign(NAME, "content.input_video", {"type": "input_video", "x": [1]})),
]


def parse(*parts: object) -> tuple[Part, ...]:
    return parse_content(Fields({"content": list(parts)}), "content")


@pytest.mark.parametrize("wire, part", PARTS)
def test_both_ways(wire: dict[str, Any], part: Part) -> None:
    assert parse(wire) == (part,)
    assert render_input_part(part) == wire


def test_a_breakpoint_survives() -> None:
    """Edge case 25: `prompt_cache_breakpoint` is a word of the newest models only; others never see it."""
    wire = {"type": "input_text", "text": "hi", "prompt_cache_breakpoint": {"mode": "explicit"}}
    (part,) = parse(wire)
    assert render_input_part(part) == wire


def test_a_string_is_one_text() -> None:
    assert parse_content(Fields({"content": "hi"}), "content") == (Text("hi"),)
    assert parse_content(Fields({}), "content") == ()


def test_what_the_assistant_said() -> None:
    wire = {
        "type": "output_text",
        "text": "hi",
        "annotations": [{"type": "url_citation", "start_index": 0, "end_index": 2, "url": "u", "title": "t"}],
    }
    (part,) = parse(wire)
    assert isinstance(part, Text) and part.citations[0].url == "u"
    assert render_output_part(part) == wire
    assert render_output_part(Refusal("no")) == {"type": "refusal", "refusal": "no"}


@pytest.mark.parametrize(
    "wire, path",
    [
        ({"type": "input_text"}, "content[0].text"),
        ({"type": "input_text", "text": 5}, "content[0].text"),
        ({"type": 5}, "content[0].type"),
        ({"type": "input_image", "image_url": {}}, "content[0].image_url"),
        ({"type": "input_audio"}, "content[0].input_audio"),
        ("bare", "content[0]"),
    ],
)
def test_wrong_kinds_are_named(wire: object, path: str) -> None:
    with pytest.raises(BadRequest) as fault:
        parse(wire)
    assert fault.value.param == path


def test_what_has_no_place_here() -> None:
    assert render_input_part(Media("video", "video/mp4", "AAAA")) is None
    assert render_input_part(Media("audio", url="https://a.test/a.mp3")) is None
    assert render_input_part(Foreign("anthropic", "content.x", {})) is None


def test_documents_get_what_the_api_asks_for() -> None:
    """Edge case 18: a PDF needs a file name; a PDF by URL or by bare base64 is known by its name."""
    assert render_input_part(Media("document", "application/pdf", "AAAA"))["filename"] == "document.pdf"  # type: ignore[index]
    (part,) = parse({"type": "input_file", "filename": "A.PDF", "file_data": "AAAA"})
    assert part == Media("document", "application/pdf", "AAAA", name="A.PDF")
    (part,) = parse({"type": "input_file", "file_url": "https://a.test/b.pdf?x=1"})
    assert part == Media("document", "application/pdf", url="https://a.test/b.pdf?x=1")
    (part,) = parse({"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,//8="})
    assert part == Media("document", "text/plain", "//8=", name="a.txt")
