"""Writes the content of chat messages and what may stand beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import ir
from ..wire import compact, extra_of
from .words import AUDIO_FORMAT, NAME

_DATA = {"image": "image/png", "document": "application/pdf", "video": "video/mp4", "audio": "audio/wav"}
"""The media type where none was said."""


def render_content(parts: Iterable[ir.Part]) -> str | list[Any]:
    """A string where that says all, for many servers know nothing else; otherwise a list of parts."""
    rendered = [part for part in map(render_part, parts) if part is not None]
    if not rendered:
        return ""
    if len(rendered) == 1 and rendered[0].keys() == {"type", "text"}:
        return rendered[0]["text"]  # type: ignore[no-any-return]
    return rendered


def render_part(part: ir.Part) -> ir.Json | None:
    """None for what stands elsewhere in a message, or nowhere."""
    match part:
        case ir.Text():
            return with_extra({"type": "text", "text": part.text}, part)
        case ir.Media():
            return with_extra(_media(part), part)
        case ir.Foreign(format=format, value=value) if format == NAME:
            return value
        case _:
            return None


def with_extra(rendered: ir.Json, node: Any) -> ir.Json:
    """The object with its cache breakpoint and with what only this format has words for."""
    if cache := getattr(node, "cache", None):
        rendered["cache_control"] = render_cache(cache)
    return merged(rendered, node.extra)


def render_cache(cache: ir.Cache) -> ir.Json:
    return {"type": "ephemeral", "ttl": cache.ttl} if cache.ttl else {"type": "ephemeral"}


def merged(rendered: ir.Json, extra: ir.Extra | None) -> ir.Json:
    """Own extras put back, one level deep."""
    if extra is None:
        return rendered
    for key, value in extra_of(extra, NAME).items():
        inner = rendered.get(key)
        rendered[key] = {**inner, **value} if isinstance(inner, dict) and isinstance(value, dict) else value
    return rendered


def _media(part: ir.Media) -> ir.Json:
    if part.text:
        title = f"{part.name}\n\n" if part.name else ""
        return {"type": "text", "text": title + part.text}
    match part.kind:
        case "image":
            return {"type": "image_url", "image_url": compact({"url": _url(part), "detail": part.detail or None})}
        case "video":
            return {"type": "video_url", "video_url": compact({"url": _url(part), "detail": part.detail or None})}
        case "audio":
            format = AUDIO_FORMAT.get(part.media_type) or part.media_type.removeprefix("audio/") or "wav"
            return {"type": "input_audio", "input_audio": {"data": part.data or part.url, "format": format}}
        case "document" if part.file_id:
            return {"type": "file", "file": compact({"file_id": part.file_id, "filename": part.name or None})}
        case _:
            name = part.name or ("document.pdf" if part.media_type == _DATA["document"] else "document")
            return {"type": "file", "file": {"filename": name, "file_data": _url(part)}}


def _url(part: ir.Media) -> str:
    if part.url:
        return part.url
    return f"data:{part.media_type or _DATA[part.kind]};base64,{part.data}"
