"""The whole answer of a Responses stream, in the stream's own bytes."""

from __future__ import annotations

import json

import pytest

from cliproxy.translators.openai_responses.assembled import Assembled

ITEMS = [b'{ "type":"reasoning","encrypted_content":"x/+="}', b'{"type":"message",  "content":[]}']
FULL = b'{"id":"resp_1" , "status":"completed","output":[' + b",".join(ITEMS) + b'],"n":1.0e2}'
EMPTY = b'{"id":"resp_1" , "status":"completed","output":[],"n":1.0e2}'


def done(index: int) -> bytes:
    return (
        b'event: response.output_item.done\ndata: {"type":"response.output_item.done","output_index":%d,"item":%s}\n\n'
        % (index, ITEMS[index])
    )


def end(answer: bytes, kind: bytes = b"response.completed", named: bool = True) -> bytes:
    name = b"event: " + kind + b"\n" if named else b""
    return name + b'data: {"type":"' + kind + b'","response":' + answer + b"}\n\n"


CREATED = b'event: response.created\ndata: {"type":"response.created","response":{"output":[]}}\n\n'


def whole(stream: bytes, size: int = 10_000) -> bytes:
    made = Assembled()
    for at in range(0, len(stream), size):
        made.feed(stream[at : at + size])
    made.feed(b"")
    return made.whole()


@pytest.mark.parametrize("size", [1, 50, 10_000])
@pytest.mark.parametrize("kind", [b"response.completed", b"response.incomplete", b"response.failed"])
def test_the_answer_is_the_last_events_own(kind: bytes, size: int) -> None:
    assert whole(CREATED + done(0) + done(1) + end(FULL, kind), size) == FULL


def test_an_output_that_was_left_empty_is_what_the_items_were() -> None:
    assert whole(CREATED + done(1) + done(0) + end(EMPTY)) == FULL
    assert json.loads(whole(end(EMPTY)))["output"] == []


def test_events_may_lack_their_names() -> None:
    assert whole(end(FULL, named=False)) == FULL


def test_without_an_end_there_is_no_answer() -> None:
    assert whole(CREATED + done(0)) == b""
