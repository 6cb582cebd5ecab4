from typing import Any

from cliproxy.translators import ir, opaque
from cliproxy.translators.openai_chat.render_messages import render_call, render_messages


def render(*messages: ir.Message) -> list[Any]:
    return list(render_messages(messages))


def test_developer_is_said_as_system() -> None:
    """Codex's base prompt is a developer message, and most servers know no such role."""
    said = render(ir.Message("developer", (ir.Text("a"),)), ir.Message("system", (ir.Text("b"),)))
    assert said == [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}]


def test_an_assistants_turn() -> None:
    parts = (ir.Reasoning("hm", ir.Opaque("anthropic", "sig")), ir.Text("hi"), ir.ToolCall("c", "f", "{oops"))
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{oops"}}
    assert render(ir.Message("assistant", parts, "ann")) == [
        {"role": "assistant", "content": "hi", "reasoning_content": "hm", "tool_calls": [call], "name": "ann"}
    ]


def test_content_is_null_beside_calls_and_never_absent() -> None:
    assert render(ir.Message("assistant", (ir.ToolCall("c", "f", "{}"),)))[0]["content"] is None
    assert render(ir.Message("assistant", (ir.Refusal("no"),)))[0] == {
        "role": "assistant",
        "content": None,
        "refusal": "no",
    }
    assert render(ir.Message("assistant", ())) == [{"role": "assistant", "content": ""}]


def test_reasoning_is_passed_back() -> None:
    """pains.md 8: DeepSeek and Moonshot demand it (Lordymine/opencode-go-cli#5)."""
    assert render(ir.Message("assistant", (ir.Reasoning("hm"), ir.Text("hi"))))[0]["reasoning_content"] == "hm"


def test_results_stand_before_what_the_user_says_of_them() -> None:
    """pains.md edge cases 1 and 18: images in results go into a user message behind all results, never as text."""
    image = ir.Media("image", "image/png", data="iV")
    results = (ir.ToolResult("a", (image,)), ir.ToolResult("b", (ir.Text("42"), image), name="f"))
    said = render(ir.Message("tool", results), ir.Message("user", (ir.Text("so?"),)))
    assert [message["role"] for message in said] == ["tool", "tool", "user", "user"]
    assert said[0]["content"] and said[1] == {"role": "tool", "tool_call_id": "b", "content": "42"}
    assert [part["type"] for part in said[2]["content"]] == ["text", "image_url", "text", "image_url"]


def test_an_empty_result() -> None:
    assert render(ir.Message("tool", (ir.ToolResult("a", ()),))) == [
        {"role": "tool", "tool_call_id": "a", "content": ""}
    ]


def test_seals_on_calls() -> None:
    """Own seals go out; those of others only to a client, packed."""
    own, other = ir.Opaque("openai_chat", "s"), ir.Opaque("gemini", "s")
    said = render_call(ir.ToolCall("c", "f", "{}", opaque=own), foreign=False)
    assert said["extra_content"] == {"google": {"thought_signature": "s"}}
    assert "extra_content" not in render_call(ir.ToolCall("c", "f", "{}", opaque=other), foreign=False)
    said = render_call(ir.ToolCall("c", "f", "{}", opaque=other), foreign=True)
    assert said["extra_content"] == {"google": {"thought_signature": opaque.pack(other)}}


def test_custom_call_and_breakpoint() -> None:
    assert render_call(ir.ToolCall("c", "sh", "ls", "custom", cache=ir.Cache()), foreign=False) == {
        "id": "c",
        "type": "custom",
        "custom": {"name": "sh", "input": "ls"},
        "cache_control": {"type": "ephemeral"},
    }
