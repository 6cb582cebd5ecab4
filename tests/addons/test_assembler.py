"""A stream that is held back to its end: all of it, or its error."""

from __future__ import annotations

import pytest
from wires import response_stream

from cliproxy.addons.assembler import Assembler
from cliproxy.addons.exchange import Recording
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.openai_responses.assembled import Assembled
from cliproxy.translators.streams import Observer

RESPONSES = FORMATS["openai_responses"]
PIECES = list(response_stream().pieces)


def assembler(recording: Recording | None = None) -> Assembler:
    made = Assembled()
    return Assembler(
        Observer(RESPONSES), lambda data, events: made.feed(data), made.whole, lambda error: b"!", recording
    )


def test_nothing_comes_before_the_end_and_then_all_of_it() -> None:
    one = assembler()
    assert [one(piece) for piece in PIECES] == [[]] * len(PIECES)
    assert not one.ready and one.patient
    (answer,) = one(b"")
    assert one.ready and not one.refusal and answer.startswith(b'{"id": "resp_1"')


def test_an_error_in_the_middle_is_no_answer() -> None:
    one = assembler()
    for piece in PIECES[:-1]:
        one(piece)
    failed = b'event: error\ndata: {"type":"error","code":"rate_limit_exceeded","message":"slow down"}\n\n'
    assert one(failed) == [b"!"]
    assert "slow down" in one.refusal and not one.ready
    assert one(b"") == []  # it is told once


@pytest.mark.parametrize("pieces", [[], PIECES[:-1]])
def test_a_stream_without_its_end_is_no_answer(pieces: list[bytes]) -> None:
    one = assembler()
    for piece in pieces:
        one(piece)
    assert one(b"") == [b"!"] and one.refusal


def test_what_cant_be_read_is_no_answer() -> None:
    def read(data: bytes, events: list[ir.Event]) -> None:
        raise ValueError("no such event")

    one = Assembler(Observer(RESPONSES), read, bytes, lambda error: error.message.encode())
    assert one(b"data: {}\n\n") == [b"The provider's stream can't be read: no such event"]
    assert one.refusal
