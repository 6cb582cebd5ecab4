"""google-genai as the judge of what we render, and events read from the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from gemini_judge import Judge

from cliproxy.translators import gemini, ir


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge()


def _read(data: bytes, size: int = 0) -> list[ir.Event]:
    decoder, parser = gemini.Decoder(), gemini.StreamParser()
    events: list[ir.Event] = []
    pieces = [data[i : i + size] for i in range(0, len(data), size)] if size else [data]
    for piece in pieces:
        for sent in decoder.feed(piece):
            events += parser.feed(sent)
    for sent in decoder.close():
        events += parser.feed(sent)
    return [*events, *parser.close()]


@pytest.fixture(scope="session")
def read() -> Callable[..., list[ir.Event]]:
    """Bytes of a provider, cut in pieces of `size`, as events."""
    return _read


@pytest.fixture(scope="session")
def context() -> Callable[..., ir.Context]:
    def make(**asked: Any) -> ir.Context:
        return ir.Context("fresh", 1700000000, ir.Request(**{"model": "gemini-3-flash-preview", **asked}))

    return make


@pytest.fixture(scope="session")
def render(context: Callable[..., ir.Context]) -> Callable[..., bytes]:
    """Events as the bytes that the client gets."""

    def make(events: Iterable[ir.Event], **asked: Any) -> bytes:
        renderer = gemini.StreamRenderer(context(**asked))
        return b"".join(piece for event in events for piece in renderer.feed(event))

    return make


def _chunks(data: bytes) -> Iterator[Any]:
    for line in data.split(b"\r\n\r\n"):
        if line:
            assert line.startswith(b"data: ")
            yield json.loads(line[6:])


@pytest.fixture(scope="session")
def chunks() -> Callable[[bytes], list[Any]]:
    """The JSON of a rendered stream."""
    return lambda data: list(_chunks(data))
