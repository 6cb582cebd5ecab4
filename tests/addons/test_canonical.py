"""What counts of a request, and how a difference is told."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.addons.canonical import VOLATILE, canonical, differences
from cliproxy.translators.formats import FORMATS

SESSIONS = ("0b5c7d0e-1111-4222-8333-444455556666", "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE")


def text(value: str) -> Any:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": value}]}]}


@pytest.mark.parametrize(
    "one, other",
    [
        ("session " + SESSIONS[0], "session " + SESSIONS[1]),
        ("Today's date is 2026-01-02.", "Today's date is 2027-11-30."),
        ("at 2026-01-02T03:04:05.678Z", "at 2026-01-02 03:04:05+01:00"),
        ("cwd /tmp/tmp.aB3/proj/secret.txt", "cwd /tmp/tmp.ZZ9/proj/secret.txt"),
        ("in /tmp/pytest-of-me/pytest-1/test_a0/x", "in /private/tmp/pytest-of-you/pytest-22/test_a0/x"),
        ("in /var/folders/ab/cd12/T/one/x", "in /tmp/one/x"),
        ("x-anthropic-billing-header: cc_version=2.1; cch=1", "x-anthropic-billing-header: cc_version=2.2; cch=2"),
    ],
)
def test_what_varies_in_a_text_does_not_count(one: str, other: str) -> None:
    assert canonical("anthropic", text(one)) == canonical("anthropic", text(other))


@pytest.mark.parametrize(
    "one, other",
    [("Hello", "Hello!"), ("read a.txt", "read b.txt"), ("/tmp/a/x", "/tmp/a/y"), ("1234-56", "1234-57"), ("1", "2")],
)
def test_what_is_asked_counts(one: str, other: str) -> None:
    assert canonical("anthropic", text(one)) != canonical("anthropic", text(other))


@pytest.mark.parametrize(
    "format, fields",
    [
        ("anthropic", {"metadata": {"user_id": "u1"}}),
        ("openai_chat", {"user": "u", "prompt_cache_key": "p", "metadata": {"a": "b"}, "safety_identifier": "s"}),
        ("openai_responses", {"prompt_cache_key": "p", "client_metadata": {"a": 1}}),
        ("openai_completions", {"user": "u"}),
    ],
)
def test_volatile_fields_do_not_count(format: str, fields: dict[str, Any]) -> None:
    assert canonical(format, {"a": 1, **fields}) == {"a": 1}
    assert canonical("gemini", {"a": 1, **fields}) == {"a": 1, **fields}


def test_volatile_fields_may_lie_deep() -> None:
    calls = [{"parts": [{"functionCall": {"id": "1", "name": "f"}}, {"text": "a"}]}]
    assert canonical("gemini", {"contents": calls}) == {
        "contents": [{"parts": [{"functionCall": {"name": "f"}}, {"text": "a"}]}]
    }
    assert calls[0]["parts"][0]["functionCall"] == {"id": "1", "name": "f"}
    items = [{"id": "msg_1", "role": "user"}, "text", {"role": "user"}]
    assert canonical("openai_responses", {"input": items}) == {"input": [{"role": "user"}, "text", {"role": "user"}]}
    assert canonical("openai_responses", {"input": "id"}) == {"input": "id"}


@pytest.mark.parametrize(
    "ignored, left",
    [
        ("system", {"messages": [{"a": 1, "b": 2}, {"a": 3}]}),
        ("messages.*.a", {"system": "s", "messages": [{"b": 2}, {}]}),
        ("messages.0.a", {"system": "s", "messages": [{"b": 2}, {"a": 3}]}),
        ("messages.0", {"system": "s", "messages": [{"a": 3}]}),
        ("messages.*", {"system": "s", "messages": []}),
        ("*", {}),
        ("nothing.like.this", {"system": "s", "messages": [{"a": 1, "b": 2}, {"a": 3}]}),
        ("system.deeper", {"system": "s", "messages": [{"a": 1, "b": 2}, {"a": 3}]}),
    ],
)
def test_users_name_further_fields(ignored: str, left: Any) -> None:
    body = {"system": "s", "messages": [{"a": 1, "b": 2}, {"a": 3}]}
    assert canonical("anthropic", body, [ignored]) == left


def test_every_format_says_what_is_volatile() -> None:
    assert VOLATILE.keys() == FORMATS.keys()


@pytest.mark.parametrize(
    "recorded, asked, told",
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, ["a: 1 was recorded, true is asked"]),
        ({"a": None}, {"a": {}}, ["a: null was recorded, an object is asked"]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, ['a.b: "x" was recorded, "y" is asked']),
        ({"a": 1}, {"b": 1}, ["a: 1 was recorded, nothing is asked", "b: nothing was recorded, 1 is asked"]),
        ([1, 2], [1], [": a list of 2 was recorded, a list of 1 is asked"]),
        ({"m": [{"c": "x"}]}, {"m": [{"c": "y"}]}, ['m[0].c: "x" was recorded, "y" is asked']),
        ({"m": []}, {"m": "text"}, ['m: a list was recorded, "text" is asked']),
    ],
)
def test_differences_are_told_with_their_place(recorded: Any, asked: Any, told: list[str]) -> None:
    assert [one.told() for one in differences(recorded, asked)] == told


def test_a_long_text_is_shown_where_it_begins_to_differ() -> None:
    (told,) = differences({"a": "x" * 500 + "one" + "y" * 99}, {"a": "x" * 500 + "two" + "y" * 99})
    assert "xone" in told.first and "xtwo" in told.second and len(told.told()) < 150


def test_a_difference_is_told_in_one_line() -> None:
    (one,) = differences({"content": "a\nb"}, {"content": 'a\n"c"'})
    assert one.told() == 'content: "a\\nb" was recorded, "a\\n\\"c\\"" is asked'
