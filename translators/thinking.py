"""How formats spell the amount of reasoning: effort words, token budgets, a suffix on the model's name."""

from __future__ import annotations

import re
from typing import cast, get_args

from .ir import Effort, Thinking

BUDGETS: dict[Effort, int] = {
    "none": 0,
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 24576,
    "xhigh": 32768,
    "max": 65536,
}
"""Tokens that an effort is worth where only a budget can be said. Ours: no provider publishes such a table."""
EFFORTS = cast("tuple[Effort, ...]", get_args(Effort.__value__))
_SUFFIX = re.compile(r"^(?P<model>.+)\((?P<amount>[a-z]+|-?\d+)\)$")


def effort_of(thinking: Thinking) -> Effort | None:
    """The effort said, or the smallest whose budget covers the one said; None when the model shall decide."""
    if thinking.effort is not None or thinking.budget is None or thinking.budget < 0:
        return thinking.effort
    budget = thinking.budget
    return next((effort for effort, worth in BUDGETS.items() if budget <= worth), "max")


def budget_of(thinking: Thinking) -> int | None:
    """The budget said, or what the effort is worth; -1 or None when the model shall decide."""
    if thinking.budget is not None or thinking.effort is None:
        return thinking.budget
    return BUDGETS[thinking.effort]


def nearest(effort: Effort, allowed: tuple[Effort, ...]) -> Effort:
    """The word of `allowed` that is nearest to `effort`; the smaller of two equally near."""
    rank = EFFORTS.index(effort)
    return min(allowed, key=lambda word: (abs(EFFORTS.index(word) - rank), EFFORTS.index(word)))


def split_suffix(model: str) -> tuple[str, Thinking | None]:
    """``gpt-5(high)`` → gpt-5 with effort high; ``claude-x(8192)`` → a budget; ``(auto)``: the model decides."""
    match = _SUFFIX.match(model)
    if not match:
        return model, None
    amount = match["amount"]
    if amount.lstrip("-").isdigit():
        return match["model"], Thinking(budget=int(amount))
    if amount == "auto":
        return match["model"], Thinking(budget=-1, adaptive=True)
    effort = next((word for word in EFFORTS if word == amount), None)
    return (match["model"], Thinking(effort=effort)) if effort else (model, None)
