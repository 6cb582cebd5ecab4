"""The estimate of tokens: near what providers count, and never a surprise."""

from __future__ import annotations

import pytest
from recordings import needed, records

from cliproxy.translators import ir
from cliproxy.translators.estimate import estimate, pieces
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.wire import loads


def asked(text: str, model: str = "gpt-5", **more: object) -> ir.Request:
    return ir.Request(model, (ir.Message("user", (ir.Text(text),)),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, low, high",
    [
        ("", 0, 0),
        ("The quick brown fox jumps over the lazy dog.", 9, 11),
        ("1234567890", 4, 6),
        ("北京の天気", 3, 6),
        ("a" * 4000, 150, 1500),
        ('{"a":[1,2,3]}', 6, 14),
    ],
)
def test_pieces(text: str, low: float, high: float) -> None:
    assert low <= pieces(text) <= high


def test_more_is_more() -> None:
    plain = estimate(asked("Hello"))
    assert estimate(asked("Hello there, how are you?")) > plain
    assert estimate(asked("Hello", tools=(ir.Tool("look", "Looks at the sky."),))) > plain
    assert estimate(asked("Hello", response_format=ir.ResponseFormat({"type": "object"}))) > plain
    image = ir.Message("user", (ir.Media("image", data="AAAA"),))
    assert estimate(ir.Request("gpt-5", (image,))) > 500


def test_each_maker_has_its_own_overheads() -> None:
    tool = (ir.Tool("look"),)
    tokens = [estimate(asked("Hello", model, tools=tool)) for model in ("gemini-2.5-pro", "gpt-5", "claude-sonnet-4-5")]
    assert tokens == sorted(tokens) and tokens[2] > 400


def test_what_a_tool_gave_is_counted_and_thoughts_are_not() -> None:
    result = ir.Message("tool", (ir.ToolResult("1", (ir.Text("word " * 100),)),))
    thought = ir.Message("assistant", (ir.Reasoning("word " * 100),))
    assert estimate(ir.Request("gpt-5", (result,))) > 100
    assert estimate(ir.Request("gpt-5", (thought,))) < 20


@needed
def test_near_to_what_openai_counted() -> None:
    """The other makers are measured by docs/benchmarks/estimate.py; no bound is promised there."""
    near = []
    for record in records("openai-chat"):
        tools = (record["request_json"] or {}).get("tools")
        if record["status"] != 200 or record["is_stream"] or record["provider"] != "openai" or tools:
            continue
        request = FORMATS["openai_chat"].parse_request(record["request_json"], record["url_path"])
        tokens = (loads(record["response_body"]).get("usage") or {}).get("prompt_tokens")
        if tokens and not any(isinstance(part, ir.Media) for message in request.messages for part in message.parts):
            near.append(abs(estimate(request) - tokens) <= max(10, tokens / 4))
    assert len(near) > 10
    assert sum(near) / len(near) > 0.8
