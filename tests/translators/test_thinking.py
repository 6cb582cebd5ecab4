"""Effort words, budgets and the suffix on a model's name, as tables (pains.md, edge case 20)."""

from __future__ import annotations

import pytest

from cliproxy.translators.ir import Effort, Thinking
from cliproxy.translators.thinking import BUDGETS, budget_of, effort_of, nearest, split_suffix


@pytest.mark.parametrize("effort", BUDGETS)
def test_an_effort_survives_the_way_through_a_budget(effort: Effort) -> None:
    assert effort_of(Thinking(budget=budget_of(Thinking(effort=effort)))) == effort


@pytest.mark.parametrize(
    "budget, effort",
    [(0, "none"), (1, "minimal"), (1024, "minimal"), (1025, "low"), (8192, "medium"), (31999, "xhigh"), (10**6, "max")],
)
def test_a_budget_is_the_smallest_effort_that_covers_it(budget: int, effort: Effort) -> None:
    assert effort_of(Thinking(budget=budget)) == effort


def test_where_the_model_decides_nothing_is_made_up() -> None:
    assert effort_of(Thinking(budget=-1)) is None
    assert budget_of(Thinking(adaptive=True)) is None


@pytest.mark.parametrize(
    "effort, allowed, near",
    [
        ("max", ("low", "medium", "high"), "high"),
        ("minimal", ("low", "high"), "low"),
        ("none", ("minimal", "low"), "minimal"),
        ("medium", ("low", "high"), "low"),
    ],
)
def test_nearest(effort: Effort, allowed: tuple[Effort, ...], near: Effort) -> None:
    assert nearest(effort, allowed) == near


@pytest.mark.parametrize(
    "name, model, thinking",
    [
        ("gpt-5(high)", "gpt-5", Thinking(effort="high")),
        ("claude-x(8192)", "claude-x", Thinking(budget=8192)),
        ("m(-1)", "m", Thinking(budget=-1)),
        ("m(auto)", "m", Thinking(budget=-1, adaptive=True)),
        ("m(none)", "m", Thinking(effort="none")),
        ("m(beta)", "m(beta)", None),
        ("m", "m", None),
        ("(high)", "(high)", None),
    ],
)
def test_the_suffix_of_a_models_name(name: str, model: str, thinking: Thinking | None) -> None:
    assert split_suffix(name) == (model, thinking)
