"""Images and documents: ``source`` blocks, both ways."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import items, mapping, text
from ..wire import Fields, compact, extra_of
from .caching import parse_cache, render_cache
from .words import NAME

_SOURCES = {"base64", "url", "file", "text", "content"}
PDF = "application/pdf"
PLAIN = "text/plain"
_GUESS = {"image": "image/png", "document": PDF}


def can_parse(block: Json) -> bool:
    """Other sources are kept whole."""
    kind = mapping(block.get("source")).get("type")
    return isinstance(kind, str) and kind in _SOURCES


def parse_media(fields: Fields, kind: ir.MediaKind) -> ir.Media:
    cache = parse_cache(fields)
    name = fields.text("title", "") if kind == "document" else ""
    source = fields.left()["source"]
    said = _parse_source(Fields(source, lambda: f"{fields.path}.source"), kind)
    if said.pop("whole"):
        fields.take("source")
    return ir.Media(kind, **said, name=name, cache=cache, extra=fields.rest(NAME))


def _parse_source(source: Fields, kind: ir.MediaKind) -> dict[str, Any]:
    """The fields of an `ir.Media`. `whole`: nothing is left that the source said besides."""
    type_ = source.text("type")
    said: dict[str, Any] = {"media_type": source.text("media_type", "")}
    match type_:
        case "url":
            said["url"] = source.text("url")
        case "file":
            said["file_id"] = source.text("file_id")
        case "text":
            said["text"] = source.text("data")
        case "content":
            said |= {"text": flat_text(source.take("content")), "media_type": PLAIN}
        case _:
            said["data"] = source.text("data")
    if kind == "document" and type_ in ("base64", "url"):
        said["media_type"] = said["media_type"] or PDF
    return said | {"whole": type_ != "content" and not source.rest(NAME)}


def flat_text(content: Any) -> str:
    """A string, or the text blocks of a list."""
    if isinstance(content, str):
        return content
    return "\n".join(filter(None, (text(mapping(block).get("text")) for block in items(content))))


def render_media(media: ir.Media) -> Json:
    if media.kind not in ("image", "document"):
        return {"type": "text", "text": placeholder(media), **render_cache(media.cache)}
    title = media.name if media.kind == "document" else ""
    block = compact({"type": media.kind, "source": _render_source(media), "title": title or None})
    return {**block, **render_cache(media.cache), **extra_of(media.extra, NAME)}


def _render_source(media: ir.Media) -> Json:
    if media.url:
        return {"type": "url", "url": media.url}
    if media.file_id:
        return {"type": "file", "file_id": media.file_id}
    plain = media.text if media.kind == "document" and not media.data else _decoded(media)
    if plain is not None:
        return {"type": "text", "media_type": PLAIN, "data": plain}
    return {"type": "base64", "media_type": media.media_type or _GUESS[media.kind], "data": media.data}


def _decoded(media: ir.Media) -> str | None:
    """In base64 Anthropic reads no documents but PDF; those that are text can be sent as text."""
    if media.kind != "document" or not _is_text(media.media_type):
        return None
    try:
        return base64.b64decode(media.data, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in ("application/json", "application/xml")


def placeholder(media: ir.Media) -> str:
    """Where the format has no place for it, its base64 as text would only fill the context."""
    return f"[{media.kind} {media.url or media.name or media.file_id or media.media_type}]".replace(" ]", "]")
