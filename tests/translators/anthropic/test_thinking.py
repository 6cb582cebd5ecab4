from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir

HELLO = ir.Message("user", (ir.Text("hello"),))


def said(thinking: ir.Thinking, model: str, **settings: Any) -> dict[str, Any]:
    settings.setdefault("messages", (HELLO,))
    return anthropic.render_request(ir.Request(model, thinking=thinking, **settings))


def parsed(**body: Any) -> ir.Thinking | None:
    return anthropic.parse_request({"model": "claude-opus-4-8", "messages": [], **body}, "").thinking


@pytest.mark.parametrize(
    "body, thinking",
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, ir.Thinking(budget=2000)),
        ({"thinking": {"type": "disabled"}}, ir.Thinking("none")),
        ({"thinking": {"type": "adaptive"}}, ir.Thinking(adaptive=True)),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, ir.Thinking(adaptive=True, show=False)),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 31999, "display": "summarized"}},
            ir.Thinking(budget=31999, show=True),
        ),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "xhigh"}}, ir.Thinking("xhigh", adaptive=True)),
        ({"output_config": {"effort": "low"}}, ir.Thinking("low", undecided=True)),
        ({"thinking": {"type": "between_tools"}}, None),
        ({}, None),
    ],
)
def test_parsed_and_rendered_again(body: dict[str, Any], thinking: ir.Thinking | None) -> None:
    assert parsed(**body) == thinking
    request = anthropic.parse_request({"model": "m", "max_tokens": 32000, "messages": [], **body}, "")
    again = anthropic.render_request(request)
    assert {key: again[key] for key in ("thinking", "output_config") if key in again} == body


def test_disabled_beside_an_effort_keeps_both() -> None:
    body = {"thinking": {"type": "disabled"}, "output_config": {"effort": "high"}}
    assert parsed(**body) == ir.Thinking("none")
    again = anthropic.render_request(anthropic.parse_request({"model": "claude-opus-4-8", "messages": [], **body}, ""))
    assert (again["thinking"], again["output_config"]) == (body["thinking"], body["output_config"])


@pytest.mark.parametrize(
    "model, thinking, config, effort",
    [
        ("claude-opus-4-8", ir.Thinking("high"), {"type": "adaptive"}, "high"),
        ("claude-opus-4-8", ir.Thinking("minimal"), {"type": "adaptive"}, "low"),
        ("claude-opus-4-8", ir.Thinking(budget=8192), {"type": "adaptive"}, "medium"),
        ("claude-opus-4-6", ir.Thinking("xhigh"), {"type": "adaptive"}, "high"),
        ("claude-opus-4-6", ir.Thinking(budget=8192), {"type": "enabled", "budget_tokens": 8192}, None),
        ("claude-sonnet-4-5", ir.Thinking("medium"), {"type": "enabled", "budget_tokens": 8192}, None),
        ("claude-sonnet-4-5", ir.Thinking(adaptive=True), {"type": "enabled", "budget_tokens": 8192}, None),
        ("claude-sonnet-4-5", ir.Thinking(budget=10), {"type": "enabled", "budget_tokens": 1024}, None),
        ("claude-opus-4-8", ir.Thinking(budget=-1), {"type": "adaptive"}, None),
        ("claude-opus-4-8", ir.Thinking("none"), {"type": "disabled"}, None),
        ("kimi-k2", ir.Thinking("low"), {"type": "enabled", "budget_tokens": 2048}, None),
        ("claude-opus-4-8", ir.Thinking("low", summary="auto"), {"type": "adaptive", "display": "summarized"}, "low"),
    ],
)
def test_each_model_is_told_in_its_own_words(
    model: str, thinking: ir.Thinking, config: dict[str, Any], effort: str | None
) -> None:
    """Edge 20. Newer models: '"thinking.type.enabled" is not supported for this model', older know no effort."""
    body = said(thinking, model)
    assert body["thinking"] == config
    assert body.get("output_config", {}).get("effort") == effort


@pytest.mark.parametrize(
    "limit, thinking, budget",
    [
        (4000, ir.Thinking(budget=8192), 3999),
        (4000, ir.Thinking("high"), 2000),
        (64000, ir.Thinking("high"), 24576),
        (1024, ir.Thinking(budget=8192), None),
        (1500, ir.Thinking("low"), None),
    ],
)
def test_a_budget_stays_below_max_tokens(limit: int, thinking: ir.Thinking, budget: int | None) -> None:
    """Edge 19."""
    body = said(thinking, "claude-sonnet-4-5", max_tokens=limit)
    assert body["max_tokens"] == limit
    assert body.get("thinking", {}).get("budget_tokens") == budget


@pytest.mark.parametrize("model", ["claude-opus-4-1", "claude-3-7-sonnet-latest", "m", "claude-sonnet-4-5"])
@pytest.mark.parametrize("effort", ["low", "high", "max"])
def test_without_a_limit_there_is_room_for_both(model: str, effort: ir.Effort) -> None:
    body = said(ir.Thinking(effort), model)
    assert body["thinking"]["budget_tokens"] + 4096 <= body["max_tokens"]


@pytest.mark.parametrize("mode", ["required", "tool"])
def test_a_forced_tool_choice_disables_thinking(mode: Any) -> None:
    """Edge 19: "Thinking may not be enabled when tool_choice forces tool use." Recordings show it with adaptive."""
    choice = {"tools": (ir.Tool("look"),), "tool_choice": ir.ToolChoice(mode, ("look",))}
    assert "thinking" not in said(ir.Thinking("high"), "claude-sonnet-4-5", **choice)
    assert said(ir.Thinking("high"), "claude-opus-4-6", **choice)["thinking"] == {"type": "adaptive"}


def loop(*before: ir.Part) -> tuple[ir.Message, ...]:
    calls = ir.Message("assistant", (*before, ir.ToolCall("c", "look", "{}")))
    return HELLO, calls, ir.Message("tool", (ir.ToolResult("c", (ir.Text("x"),)),))


def test_a_tool_loop_begun_without_a_signed_thought_goes_on_without() -> None:
    """ "Expected `thinking` or `redacted_thinking`, but found `tool_use`"; router-for-me/CLIProxyAPI#1584."""
    asked = {"thinking": ir.Thinking("high"), "model": "claude-sonnet-4-5"}
    assert "thinking" not in said(**asked, messages=loop())
    assert "thinking" not in said(**asked, messages=loop(ir.Reasoning("hm", ir.Opaque("gemini", "x"))))
    assert "thinking" in said(**asked, messages=loop(ir.Reasoning("hm", ir.Opaque("anthropic", "x"))))
    assert "thinking" in said(**asked, messages=(*loop(), ir.Message("assistant", (ir.Text("done"),)), HELLO))
    assert "thinking" in said(ir.Thinking("high"), "kimi-k2", messages=loop())
