"""Reads the content of a chat message: a string, or a list of typed parts in the spellings of several servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .. import ir
from ..lenient import flat
from ..wire import Fields, fields_of
from .words import AUDIO, NAME


def parse_content(message: Fields) -> tuple[ir.Part, ...]:
    """The parts of ``content``; none where it is null, empty or absent."""
    value = message.take("content")
    match value:
        case None | "":
            return ()
        case str():
            return (ir.Text(value),)
        case list():
            parts = [{"type": "text", "text": one} if type(one) is str else one for one in value]
            path = message.path
            return tuple(parse_part(part) for part in fields_of(parts, lambda: f"{path}.content"))
        case _:
            raise message.fault("content", "a string or a list of parts", value)


def parse_part(part: Fields) -> ir.Part:
    type_ = part.text("type", "")
    reader = _READERS.get(type_)
    return reader(part) if reader else ir.Foreign(NAME, type_, _whole(part, type_))


def _whole(part: Fields, type_: str) -> ir.Json:
    return {"type": type_, **part.left()} if type_ else part.left()


def parse_cache(fields: Fields) -> ir.Cache | None:
    """``cache_control`` as Anthropic means it, which OpenRouter, DashScope and others read; other kinds stay unread."""
    said = fields.left().get("cache_control")
    if said is None:
        return None
    match said:
        case {"type": "ephemeral", "ttl": str(ttl), **rest} if not rest:
            fields.take("cache_control")
            return ir.Cache(ttl)
        case {"type": "ephemeral", **rest} if not rest:
            fields.take("cache_control")
            return ir.Cache()
        case _:
            return None


def rest_with(fields: Fields, key: str, inner: Fields) -> ir.Extra | None:
    """What nobody took of an object and of the object under its `key`."""
    rest, inner_rest = fields.rest(NAME), inner.rest(NAME)
    if not inner_rest:
        return rest
    return ir.Extra(NAME, {**(rest.fields if rest else {}), key: inner_rest.fields})


def data_url(url: str) -> tuple[str, str] | None:
    """Media type and base64 of a data URL; None for any other (also for one that is percent-encoded)."""
    if not url.startswith("data:"):
        return None
    header, _, data = url[5:].partition(",")
    media_type, _, encoding = header.partition(";")
    return (media_type, data) if encoding.endswith("base64") else None


def media(kind: ir.MediaKind, url: str, name: str = "", detail: str = "") -> ir.Media:
    """Media by the one string that says where it is: a data URL or another."""
    inline = data_url(url)
    if inline:
        return ir.Media(kind, inline[0], data=inline[1], name=name, detail=detail)
    return ir.Media(kind, url=url, name=name, detail=detail)


def _text(part: Fields) -> ir.Part:
    text, cache = part.text("text"), parse_cache(part)
    return ir.Text(text, cache=cache, extra=part.rest(NAME))


def _refusal(part: Fields) -> ir.Part:
    return ir.Refusal(part.text("refusal"), part.rest(NAME))


def _thinking(part: Fields) -> ir.Part:
    """Mistral: ``{"type": "thinking", "thinking": [{"type": "text", "text": "…"}], "closed": true}``."""
    text = flat(part.take("thinking"))
    part.take("closed")
    return ir.Reasoning(text, extra=part.rest(NAME))


def _by_url(kind: ir.MediaKind, key: str) -> Callable[[Fields], ir.Part]:
    """``{"image_url": {"url": …, "detail": …}}``, or the URL alone (Mistral)."""

    def read(part: Fields) -> ir.Part:
        if type(part.left().get(key)) is str:
            found, cache = media(kind, part.text(key)), parse_cache(part)
            return replace(found, cache=cache, extra=part.rest(NAME))
        inner = part.fields(key)
        if inner is None:
            raise part.fault(key, "an object with a url", None)
        found = media(kind, inner.text("url"), detail=inner.text("detail", ""))
        cache = parse_cache(part)
        return replace(found, cache=cache, extra=rest_with(part, key, inner))

    return read


def _input_audio(part: Fields) -> ir.Part:
    """``{"data": base64, "format": "mp3"}``; Mistral takes the base64 or a URL alone."""
    value = part.left().get("input_audio")
    if type(value) is str:
        part.take("input_audio")
        return replace(_bare_audio(value), cache=parse_cache(part), extra=part.rest(NAME))
    inner = part.fields("input_audio")
    if inner is None:
        raise part.fault("input_audio", "an object with data and format", None)
    data, format = inner.text("data"), inner.text("format", "wav")
    found = media("audio", data) if data.startswith("data:") else ir.Media("audio", data=data)
    cache = parse_cache(part)
    whole = ir.Media("audio", AUDIO.get(format, f"audio/{format}"), data=found.data, url=found.url)
    return replace(whole, cache=cache, extra=rest_with(part, "input_audio", inner))


def _bare_audio(value: str) -> ir.Media:
    if value.startswith(("data:", "http://", "https://")):
        return media("audio", value)
    return ir.Media("audio", "audio/wav" if value.startswith("UklGR") else "audio/mpeg", data=value)  # UklGR: RIFF


def _file(part: Fields) -> ir.Part:
    inner = part.fields("file")
    if inner is None:
        raise part.fault("file", "an object with file_data or file_id", None)
    data, file_id, name = inner.text("file_data", ""), inner.text("file_id", ""), inner.text("filename", "")
    if data.startswith(("data:", "http://", "https://")):
        found = media("document", data, name=name)
    elif data:
        found = ir.Media("document", "application/pdf", data=data, name=name)
    else:
        found = ir.Media("document", file_id=file_id, name=name)
    cache = parse_cache(part)
    return replace(found, cache=cache, extra=rest_with(part, "file", inner))


def _document_url(part: Fields) -> ir.Part:
    """Mistral: ``{"document_url": "https://…", "document_name": "…"}``."""
    found = media("document", part.text("document_url"), name=part.text("document_name", ""))
    cache = parse_cache(part)
    return replace(found, cache=cache, extra=part.rest(NAME))


_READERS: dict[str, Callable[[Fields], ir.Part]] = {
    "text": _text,
    "refusal": _refusal,
    "thinking": _thinking,
    "image_url": _by_url("image", "image_url"),
    "video_url": _by_url("video", "video_url"),
    "input_audio": _input_audio,
    "file": _file,
    "document_url": _document_url,
}
