from __future__ import annotations

import base64
from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.anthropic.media import placeholder, render_media

PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
BLOCKS: list[tuple[dict[str, Any], ir.Media]] = [
    (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
        ir.Media("image", "image/png", "iVBORw0KGgo="),
    ),
    (
        {"type": "image", "source": {"type": "url", "url": "https://example.test/a.png"}},
        ir.Media("image", url="https://example.test/a.png"),
    ),
    ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, ir.Media("image", file_id="file_1")),
    (
        {"type": "document", "source": PDF, "title": "T", "cache_control": {"type": "ephemeral"}},
        ir.Media("document", "application/pdf", "JVBERi0=", name="T", cache=ir.Cache()),
    ),
    (
        {"type": "document", "source": {"type": "url", "url": "https://example.test/a.pdf"}},
        ir.Media("document", "application/pdf", url="https://example.test/a.pdf"),
    ),
    (
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
        ir.Media("document", "text/plain", text="words"),
    ),
]


def parsed(block: dict[str, Any]) -> ir.Part:
    body = {"model": "m", "messages": [{"role": "user", "content": [block]}]}
    return anthropic.parse_request(body, "").messages[0].parts[0]


@pytest.mark.parametrize("block, media", BLOCKS)
def test_sources_both_ways(block: dict[str, Any], media: ir.Media) -> None:
    """Edge 18."""
    assert parsed(block) == media
    assert render_media(media) == block


def test_a_document_of_blocks_is_text_to_others_and_itself_to_anthropic() -> None:
    source = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    block = {"type": "document", "source": source, "context": "c", "citations": {"enabled": True}}
    media = parsed(block)
    assert isinstance(media, ir.Media)
    assert (media.text, media.media_type) == ("a\nb", "text/plain")
    assert render_media(media) == block


def test_an_unknown_source_is_kept_whole() -> None:
    block = {"type": "image", "source": {"type": "hologram", "at": 3}}
    assert parsed(block) == ir.Foreign("anthropic", "image", block)


def test_documents_that_are_text_are_sent_as_text() -> None:
    """Anthropic reads no base64 but PDF."""
    data = base64.b64encode(b"a,b\n1,2").decode()
    source = render_media(ir.Media("document", "text/csv", data, name="t.csv"))["source"]
    assert source == {"type": "text", "media_type": "text/plain", "data": "a,b\n1,2"}
    assert render_media(ir.Media("document", "text/csv", "%%"))["source"]["type"] == "base64"


def test_sound_is_named_not_spelled_out() -> None:
    """Edge 18: never base64 as text."""
    assert render_media(ir.Media("audio", "audio/wav", "UklGRg==")) == {"type": "text", "text": "[audio audio/wav]"}
    assert placeholder(ir.Media("video", url="https://example.test/v")) == "[video https://example.test/v]"


def test_wrong_types_are_the_clients_fault() -> None:
    with pytest.raises(ir.BadRequest, match=r"messages\[0\].content\[0\].source.data"):
        parsed({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": 3}})
