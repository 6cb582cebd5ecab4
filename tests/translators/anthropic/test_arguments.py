from __future__ import annotations

import pytest

from cliproxy.translators.anthropic.arguments import Closing, arguments_text, json_text
from cliproxy.translators.wire import arguments_object


@pytest.mark.parametrize("text", ["{}", '{"a":1}', "not json", "[1]", '"x"', '{"cut": "he', "null"])
def test_arguments_that_are_no_object_come_back_as_they_were(text: str) -> None:
    """Edge 16."""
    assert arguments_text(arguments_object(text)) == text


def test_none_is_an_empty_object() -> None:
    assert arguments_text(arguments_object("")) == "{}"


def test_lone_surrogates_pass() -> None:
    assert json_text({"a": "\ud83d"}) == '{"a":"\\ud83d"}'


@pytest.mark.parametrize(
    ("pieces", "closed"),
    [
        (("{}",), True),
        (('{"a":', "1}"), True),
        (('{"a":{', "}"), False),
        (('{"a":"}', '"'), False),
        (('{"a":"\\', '"}'), False),
        (('{"a":"\\', '\\"', "}"), True),
        (('{"a":[{}', "]}"), True),
        (("1",), False),
        ((), False),
    ],
)
def test_where_an_object_closes(pieces: tuple[str, ...], closed: bool) -> None:
    closing = Closing()
    for piece in pieces:
        closing.feed(piece)
    assert closing.closed is closed
