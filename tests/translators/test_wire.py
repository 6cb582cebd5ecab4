"""Reading JSON field by field: what was taken, what is left, and the sentence for what does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import wire
from cliproxy.translators.ir import BadAnswer, BadRequest, Extra
from cliproxy.translators.wire import Fields


def test_what_nobody_took_is_left_for_the_format_that_said_it() -> None:
    fields = Fields({"a": 1, "b": "x", "c": None, "d": []})
    assert (fields.integer("a"), fields.text("b")) == (1, "x")
    assert fields.rest("f") == Extra("f", {"d": []})
    assert Fields({"c": None}).rest("f") is None


def test_null_is_absent() -> None:
    fields = Fields({"t": None, "n": None, "f": None, "l": None, "o": None})
    assert fields.text("t", "") == ""
    assert (fields.number("n"), fields.flag("f"), fields.fields("o")) == (None, None, None)
    assert list(fields.each("l")) == []


FAULTS: list[tuple[Any, str]] = [
    (lambda: Fields("x"), "The body must be an object, not 'x'."),
    (lambda: Fields({}).text("model"), "model must be a string, not null."),
    (lambda: Fields({"n": "1"}, "a").number("n"), "a.n must be a number, not '1'."),
    (lambda: Fields({"n": True}).number("n"), "n must be a number, not true or false."),
    (lambda: Fields({"n": 1.5}).integer("n"), "n must be a whole number, not a number."),
    (lambda: Fields({"f": 1}).flag("f"), "f must be true or false, not a number."),
    (lambda: list(Fields({"m": {}}).each("m")), "m must be a list, not an object."),
    (lambda: list(Fields({"m": [{}, 3]}).each("m")), "m[1] must be an object, not a number."),
    (lambda: Fields({"s": [1]}).texts("s"), "s must be a string or a list of strings, not a list."),
    (lambda: Fields({"r": "boss"}).word("r", {"user": 1, "tool": 2}), "r must be one of user, tool, not 'boss'."),
    (lambda: [f.text("t") for f in Fields({"m": [{"t": 1}]}).each("m")], "m[0].t must be a string, not a number."),
]  # fmt: skip


@pytest.mark.parametrize("read, sentence", FAULTS, ids=[sentence for _, sentence in FAULTS])
def test_a_fault_says_what_is_wrong_where_and_what_would_be_right(read: Any, sentence: str) -> None:
    with pytest.raises(BadRequest) as fault:
        read()
    assert str(fault.value) == sentence


def test_an_answer_that_does_not_fit_is_the_providers_fault() -> None:
    with pytest.raises(BadAnswer):
        Fields([], raise_=BadAnswer)


def test_lone_surrogates_and_huge_integers_pass() -> None:
    text = '{"a":"\\ud83d","n":123456789012345678901234567890}'
    assert wire.loads(wire.dumps(wire.loads(text))) == wire.loads(text)


@pytest.mark.parametrize("text", ["", "{", "[1,]", "\x00", '{"a":\n"b" c}', "[" * 100_000])
def test_broken_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        wire.loads(text)


def test_the_place_of_the_fault_is_said() -> None:
    with pytest.raises(ValueError, match="line 2 column 5"):
        wire.loads(b'{"a":\n"b" c}')


def test_compact_and_extra_of() -> None:
    assert wire.compact({"a": None, "b": 0, "c": []}) == {"b": 0, "c": []}
    assert wire.extra_of(Extra("x", {"a": 1}), "x") == {"a": 1}
    assert wire.extra_of(Extra("x", {"a": 1}), "y") == wire.extra_of(None, "y") == {}
