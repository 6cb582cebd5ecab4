from __future__ import annotations

from typing import get_args

import pytest

from cliproxy.translators import ir
from cliproxy.translators.anthropic.words import FINISH, STOP_REASON, SUPPORTS, TOOL_NAME, settled, stop_reason
from cliproxy.translators.losses import FEATURES


def test_every_reason_has_a_word() -> None:
    reasons = set(get_args(ir.FinishReason.__value__))
    assert STOP_REASON.keys() == reasons
    assert set(FINISH.values()) <= reasons
    assert FEATURES.keys() >= SUPPORTS


@pytest.mark.parametrize(
    "reason, called, word",
    [
        ("stop", False, "end_turn"),
        ("stop", True, "tool_use"),
        ("tool_calls", True, "tool_use"),
        ("tool_calls", False, "end_turn"),
        ("length", True, "max_tokens"),
        ("content_filter", True, "refusal"),
        ("pause", False, "pause_turn"),
    ],
)
def test_a_call_decides_between_stop_and_tool_use(reason: ir.FinishReason, called: bool, word: str) -> None:
    """Edge 7; router-for-me/CLIProxyAPI#876: tool_calls overwritten by stop, max_tokens reported as end_turn."""
    assert stop_reason(ir.Finish(reason), called, declined=False) == word


def test_a_stop_sequence_and_a_refusal_are_stops_of_their_own() -> None:
    assert stop_reason(ir.Finish("stop", stop_sequence="END"), False, False) == "stop_sequence"
    assert stop_reason(ir.Finish("stop"), False, declined=True) == "refusal"
    assert settled("length", True) == "length"


@pytest.mark.parametrize(
    "name, legal", [("look_at-it", True), ("a" * 64, True), ("a" * 65, False), ("a.b", False), ("", False)]
)
def test_tool_names(name: str, legal: bool) -> None:
    assert bool(TOOL_NAME.fullmatch(name)) is legal
