from __future__ import annotations

import pytest

from cliproxy.translators.anthropic.arguments import arguments_text, json_text
from cliproxy.translators.wire import arguments_object


@pytest.mark.parametrize("text", ["{}", '{"a":1}', "not json", "[1]", '"x"', '{"cut": "he', "null"])
def test_arguments_that_are_no_object_come_back_as_they_were(text: str) -> None:
    """Edge 16."""
    assert arguments_text(arguments_object(text)) == text


def test_none_is_an_empty_object() -> None:
    assert arguments_text(arguments_object("")) == "{}"


def test_lone_surrogates_pass() -> None:
    assert json_text({"a": "\ud83d"}) == '{"a":"\\ud83d"}'
