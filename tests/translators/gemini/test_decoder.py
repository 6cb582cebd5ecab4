"""Cutting streams: events and arrays, however the bytes come."""

from __future__ import annotations

import json
import time

import pytest

from cliproxy.translators import ir, sse
from cliproxy.translators.gemini import Decoder

CHUNKS = [{"a": 'q"}{\\'}, {"b": {"c": [1, {"d": "]"}], "e": "\\\\"}}, {"grüße": "🙂"}]
EVENTS = b"".join(b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\r\n\r\n" for chunk in CHUNKS)
ARRAY = json.dumps(CHUNKS, indent=2, ensure_ascii=False).encode()


def decoded(data: bytes, size: int = 0) -> list[object]:
    decoder = Decoder()
    pieces = [data[i : i + size] for i in range(0, len(data), size)] if size else [data]
    found = [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()
    return [json.loads(event.data) for event in found]


@pytest.mark.parametrize("size", range(8))
@pytest.mark.parametrize(
    "data",
    [EVENTS, ARRAY, b"\xef\xbb\xbf \r\n" + EVENTS, b"\n [\n" + ARRAY[1:], EVENTS.replace(b"\r\n", b"\n"),
     EVENTS.replace(b"data: ", b"data:"), EVENTS.rstrip(), b",\r\n".join(ARRAY.split(b",\n")), ARRAY[:-1]],
)  # fmt: skip
def test_any_form_and_any_cut(data: bytes, size: int) -> None:
    """Edge 24: CRLF CRLF, no space after the colon, split and glued events."""
    assert decoded(data, size) == CHUNKS


@pytest.mark.parametrize("size", range(8))
def test_a_bare_error_between_events(size: int) -> None:
    """Pain 14: the error follows the chunks without "data:" (vercel/ai#5217)."""
    error = {"error": {"code": 503, "message": "overloaded {\n}", "status": "UNAVAILABLE"}}
    data = EVENTS + json.dumps(error, indent=2).encode() + b"\n"
    assert decoded(data, size) == [*CHUNKS, error]
    assert decoded(json.dumps(error, indent=1).encode(), size) == [error]


def test_events_come_as_soon_as_they_are_whole() -> None:
    decoder = Decoder()
    assert [len(decoder.feed(piece)) for piece in (b"[{", b'"a":1', b"}", b",", b'{"b":2},{"c":3}', b"]")] == [
        0,
        0,
        1,
        0,
        2,
        0,
    ]


def test_one_endless_chunk_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 1000)
    for opening in (b'[{"a":"', b'data: {"a":"'):
        decoder = Decoder()
        with pytest.raises(ir.BadAnswer):
            for _ in range(100):
                decoder.feed(opening + b"x" * 100)


@pytest.mark.parametrize("filling", [b"x", b'\\"', b"{", b'"'])
def test_time_grows_with_the_bytes_only(filling: bytes) -> None:
    """Small cuts of one long chunk: about a million bytes in less than seconds."""
    decoder, began = Decoder(), time.process_time()
    decoder.feed(b'[{"a":"')
    for _ in range(10_000):
        decoder.feed(filling * (100 // len(filling)))
    assert time.process_time() - began < 4
