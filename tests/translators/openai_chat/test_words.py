import pytest

from cliproxy.translators import ir, losses
from cliproxy.translators.openai_chat.words import FINISH, REASON, SUPPORTS, TOOL_NAME, settle


def test_supports_names_features() -> None:
    assert set(losses.FEATURES) >= SUPPORTS


@pytest.mark.parametrize("word", ["stop", "length", "tool_calls", "content_filter"])
def test_words_for_the_end_go_both_ways(word: ir.FinishReason) -> None:
    assert REASON[FINISH[word]] == word


@pytest.mark.parametrize(
    ("reason", "called", "expected"),
    [
        ("stop", True, "tool_calls"),
        ("stop", False, "stop"),
        ("tool_calls", True, "tool_calls"),
        ("tool_calls", False, "stop"),
        ("length", True, "length"),
        ("content_filter", True, "content_filter"),
    ],
)
def test_settle(reason: ir.FinishReason, called: bool, expected: str) -> None:
    """pains.md edge case 7; router-for-me/CLIProxyAPI#876."""
    assert settle(reason, called) == expected


@pytest.mark.parametrize(("name", "legal"), [("a-b_C9", True), ("a.b", False), ("", False), ("a" * 65, False)])
def test_tool_name(name: str, legal: bool) -> None:
    assert bool(TOOL_NAME.fullmatch(name)) == legal
