"""A streamed answer on its way: when its first byte may be sent, and what is said when it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from exchanges import request
from wires import chat_pieces, message_pieces, sse

from cliproxy.addons.exchange import Recording, Sent
from cliproxy.addons.relay import HELD_BYTES, Relay, Spent
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

CHAT, ANTHROPIC = FORMATS["openai_chat"], FORMATS["anthropic"]
CONTEXT = ir.Context("abc", 1, ir.Request("m", stream=True))
REFUSAL = sse({"error": {"message": "overloaded", "type": "server_error", "code": 503}})


def same(recording: Recording | None = None) -> Relay:
    return Relay(Observer(CHAT), None, CHAT.StreamRenderer(CONTEXT), recording)


def translated(recording: Recording | None = None) -> Relay:
    translator = StreamTranslator(CHAT, ANTHROPIC, CONTEXT, Restorer({}, frozenset()))
    return Relay(translator.observer, translator, translator.renderer, recording)


def run(relay: Relay, pieces: Iterable[bytes]) -> bytes:
    return b"".join(chunk for piece in (*pieces, b"") for chunk in relay(piece))


# -- the same format ----------------------------------------------------------------------


def test_the_bytes_of_the_same_format_stay() -> None:
    assert run(same(), chat_pieces()) == b"".join(chat_pieces())


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_bytes_stay_however_they_are_cut(size: int) -> None:
    whole = b"".join(chat_pieces())
    assert run(same(), [whole[at : at + size] for at in range(0, len(whole), size)]) == whole


def test_each_call_gives_one_write_or_none() -> None:
    relay = same()
    assert [len(relay(piece)) for piece in chat_pieces()] == [1] * len(chat_pieces())
    assert relay(b"") == []


def test_nothing_is_let_through_before_the_first_event() -> None:
    relay, first = same(), chat_pieces()[0]
    assert (relay(b": ping\n\n"), relay.ready) == ([], False)
    assert (relay(first[:10]), relay.ready) == ([], False)
    assert (relay(first[10:]), relay.ready) == ([b": ping\n\n" + first], True)


@pytest.mark.parametrize("make", [same, translated])
def test_an_error_in_place_of_an_answer_is_a_refusal(make: Any) -> None:
    relay = make()
    assert relay(REFUSAL) == []
    assert (relay.ready, relay.refusal) == (False, "overloaded")


@pytest.mark.parametrize("make", [same, translated])
def test_a_stream_that_ends_before_it_began_is_a_refusal(make: Any) -> None:
    relay = make()
    assert relay(b"") == []
    assert relay.refusal and not relay.ready


def test_an_error_after_the_first_event_is_passed_on() -> None:
    relay = same()
    begun = chat_pieces()[1]
    assert (relay(begun), relay(REFUSAL), relay.refusal) == ([begun], [REFUSAL], "")


@pytest.mark.parametrize("broken, added", [("", False), ("peer closed connection", True)])
def test_a_word_of_our_own_is_added_only_where_the_connection_broke(broken: str, added: bool) -> None:
    relay = same()
    pieces = chat_pieces()[:2]
    for piece in pieces:
        relay(piece)
    relay.broken = broken
    last = relay(b"")
    assert bool(last) is added
    if added:
        assert "error" in json.loads(last[0].removeprefix(b"data: "))


def test_a_complete_answer_needs_no_word_of_ours_even_if_the_connection_breaks_behind_it() -> None:
    relay = same()
    for piece in chat_pieces():
        relay(piece)
    relay.broken = "peer closed connection"
    assert relay(b"") == []


def test_what_cant_be_read_is_passed_on_unread() -> None:
    noise = b"data: {no json\n\n"
    assert run(same(), [noise, b"more"]) == noise + b"more"


def test_a_stream_that_never_says_anything_is_let_through_at_last() -> None:
    relay = same()
    comment = b": " + b"x" * 65_536 + b"\n\n"
    held = [relay(comment) for _ in range(HELD_BYTES // len(comment))]
    assert not any(held) and not relay.ready
    assert b"".join(relay(comment)) == comment * (len(held) + 1)


def test_release_lets_through_what_waited_once() -> None:
    relay = same()
    relay(b": ping\n\n")
    assert (relay.release(), relay.ready, relay.release()) == ([b": ping\n\n"], True, [])


# -- another format -----------------------------------------------------------------------


def test_a_stream_is_translated_as_it_comes() -> None:
    text = run(translated(), chat_pieces()).decode()
    events = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert events[0] == "message_start" and events[-1] == "message_stop"
    assert "Hello" in text


def test_a_translated_stream_that_breaks_off_ends_with_an_error_event() -> None:
    text = run(translated(), chat_pieces()[:3]).decode()
    assert text.count("event: error") == 1 and "message_stop" not in text


def test_a_stream_in_the_wrong_format_is_told_as_an_error() -> None:
    relay = translated()
    out = run(relay, message_pieces())
    assert relay.refusal or b"error" in out


class Faulty(StreamTranslator):
    """Gives up at the second piece."""

    calls = 0

    def feed(self, data: bytes) -> list[bytes]:
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("a defect of ours")
        return super().feed(data)


@pytest.mark.parametrize("first", [chat_pieces()[0] + chat_pieces()[1], b": ping\n\n"], ids=["begun", "not begun"])
def test_a_defect_of_ours_is_one_error_event_and_nothing_after(first: bytes, caplog: Any) -> None:
    translator = Faulty(CHAT, ANTHROPIC, CONTEXT, Restorer({}, frozenset()))
    relay = Relay(translator.observer, translator, translator.renderer)
    relay(first)
    (told,) = relay(chat_pieces()[2])
    assert told.count(b"event: error") == 1 and b"could not be read" in told
    assert [relay(piece) for piece in (*chat_pieces(), b"")] == [[]] * (len(chat_pieces()) + 1)
    assert (isinstance(relay, Spent), relay.ready, relay.refusal) == (True, True, "")
    assert "The provider's stream could not be carried on" in caplog.text


# -- recording ----------------------------------------------------------------------------


def test_both_sides_are_recorded_piece_by_piece() -> None:
    recording = Recording([Sent(request())])
    answered = run(translated(recording), chat_pieces())
    assert [data for _, data in recording.last.received] == chat_pieces()
    assert b"".join(recording.answered) == answered
    times = [at for at, _ in recording.last.received]
    assert times == sorted(times)


def test_what_waited_is_recorded_when_it_is_let_through() -> None:
    recording = Recording([Sent(request())])
    relay = same(recording)
    relay(b": ping\n\n")
    assert recording.answered == []
    relay.release()
    assert recording.answered == [b": ping\n\n"]


# -- who watches ---------------------------------------------------------------------------


def test_whoever_watches_sees_what_the_client_is_sent() -> None:
    seen: list[bytes] = []
    relay = Relay(Observer(CHAT), None, CHAT.StreamRenderer(CONTEXT), watch=seen.extend)
    sent = run(relay, chat_pieces())
    assert b"".join(seen) == sent


def test_also_what_was_held_back() -> None:
    seen: list[bytes] = []
    relay = Relay(Observer(CHAT), None, CHAT.StreamRenderer(CONTEXT), watch=seen.extend)
    relay(b": ping\n\n")
    assert seen == []
    relay.release()
    assert seen == [b": ping\n\n"]
