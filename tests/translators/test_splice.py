"""Changing members of a JSON object leaves every other byte alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliproxy.translators.splice import Changes, member, spliced

BODY = b' {"model" : "a\\"},{", "x":{"model": [1, "]"]} ,\n "n" : 1.0e5,"m":null } '


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({}, BODY),
        ({"model": b'"b"'}, BODY.replace(b'"a\\"},{"', b'"b"')),
        ({"model": None}, b' {"x":{"model": [1, "]"]} ,\n "n" : 1.0e5,"m":null } '),
        ({"x": None}, b' {"model" : "a\\"},{" ,\n "n" : 1.0e5,"m":null } '),
        ({"m": None}, b' {"model" : "a\\"},{", "x":{"model": [1, "]"]} ,\n "n" : 1.0e5 } '),
        ({"model": None, "x": None, "n": None, "m": None}, b" { } "),
        ({"model": None, "new": b"{}"}, b' {"new":{},"x":{"model": [1, "]"]} ,\n "n" : 1.0e5,"m":null } '),
        ({"absent": None}, BODY),
        ({"n": b"2", "y": b"1"}, BODY.replace(b"1.0e5", b"2").replace(b"{", b'{"y":1,', 1)),
    ],
)
def test_only_what_is_named_changes(changes: Changes, expected: bytes) -> None:
    assert spliced(BODY, changes) == expected


@pytest.mark.parametrize(
    "text, changes, expected",
    [
        (b"{}", {"a": b"1", "b": b"2"}, b'{"a":1,"b":2}'),
        (b'{"a":1}', {"a": None, "b": b"2"}, b'{"b":2}'),
        (b'{"a":1,"a":2}', {"a": b"3"}, b'{"a":3,"a":3}'),
        (b'{"a":1,"a":2,"b":3}', {"a": None}, b'{"b":3}'),
        (b'{"\\u0061":1}', {"a": b"3"}, b'{"\\u0061":3}'),
        (b'{"":"",":":","}', {"": None}, b'{":":","}'),
    ],
)
def test_edges(text: bytes, changes: Changes, expected: bytes) -> None:
    assert spliced(text, changes) == expected


def test_a_member_is_read_as_it_is_written() -> None:
    assert member(BODY, "x") == b'{"model": [1, "]"]}'
    assert (member(BODY, "n"), member(BODY, "m"), member(BODY, "y")) == (b"1.0e5", b"null", None)
    assert member(b'{"a":1,"a":2}', "a") == b"2"


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NAMES = st.text(max_size=2)


@given(st.dictionaries(NAMES, JSON), st.dictionaries(NAMES, st.none() | st.just(7)), st.sampled_from([None, 1]))
def test_what_comes_out_is_the_object_with_the_changes(body: Any, changes: Any, indent: int | None) -> None:
    text = json.dumps(body, indent=indent, ensure_ascii=bool(indent)).encode("utf-8", "surrogatepass")
    done = spliced(text, {name: None if value is None else b"7" for name, value in changes.items()})
    wanted = {name: value for name, value in {**body, **changes}.items() if name not in changes or value is not None}
    wanted = {n: v for n, v in wanted.items() if not (n in changes and changes[n] is None)}
    assert json.loads(done.decode("utf-8", "surrogatepass")) == wanted


def test_a_deep_and_a_long_body_take_a_single_pass() -> None:
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b',"b":"' + b"\\\\" * 1_000_000 + b'"}'
    assert spliced(deep, {"b": b"1"}).endswith(b',"b":1}')
