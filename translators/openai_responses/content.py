"""How the parts of a message's content are spelled, both ways."""

from __future__ import annotations

import base64
from collections.abc import Callable

from ..ir import Foreign, Json, Media, Part, Refusal, Text
from ..wire import Fields, compact, extra_of
from .annotations import parse_citation, parse_logprobs, render_citation, render_logprobs
from .words import NAME

CONTENT = "content."
"""Marks a `Foreign` as a part of a message's content; any other is an item of its own."""
_AUDIO_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_AUDIO_FORMATS = {"audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav", "audio/x-wav": "wav"}
_PLAIN = "text/plain"
_FILE_NAMES = {"application/pdf": "document.pdf", _PLAIN: "document.txt"}


def parse_content(fields: Fields, key: str) -> tuple[Part, ...]:
    """The parts of a content field: a string, a list of parts, or nothing."""
    value = fields.left().get(key)
    if isinstance(value, str):
        return (Text(fields.text(key)),)
    return tuple(_parse_part(part) for part in fields.each(key))


def _parse_part(fields: Fields) -> Part:
    type = fields.left().get("type")
    if type is not None and not isinstance(type, str):
        raise fields.fault("type", "a string", type)
    parse = _PARSE.get(type or "")
    if parse is None:
        return Foreign(NAME, f"{CONTENT}{type or ''}", fields.left())
    fields.take("type")
    return parse(fields)


def _parse_text(fields: Fields) -> Text:
    text = fields.text("text")
    if not fields.left():
        return Text(text)
    citations = tuple(parse_citation(one.left()) for one in fields.each("annotations"))
    return Text(text, citations, parse_logprobs(fields.take("logprobs")), extra=fields.rest(NAME))


def _parse_refusal(fields: Fields) -> Refusal:
    return Refusal(fields.text("refusal"), fields.rest(NAME))


def _parse_image(fields: Fields) -> Media:
    media_type, data, url = _split_data_url(fields.text("image_url", ""))
    return Media(
        "image",
        media_type,
        data,
        url,
        fields.text("file_id", ""),
        detail=fields.text("detail", ""),
        extra=fields.rest(NAME),
    )


def _parse_file(fields: Fields) -> Media:
    media_type, data, bare = _split_data_url(fields.text("file_data", ""))
    url, file_id, name = (fields.text(key, "") for key in ("file_url", "file_id", "filename"))
    if not media_type and (name or url.partition("?")[0]).lower().endswith(".pdf"):
        media_type = "application/pdf"
    text = _decoded(data) if media_type == _PLAIN else ""
    data = "" if text else data or bare
    return Media("document", media_type, data, url, file_id, text, name, extra=fields.rest(NAME))


def _decoded(data: str) -> str:
    """The text in base64, or nothing where there is none."""
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError:
        return ""


def _parse_audio(fields: Fields) -> Media:
    audio = fields.fields("input_audio")
    if audio is None:
        raise fields.fault("input_audio", "an object", None)
    format = audio.text("format")
    return Media("audio", _AUDIO_TYPES.get(format, f"audio/{format}"), audio.text("data"), extra=fields.rest(NAME))


_PARSE: dict[str, Callable[[Fields], Part]] = {
    "input_text": _parse_text,
    "output_text": _parse_text,
    "text": _parse_text,
    "refusal": _parse_refusal,
    "input_image": _parse_image,
    "input_file": _parse_file,
    "input_audio": _parse_audio,
}


def _split_data_url(url: str) -> tuple[str, str, str]:
    """Media type and base64 of a data URL, or else the URL."""
    if not url.startswith("data:"):
        return "", "", url
    head, _, data = url[5:].partition(",")
    if not head.endswith(";base64"):
        return "", "", url
    return head.removesuffix(";base64"), data, ""


def render_input_part(part: Part) -> Json | None:
    """A part of what a user or a tool says; None for what has no place there."""
    match part:
        case Text():
            return {"type": "input_text", "text": part.text, **extra_of(part.extra, NAME)}
        case Refusal():
            return {"type": "input_text", "text": part.text}
        case Media():
            return render_media(part)
        case Foreign() if part.format == NAME and part.type.startswith(CONTENT):
            return part.value
    return None


def render_output_part(part: Text | Refusal) -> Json:
    """A part of what the assistant said."""
    own = {key: value for key, value in extra_of(part.extra, NAME).items() if key != "message"}
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text, **own}
    citations = [render_citation(citation, len(part.text)) for citation in part.citations]
    # `annotations` is required in the specification of an output_text, also of one that is sent back.
    return compact(
        {
            "type": "output_text",
            "text": part.text,
            "annotations": citations,
            "logprobs": render_logprobs(part.logprobs) or None,
            **own,
        }
    )


def render_media(part: Media) -> Json | None:
    render = _RENDER_MEDIA.get(part.kind)
    rendered = render(part) if render else None
    return rendered and {**compact(rendered), **extra_of(part.extra, NAME)}


def _render_image(part: Media) -> Json:
    url = part.url or (_data_url(part.media_type or "image/png", part.data) if part.data else None)
    return {"type": "input_image", "image_url": url, "file_id": part.file_id or None, "detail": part.detail or None}


def _render_document(part: Media) -> Json:
    media_type, data = part.media_type, part.data
    if part.text:
        # OpenAI, File inputs: "Non-PDF document and text files (…): the API extracts text only."
        media_type, data = _PLAIN, base64.b64encode(part.text.encode("utf-8", "surrogatepass")).decode()
    name = part.name or (_FILE_NAMES.get(media_type, "document") if data else "")
    return {
        "type": "input_file",
        "filename": name or None,
        "file_data": (_data_url(media_type, data) if media_type else data) if data else None,
        "file_url": part.url or None,
        "file_id": part.file_id or None,
    }


def _render_audio(part: Media) -> Json | None:
    if not part.data:
        return None  # There is no sound by URL or file id here.
    format = _AUDIO_FORMATS.get(part.media_type) or part.media_type.removeprefix("audio/")
    return {"type": "input_audio", "input_audio": {"data": part.data, "format": format}}


_RENDER_MEDIA: dict[str, Callable[[Media], Json | None]] = {
    "image": _render_image,
    "document": _render_document,
    "audio": _render_audio,
}


def _data_url(media_type: str, data: str) -> str:
    return f"data:{media_type};base64,{data}"
