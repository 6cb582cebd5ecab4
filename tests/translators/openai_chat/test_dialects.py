import json
from dataclasses import replace

import pytest

from cliproxy.translators import ir
from cliproxy.translators.openai_chat.dialects import COMPATIBLE, DIALECTS, adapted, lacks
from cliproxy.translators.openai_chat.render_request import render_request

CACHE = ir.Cache()
REQUEST = ir.Request(
    "m",
    (
        ir.Message("system", (ir.Text("a", cache=CACHE), ir.Text("b"))),
        ir.Message("user", (ir.Text("see"), ir.Media("image", url="https://a.example"))),
        ir.Message(
            "assistant",
            (
                ir.Reasoning("hm", ir.Opaque("openai_chat", '[{"type":"reasoning.encrypted","data":"x"}]')),
                ir.ToolCall("c1", "sh", "ls", "custom", cache=CACHE),
            ),
        ),
        ir.Message("tool", (ir.ToolResult("c1", (ir.Text("ok"),), cache=CACHE),)),
    ),
    max_tokens=5,
    tools=(
        ir.Tool("sh", "Runs.", kind="custom", grammar={"type": "grammar", "syntax": "lark", "definition": "s: /a/"}),
        ir.Tool("f", cache=CACHE),
    ),
    tool_choice=ir.ToolChoice("tool", ("sh",)),
)


def test_a_server_of_which_nothing_is_known() -> None:
    body = render_request(REQUEST)
    before = json.dumps(body)
    said = adapted(body, COMPATIBLE)
    assert json.dumps(body) == before
    assert said["max_tokens"] == 5 and "max_completion_tokens" not in said
    assert "cache_control" not in json.dumps(said) and "reasoning_details" not in json.dumps(said)
    assert said["messages"][2]["reasoning_content"] == "hm"
    assert said["tool_choice"] == {"type": "function", "function": {"name": "sh"}}


def test_custom_tools_become_functions_of_one_string() -> None:
    """pains.md 10: Codex's apply_patch with a server that knows functions only."""
    said = adapted(render_request(REQUEST), COMPATIBLE)
    function = said["tools"][0]["function"]
    assert function["parameters"]["required"] == ["input"] and function["description"].endswith("s: /a/")
    assert said["messages"][2]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "sh", "arguments": '{"input":"ls"}'}}
    ]


@pytest.mark.parametrize(
    ("name", "field"), [("groq", "reasoning"), ("mistral", ""), ("openai", ""), ("qwen", "reasoning_content")]
)
def test_where_earlier_thoughts_go(name: str, field: str) -> None:
    """QwenLM/qwen-code#11045, charmbracelet/crush#1590."""
    turn = adapted(render_request(REQUEST), DIALECTS[name])["messages"][2]
    assert [key for key in ("reasoning", "reasoning_content") if key in turn] == ([field] if field else [])


def test_what_reads_everything_gets_everything() -> None:
    body = render_request(REQUEST)
    said = adapted(body, DIALECTS["openrouter"])
    assert said["messages"][:2] == body["messages"][:2] and "reasoning_details" in said["messages"][2]


def test_text_in_one_string() -> None:
    said = adapted(render_request(REQUEST), DIALECTS["deepseek"])
    assert said["messages"][0]["content"] == "a\n\nb" and isinstance(said["messages"][1]["content"], list)


@pytest.mark.parametrize(
    ("thinking", "stream", "said"),
    [
        (ir.Thinking(effort="high"), True, {"enable_thinking": True, "thinking_budget": 24576}),
        (ir.Thinking(budget=3000), True, {"enable_thinking": True, "thinking_budget": 3000}),
        (ir.Thinking(effort="none"), True, {"enable_thinking": False}),
        (ir.Thinking(effort="none"), False, {"enable_thinking": False}),
        (ir.Thinking(effort="high"), False, {}),
        (None, True, {}),
    ],
)
def test_qwen_switches_reasoning_on_and_off(thinking: ir.Thinking | None, stream: bool, said: ir.Json) -> None:
    """help.aliyun.com/en/model-studio/deep-thinking; whole answers of some models refuse it: then it is lost."""
    request = replace(REQUEST, thinking=thinking, stream=stream)
    body = adapted(render_request(request), DIALECTS["qwen"], request.thinking)
    assert {name: body[name] for name in ("enable_thinking", "thinking_budget") if name in body} == said
    assert "reasoning_effort" not in body
    lost = thinking is not None and not said
    assert ("thinking" in lacks(DIALECTS["qwen"], request)) is lost
    assert "thinking" not in lacks(COMPATIBLE, request)
