"""A provider's stream, watched as it passes or brought into another format."""

from __future__ import annotations

from wires import chat_pieces, sse

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

CHAT, ANTHROPIC = FORMATS["openai_chat"], FORMATS["anthropic"]


def translator() -> StreamTranslator:
    context = ir.Context("abc", 1, ir.Request("m", stream=True))
    return StreamTranslator(CHAT, ANTHROPIC, context, Restorer({}, frozenset()))


def test_the_observer_collects_the_answer() -> None:
    observer = Observer(CHAT)
    for piece in (*chat_pieces(), b""):
        observer.feed(piece)
    assert observer.collected.response().parts == (ir.Text("Hello there"),)
    assert observer.collected.finish and observer.collected.finish.reason == "stop"


def test_a_stream_without_its_end_is_an_error() -> None:
    observer = Observer(CHAT)
    observer.feed(chat_pieces()[1])
    (last,) = observer.feed(b"")
    assert isinstance(last, ir.Error) and observer.collected.error == last and not observer.lost


def test_what_cant_be_read_is_one_error_and_is_not_read_on() -> None:
    observer = Observer(CHAT)
    (error,) = observer.feed(b"data: {no json\n\n")
    assert isinstance(error, ir.Error) and (error.status, observer.lost) == (502, True)
    assert (observer.feed(chat_pieces()[0]), observer.feed(b"")) == ([], [])


def test_nothing_is_sent_after_the_terminal_event() -> None:
    one = translator()
    sent = [one.feed(piece) for piece in (*chat_pieces(), *chat_pieces(), b"")]
    text = b"".join(chunk for chunks in sent for chunk in chunks)
    assert text.count(b"event: message_stop") == 1
    assert text.endswith(b'data: {"type":"message_stop"}\n\n')


def test_after_an_error_nothing_follows() -> None:
    one = translator()
    one.feed(chat_pieces()[1])
    one.feed(sse({"error": {"message": "boom"}}))
    assert [one.feed(piece) for piece in (*chat_pieces(), b"")] == [[]] * (len(chat_pieces()) + 1)
