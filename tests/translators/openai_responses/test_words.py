from __future__ import annotations

import pytest

from cliproxy.translators.losses import FEATURES
from cliproxy.translators.openai_responses import words


def test_supports_only_what_there_is() -> None:
    assert not words.SUPPORTS - FEATURES.keys()


@pytest.mark.parametrize(
    "name, legal", [("get_it-2", True), ("a" * 64, True), ("a" * 65, False), ("a.b", False), ("", False)]
)
def test_tool_name(name: str, legal: bool) -> None:
    assert bool(words.TOOL_NAME.fullmatch(name)) is legal


def test_both_ways_of_an_end_agree() -> None:
    for reason, word in words.INCOMPLETE_OF_FINISH.items():
        assert word is None or words.FINISH_OF_INCOMPLETE[word] == reason
