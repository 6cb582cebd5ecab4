"""Server-sent events: the examples of the WHATWG specification, any cut of the bytes, and bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators import sse
from cliproxy.translators.ir import BadAnswer

CASES = {
    "WHATWG: several data lines": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("", "YHOO\n+2\n10")]),
    "WHATWG: a comment, ids, a space": (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [("", "first event"), ("", "second event"), ("", " third event")],
    ),
    "WHATWG: a data line with nothing": (b"data\n\ndata\ndata\n\n", [("", "\n")]),
    "named, LF": (b"event: ping\ndata: {}\n\n", [("ping", "{}")]),
    "CRLF": (b"event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", [("a", "1"), ("", "2")]),
    "CR": (b"data: 1\r\rdata: 2\r\r", [("", "1"), ("", "2")]),
    "byte order mark": (b"\xef\xbb\xbfdata: 1\n\n", [("", "1")]),
    "no last blank line": (b"data: 1\n\ndata: 2", [("", "1"), ("", "2")]),
    "DashScope: no space, statuses as comments": (
        b"id:1\nevent:result\n:HTTP_STATUS/200\ndata:{}\n\n",
        [("result", "{}")],
    ),
    "a line separator inside JSON is no line end": (
        "data: {\"a\":\"\u2028\"}\n\n".encode(),
        [("", '{"a":"\u2028"}')],
    ),
}  # fmt: skip


def decoded(pieces: list[bytes]) -> list[tuple[str, str]]:
    decoder = sse.Decoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [tuple(event) for event in [*events, *decoder.close()]]


@pytest.mark.parametrize("wire, events", CASES.values(), ids=CASES)
def test_decode(wire: bytes, events: list[tuple[str, str]]) -> None:
    assert decoded([wire]) == events


@pytest.mark.parametrize("wire, events", CASES.values(), ids=CASES)
def test_any_cut_of_the_bytes_gives_the_same_events(wire: bytes, events: list[tuple[str, str]]) -> None:
    for cut in range(1, len(wire)):
        assert decoded([wire[:cut], wire[cut:]]) == events
    assert decoded([wire[i : i + 1] for i in range(len(wire))]) == events


@given(st.lists(st.binary(max_size=40)))
def test_any_bytes_are_taken(pieces: list[bytes]) -> None:
    assert decoded(pieces) == decoded([b"".join(pieces)])


def test_an_endless_line_is_refused_before_it_fills_the_memory() -> None:
    decoder = sse.Decoder()
    with pytest.raises(BadAnswer, match="longer than"):
        for _ in range(sse.MAX_EVENT // 1_000_000 + 2):
            decoder.feed(b"x" * 1_000_000)


def test_endless_data_lines_are_refused_too() -> None:
    decoder = sse.Decoder()
    with pytest.raises(BadAnswer, match="longer than"):
        for _ in range(sse.MAX_EVENT // 1_000_000 + 2):
            decoder.feed(b"data: " + b"x" * 1_000_000 + b"\n")


def test_encode() -> None:
    assert sse.encode({"a": "ü"}, "ping") == 'event: ping\ndata: {"a":"ü"}\n\n'.encode()
    assert sse.encode("[DONE]") == b"data: [DONE]\n\n"
    assert decoded([sse.COMMENT]) == []
