"""What was said is masked, and how it was said stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from wires import chat_pieces, message_pieces

from cliproxy.cli.flows.pseudonyms import Fragment, Pseudonyms, masked


def body(value: Any) -> Any:
    return json.loads(Pseudonyms().body(json.dumps(value).encode()))


def test_letters_digits_and_all_else() -> None:
    assert masked("Call Ann at 10:45, ok?\n") == "Xxxx Xxx xx 00:00, xx?\n"
    for text in ("naïve café", "日本語", "Ωmega 𐐀", "👍 fine"):
        assert len(masked(text).encode()) == len(text.encode()) and masked(text) != text


def test_how_a_request_is_built_stays() -> None:
    asked = {
        "model": "gpt-5", "tool_choice": "auto", "stream": True, "max_tokens": 10,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Ann, 10"}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_a1", "type": "function",
                 "function": {"name": "mail", "arguments": '{"to": "Ann", "n": 3}'}},
            ]},
        ],
        "tools": [{"type": "function", "function": {
            "name": "mail", "description": "Mails Ann", "parameters": {
                "type": "object", "properties": {"to": {"type": "string", "enum": ["a"]}}, "required": ["to"],
            },
        }}],
    }  # fmt: skip
    made = body(asked)
    text = json.dumps(made)
    assert "Ann" not in text and "Mails" not in text
    assert made["messages"][0] == {"role": "user", "content": [{"type": "text", "text": "Xxx, 00"}]}
    assert made["messages"][1]["tool_calls"][0] == {
        "id": "call_a1", "type": "function", "function": {"name": "mail", "arguments": '{"to": "Xxx", "n": 3}'},
    }  # fmt: skip
    assert made["tools"][0]["function"]["parameters"] == asked["tools"][0]["function"]["parameters"]  # type: ignore[index]
    assert (made["model"], made["tool_choice"], made["max_tokens"]) == ("gpt-5", "auto", 10)


@pytest.mark.parametrize("key", ["input", "args", "metadata", "arguments"])
def test_no_word_in_a_tools_own_data_is_the_formats(key: str) -> None:
    assert body({key: {"name": "Ann", "id": "Ann", "deep": [{"type": "Ann"}]}, "name": "f"}) == {
        key: {"name": "Xxx", "id": "Xxx", "deep": [{"type": "Xxx"}]},
        "name": "f",
    }


def test_a_list_of_input_items_is_the_formats() -> None:
    assert body({"input": [{"type": "message", "role": "user", "content": "Ann"}]}) == {
        "input": [{"type": "message", "role": "user", "content": "Xxx"}]
    }
    assert body({"functionResponse": {"name": "f", "response": {"name": "Ann"}}}) == {
        "functionResponse": {"name": "f", "response": {"name": "Xxx"}}
    }


@pytest.mark.parametrize(
    "text",
    [
        '{ "a" :\t"Ann \\" \\u00e9 é",\n"b":[ 1,"Bo" ]}', "[]", '{"a":"\\ud83d\\ude00 Ann"}', "{broken: 'Ann",
        '{"a":"Ann', '{"a":[true,null,-1.5e3,"Ann"]}',
    ],
)  # fmt: skip
def test_the_spacing_stays_and_so_do_the_lengths(text: str) -> None:
    made = Pseudonyms().body(text.encode()).decode()
    assert "Ann" not in made and len(made.encode()) == len(text.encode())


@pytest.mark.parametrize("pieces", [chat_pieces(), message_pieces()])
def test_a_stream_is_masked_event_by_event(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    made = Pseudonyms().body(whole)
    assert len(made) == len(whole) and b"Hello" not in made and b"Xxxxx" in made
    assert made.count(b"data: ") == whole.count(b"data: ") and (b"[DONE]" in made) == (b"[DONE]" in whole)


def test_arguments_in_pieces_keep_their_keys() -> None:
    pieces = ['{"ci', 'ty": "Par', 'is", "days": [3, true, {"na', 'me":"x\\"y"}]}']
    for cut in (pieces, ["".join(pieces)], list("".join(pieces))):
        fragment = Fragment()
        assert "".join(map(fragment.feed, cut)) == '{"city": "Xxxxx", "days": [3, true, {"name":"x\\"x"}]}'
    events = [{"type": "content_block_delta", "index": 1, "delta": {"partial_json": piece}} for piece in pieces]
    made = Pseudonyms().body("".join(f"data: {json.dumps(event)}\n\n" for event in events).encode())
    told = [json.loads(line[6:])["delta"]["partial_json"] for line in made.decode().split("\n") if line]
    assert "".join(told) == '{"city": "Xxxxx", "days": [3, true, {"name":"x\\"x"}]}'


def test_the_deltas_of_responses_are_arguments_too() -> None:
    event = {"type": "response.function_call_arguments.delta", "item_id": "i", "delta": '{"city":"Paris"}'}
    assert body(event)["delta"] == '{"city":"Xxxxx"}'
    assert body({"type": "response.output_text.delta", "delta": '{"city"'})["delta"] == '{"xxxx"'


def test_what_is_neither_json_nor_a_stream_is_masked_whole() -> None:
    assert Pseudonyms().body(b"<html>Ann</html>") == b"<xxxx>Xxx</xxxx>"


def test_no_line_of_a_stream_is_left_out() -> None:
    lines = b'event: x\n: said by Ann\ndata: Ann\ndata: {"a":"Ann\xe2\x80\xa8Ann"}\n\ndata: [DONE]\n'
    made = Pseudonyms().body(lines)
    assert b"Ann" not in made and made.startswith(b"event: x\n") and made.endswith(b"data: [DONE]\n")
