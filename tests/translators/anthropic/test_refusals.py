from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir
from cliproxy.translators.anthropic.refusals import refused

HELLO = ir.Message("user", (ir.Text("hello"),))
THINK = ir.Thinking(budget=2048)
CASES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("claude-sonnet-4-5", {"temperature": 0.5}, set()),
    ("claude-opus-4-8", {"temperature": 0.5, "top_p": 0.9, "top_k": 3}, {"temperature", "top_p", "top_k"}),
    ("claude-sonnet-4-5", {"temperature": 0.5, "top_p": 0.9}, {"top_p"}),
    ("claude-sonnet-4-0", {"temperature": 0.5, "top_p": 0.9}, set()),
    ("claude-sonnet-4-5", {"temperature": 0.5, "thinking": THINK}, {"temperature"}),
    ("claude-sonnet-4-5", {"temperature": 1, "thinking": THINK}, set()),
    ("claude-sonnet-4-5", {"top_k": 3, "top_p": 0.9, "thinking": THINK}, {"top_k", "top_p"}),
    ("claude-sonnet-4-5", {"top_p": 0.97, "thinking": THINK}, set()),
    ("claude-sonnet-4-5", {"temperature": 0.5, "thinking": ir.Thinking("none")}, set()),
    ("claude-3-5-sonnet-latest", {"thinking": THINK}, {"thinking"}),
    ("claude-3-5-sonnet-latest", {"response_format": ir.ResponseFormat({})}, {"response_format.schema"}),
    ("claude-opus-4-8", {"stop": ("\n", "END")}, {"stop"}),
    ("claude-opus-4-8", {"service_tier": "tomorrow"}, {"service_tier"}),
    ("claude-opus-4-8", {"service_tier": "priority"}, set()),
]


@pytest.mark.parametrize("model, settings, names", CASES)
def test_what_the_model_refuses_is_left_out_and_named(model: str, settings: dict[str, Any], names: set[str]) -> None:
    """Edge 19; OpenHands/software-agent-sdk#3427: temperature on models that refuse it."""
    request = ir.Request(model, (HELLO,), **settings)
    assert refused(request) == names
    body = anthropic.render_request(request)
    assert not names & body.keys()
    for kept in {"temperature", "top_p", "top_k"} & settings.keys() - names:
        assert body[kept] == settings[kept]


def test_unsigned_thoughts() -> None:
    turn = ir.Message("assistant", (ir.Reasoning("hm"), ir.Text("hi")))
    assert refused(ir.Request("claude-opus-4-8", (HELLO, turn, HELLO))) == {"reasoning"}
    assert refused(ir.Request("kimi-k2", (HELLO, turn, HELLO))) == set()


def test_system_messages_between_turns() -> None:
    mid = ir.Message("system", (ir.Text("be brief"),))
    assert refused(ir.Request("claude-opus-4-8", (HELLO, mid))) == set()
    assert refused(ir.Request("claude-opus-4-1", (HELLO, mid))) == {"system.mid"}
