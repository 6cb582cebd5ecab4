from __future__ import annotations

import pytest

from cliproxy.translators.anthropic.models import model_of


@pytest.mark.parametrize(
    "name, budgets, adaptive, mid_system, output",
    [
        ("claude-2.1", False, False, False, 4096),
        ("claude-3-opus-20240229", False, False, False, 4096),
        ("claude-3-5-haiku-latest", False, False, False, 8192),
        ("claude-3-7-sonnet-20250219", True, False, False, 64000),
        ("claude-sonnet-4-20250514", True, False, False, 32000),
        ("claude-sonnet-4-0", True, False, False, 32000),
        ("claude-opus-4@20250514", True, False, False, 32000),
        ("anthropic.claude-sonnet-4-20250514-v1:0", True, False, False, 32000),
        ("anthropic/claude-haiku-4.5", True, False, False, 64000),
        ("claude-sonnet-4-5-20250929", True, False, False, 64000),
        ("claude-opus-4-6", True, True, False, 64000),
        ("claude-opus-4-7", False, True, False, 64000),
        ("claude-opus-4-8-20260528", False, True, True, 64000),
        ("claude-sonnet-5", False, True, True, 64000),
        ("claude-fable-12-1", False, True, True, 64000),
    ],
)
def test_what_a_name_tells(name: str, budgets: bool, adaptive: bool, mid_system: bool, output: int) -> None:
    model = model_of(name)
    assert (model.budgets, model.adaptive, model.mid_system, model.output) == (budgets, adaptive, mid_system, output)
    assert model.sealed
    assert model.default <= model.output


def test_imitators_are_no_claude() -> None:
    """DeepSeek and Moonshot on Anthropic's format sign nothing, and want their thoughts back."""
    assert not model_of("deepseek-chat").sealed
    assert model_of("my-sonnet").sealed
