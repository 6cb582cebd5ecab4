"""Earlier items as the input of the next request."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons.responses.transcript import items_of, said_again

TEXT = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}


@pytest.mark.parametrize("value, items", [(None, []), ("Hi", [TEXT]), ([TEXT], [TEXT]), (7, None), ({"a": 1}, None)])
def test_items_of(value: Any, items: list[Any] | None) -> None:
    assert items_of(value) == items


def test_ids_that_a_provider_gave_are_not_told_to_another() -> None:
    said = said_again([
        {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": []},
        {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "look", "arguments": "{}"},
        {"role": "user", "content": "no type is a message", "id": "x"},
    ])  # fmt: skip
    assert said == [
        {"type": "message", "role": "assistant", "content": []},
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"role": "user", "content": "no type is a message"},
    ]


def test_a_thought_goes_on_with_its_seal_only() -> None:
    sealed = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "seal"}
    bare = {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "thought"}]}
    assert said_again([sealed, bare]) == [{"type": "reasoning", "summary": [], "encrypted_content": "seal"}]


def test_items_that_are_nothing_without_their_id_keep_it() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    assert said_again([search]) == [search]
