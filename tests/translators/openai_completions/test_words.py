import pytest

from cliproxy.translators import ir, losses
from cliproxy.translators.openai_completions.words import FINISH, REASON, SUPPORTS


def test_supports_names_features() -> None:
    assert set(losses.FEATURES) >= SUPPORTS


@pytest.mark.parametrize("word", ["stop", "length", "content_filter"])
def test_words_for_the_end_go_both_ways(word: ir.FinishReason) -> None:
    assert REASON[FINISH[word]] == word
