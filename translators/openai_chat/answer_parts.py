"""Reads what a chat answer is made of beside plain text and tool calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ir
from ..lenient import count, flat, items, mapping, text
from ..wire import dumps
from .parse_parts import media
from .words import NAME


def parse_content(content: Any, logprobs: tuple[ir.TokenLogprob, ...] = ()) -> Iterator[ir.Event]:
    """Text; a list of parts (Mistral, when it thinks); an object (Cloudflare, where JSON was asked for)."""
    match content:
        case list():
            for part in content:
                yield from _part(part)
            content = ""
        case dict():
            content = dumps(content).decode()
    if content or logprobs:
        yield ir.TextDelta(text(content), logprobs)


def _part(part: Any) -> Iterator[ir.Event]:
    if type(part) is str:
        part = {"type": "text", "text": part}
    fields = mapping(part)
    match fields.get("type"):
        case "text" | "output_text":
            if said := text(fields.get("text")):
                yield ir.TextDelta(said)
        case "thinking":
            if said := flat(fields.get("thinking")):
                yield ir.ReasoningDelta(said)
        case "refusal":
            if said := text(fields.get("refusal")):
                yield ir.RefusalDelta(said)
        case "image_url":
            yield from parse_images([fields])
        case str(type_):
            yield ir.Block(ir.Foreign(NAME, type_, fields))


def parse_images(images: Any) -> Iterator[ir.Event]:
    """OpenRouter, Google: ``[{"type": "image_url", "image_url": {"url": "data:…"}}]``."""
    for image in items(images):
        said = mapping(image).get("image_url")
        if url := text(mapping(said).get("url")) or text(said):
            yield ir.Block(media("image", url))


def parse_annotations(annotations: Any) -> Iterator[ir.Event]:
    """``url_citation``; offsets 0 to 0 are OpenRouter's way to say nothing."""
    for annotation in items(annotations):
        said = mapping(mapping(annotation).get("url_citation"))
        if url := text(said.get("url")):
            start, end = count(said.get("start_index")), count(said.get("end_index"))
            if not end:
                start = end = None
            yield ir.Cite(ir.Citation(url, text(said.get("title")), text(said.get("content")), start, end))


def parse_sources(results: Any, urls: Any) -> Iterator[ir.Event]:
    """Perplexity, xAI: ``search_results``, or bare ``citations``, for the answer as a whole."""
    for result in items(results) or items(urls):
        fields = mapping(result)
        if url := text(result) or text(fields.get("url")):
            yield ir.Cite(ir.Citation(url, text(fields.get("title")), text(fields.get("snippet"))))


def parse_logprobs(logprobs: Any) -> tuple[ir.TokenLogprob, ...]:
    return tuple(_token(one, items(one.get("top_logprobs"))) for one in _tokens(mapping(logprobs).get("content")))


def _tokens(values: Any) -> Iterator[ir.Json]:
    for value in items(values):
        if type(value) is dict and type(value.get("logprob")) in (int, float):
            yield value


def _token(token: ir.Json, top: list[Any]) -> ir.TokenLogprob:
    bytes = token.get("bytes")
    known = tuple(bytes) if type(bytes) is list and all(type(byte) is int for byte in bytes) else None
    return ir.TokenLogprob(
        text(token.get("token")), token["logprob"], known, tuple(_token(one, []) for one in _tokens(top))
    )


class Sound:
    """The pieces of an answer in sound, as one part."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._transcript: list[str] = []
        self._said: ir.Json = {}

    def feed(self, audio: ir.Json) -> None:
        self._data.append(text(audio.get("data")))
        self._transcript.append(text(audio.get("transcript")))
        self._said |= {key: audio[key] for key in ("id", "expires_at") if audio.get(key)}

    def block(self) -> Iterator[ir.Event]:
        data, transcript = "".join(self._data), "".join(self._transcript)
        if data or transcript or self._said:
            said = {**self._said, "transcript": transcript}
            yield ir.Block(ir.Media("audio", data=data, extra=ir.Extra(NAME, said)))
