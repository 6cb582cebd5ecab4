from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import anthropic, ir

HELLO = ir.Message("user", (ir.Text("hello"),))


def rendered(model: str = "claude-sonnet-4-5", **settings: Any) -> dict[str, Any]:
    return anthropic.render_request(ir.Request(model, (HELLO,), **settings))


def test_the_least() -> None:
    assert rendered() == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 32000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
    }
    assert anthropic.endpoint(ir.Request("m")) == "/v1/messages"


@pytest.mark.parametrize(
    "model, said, limit",
    [
        ("claude-3-opus-20240229", None, 4096),
        ("claude-3-5-haiku-latest", None, 8192),
        ("kimi-k2", None, 8192),
        ("claude-opus-4-8", None, 32000),
        ("claude-opus-4-8", 0, 0),
        ("claude-opus-4-8", 5, 5),
    ],
)
def test_max_tokens_is_required_there(model: str, said: int | None, limit: int) -> None:
    """ "Set to `0` to populate the prompt cache without generating a response": not the same as unsaid."""
    assert rendered(model, max_tokens=said)["max_tokens"] == limit


def test_settings() -> None:
    body = rendered(
        stream=True, temperature=0.5, stop=("END", " "), user="u", service_tier="flex", max_tokens=9, seed=1, n=2
    )
    del body["messages"]
    assert body == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 9,
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u"},
        "service_tier": "standard_only",
        "stream": True,
    }


@pytest.mark.parametrize("said, sent", [(0, 0), (0.7, 0.7), (1, 1), (1.8, 1)])
def test_the_warmest_is_one(said: float, sent: float) -> None:
    assert rendered(temperature=said)["temperature"] == sent


def test_structured_output_is_closed() -> None:
    """Edge 25."""
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {}}}}
    format = rendered(response_format=ir.ResponseFormat(schema, "name", strict=True))["output_config"]["format"]
    assert format["type"] == "json_schema"
    assert format["schema"]["properties"]["a"]["additionalProperties"] is False
    assert "output_config" not in rendered(response_format=ir.ResponseFormat())


def test_what_other_formats_said_of_their_own_stays_away() -> None:
    assert "logit_bias" not in rendered(extra=ir.Extra("openai_chat", {"logit_bias": {}}))
