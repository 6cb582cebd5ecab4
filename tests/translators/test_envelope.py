"""Answers are taken out of an envelope and put into one without another byte being touched."""

from __future__ import annotations

import json

import pytest

from cliproxy.translators import ir
from cliproxy.translators.envelope import OpeningObserver, Repacker, put_in, taken_out
from cliproxy.translators.formats import FORMATS

INNER = b'{ "candidates": [{"content": {"parts": [{"text": "a\\"}"}]} , "finishReason":"STOP"}] }'
OUTER = b'{"traceId": "t", "response": ' + INNER + b', "metadata":{}}'
ERROR = b'{"error":{"code":429,"message":"m"}}'
STREAM = b": hi\r\ndata: " + OUTER + b"\r\n\r\nevent: x\ndata:" + OUTER + b"\n\ndata: " + ERROR + b"\n\n"
OPENED = b": hi\r\ndata: " + INNER + b"\r\n\r\nevent: x\ndata:" + INNER + b"\n\ndata: " + ERROR + b"\n\n"


def repacked(repacker: Repacker, data: bytes, size: int) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join([*map(repacker.feed, pieces), repacker.close()])


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_stream_is_opened_however_it_is_cut(size: int) -> None:
    assert repacked(Repacker(taken_out("response")), STREAM, size) == OPENED


@pytest.mark.parametrize("size", [1, 1000])
def test_and_closed_again(size: int) -> None:
    closed = repacked(Repacker(put_in("response")), OPENED, size)
    assert closed == OPENED.replace(INNER, b'{"response":' + INNER + b"}")
    assert repacked(Repacker(taken_out("response")), closed, size) == OPENED


def test_an_event_over_several_lines_stays_one() -> None:
    lines = b'data: {"response": {\ndata: "a": 1}}\n\n'
    assert repacked(Repacker(taken_out("response")), lines, 3) == b'data: {\ndata: "a": 1}\n\n'


def test_a_stream_as_an_array() -> None:
    array = repacked(Repacker(taken_out("response"), array=True), STREAM, 5)
    assert json.loads(array) == [json.loads(INNER), json.loads(INNER), json.loads(ERROR)]
    assert repacked(Repacker(taken_out("response"), array=True), b"", 5) == b"[]"


def test_a_last_event_without_its_end_still_counts() -> None:
    assert repacked(Repacker(taken_out("response")), b"data: " + OUTER, 9) == b"data: " + INNER + b"\n\n"


@pytest.mark.parametrize("text", [b"", b"no json", b'{"response":', b'{"response"', b'{"\\x":1}', ERROR, b"[1]"])
def test_what_has_no_envelope_stays_as_it_is(text: bytes) -> None:
    assert taken_out("response")(text) == text


def test_an_event_without_end_is_refused() -> None:
    with pytest.raises(ir.BadAnswer, match="longer"):
        Repacker(taken_out("response")).feed(b"data: " + b"x" * (33 * 1024 * 1024))


@pytest.mark.parametrize("size", [1, 64])
def test_what_is_inside_is_watched(size: int) -> None:
    observer = OpeningObserver(FORMATS["gemini"], "response")
    stream = b"data: " + OUTER + b"\r\n\r\n"
    for at in range(0, len(stream), size):
        observer.feed(stream[at : at + size])
    observer.feed(b"")
    assert observer.collected.response().parts == (ir.Text('a"}'),)
    assert observer.collected.finish and not observer.lost
