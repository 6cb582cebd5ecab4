"""The response objects in an answer, however it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from wires import response, response_stream, sse

from cliproxy.addons.responses.watcher import Watcher

STREAM = b"".join(response_stream().pieces)


def watched(more: bool = True) -> tuple[Watcher, list[tuple[Any, bool]]]:
    seen: list[tuple[Any, bool]] = []

    def note(one: Any, last: bool) -> bool:
        seen.append((one["status"], last))
        return more

    return Watcher(note), seen


@pytest.mark.parametrize("size", [1, 50, 100_000])
def test_first_and_last_however_they_are_cut(size: int) -> None:
    watcher, seen = watched()
    for at in range(0, len(STREAM), size):
        watcher.feed([STREAM[at : at + size]])
    assert seen == [("in_progress", False), ("completed", True)]


def test_it_stops_when_no_more_is_wanted() -> None:
    watcher, seen = watched(more=False)
    watcher.feed([STREAM])
    assert seen == [("in_progress", False)]


def test_a_whole_answer() -> None:
    watcher, seen = watched()
    watcher.whole(response().pieces[0])
    assert seen == [("completed", True)]


@pytest.mark.parametrize("content", [b"no JSON", b"[]", b'{"error": {}}', b""])
def test_what_is_no_response_is_passed_over(content: bytes) -> None:
    watcher, seen = watched()
    watcher.whole(content)
    assert seen == []


def test_text_that_speaks_of_an_event_is_none() -> None:
    watcher, seen = watched()
    watcher.feed([sse({"type": "response.output_text.delta", "delta": 'say "response.completed"'}), sse("[DONE]")])
    watcher.feed([sse({"type": "response.failed", "response": {"status": "failed"}})])
    assert seen == [("failed", True)]


def test_an_output_that_is_left_empty_is_what_the_items_were() -> None:
    outputs: list[Any] = []
    item = {"type": "message", "content": []}
    for told in ([], [{"its": "own"}]):
        watcher = Watcher(lambda one, last: outputs.append(one["output"]) is None)
        watcher.feed([sse({"type": "response.output_item.done", "output_index": 0, "item": item})])
        watcher.feed([sse({"type": "response.completed", "response": {"output": told}})])
    assert outputs == [[item], [{"its": "own"}]]


def test_it_never_raises() -> None:
    watcher, seen = watched()
    watcher.feed([b'data: {"type":"response.created", nonsense\n\n'])
    watcher.feed([STREAM])
    assert seen == []
    json.loads(response().pieces[0])
