"""Whatever comes, a request or a `BadRequest`, events or a `BadAnswer` come of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliproxy.translators import anthropic, ir
from cliproxy.translators.collect import collect

KEYS = st.sampled_from(
    [
        "model",
        "messages",
        "role",
        "content",
        "type",
        "text",
        "system",
        "tools",
        "name",
        "input_schema",
        "input",
        "id",
        "tool_use_id",
        "source",
        "data",
        "media_type",
        "url",
        "thinking",
        "signature",
        "budget_tokens",
        "tool_choice",
        "cache_control",
        "ttl",
        "citations",
        "metadata",
        "user_id",
        "output_config",
        "format",
        "schema",
        "effort",
        "stop_sequences",
        "max_tokens",
        "temperature",
        "error",
        "message",
        "usage",
        "delta",
        "index",
        "content_block",
        "stop_reason",
        "partial_json",
    ]
)
WORDS = st.sampled_from(
    [
        "user",
        "assistant",
        "system",
        "text",
        "image",
        "document",
        "thinking",
        "redacted_thinking",
        "tool_use",
        "tool_result",
        "search_result",
        "base64",
        "url",
        "file",
        "content",
        "enabled",
        "adaptive",
        "disabled",
        "auto",
        "any",
        "tool",
        "none",
        "ephemeral",
        "json_schema",
        "custom",
        "web_search_20250305",
        "server_tool_use",
        "web_search_tool_result",
        "web_search",
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
        "ping",
        "text_delta",
        "thinking_delta",
        "signature_delta",
        "input_json_delta",
        "citations_delta",
        "end_turn",
        "object",
        "anyOf",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
BLOCK = st.dictionaries(KEYS, JSON, max_size=6)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system"]), "content": st.lists(BLOCK) | JSON}
)
BODY = st.fixed_dictionaries(
    {"model": st.sampled_from(["m", "claude-opus-4-8"]), "messages": st.lists(MESSAGE, max_size=3) | JSON},
    optional={
        "tools": st.lists(BLOCK, max_size=2),
        "thinking": BLOCK,
        "tool_choice": BLOCK,
        "output_config": BLOCK,
        "system": JSON,
    },
)
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@unhurried
@given(JSON | BODY)
def test_any_json_is_a_request_or_a_bad_one(body: Any) -> None:
    try:
        request = anthropic.parse_request(body, "/v1/messages")
    except ir.BadRequest:
        return
    json.dumps(anthropic.render_request(request))


@pytest.mark.parametrize("depth", [300, 1000])
@pytest.mark.parametrize("key", ["input", "content", "input_schema"])
def test_deep_ones_too(key: str, depth: int) -> None:
    deep: Any = {}
    for _ in range(depth):
        deep = {"type": "tool_result", "tool_use_id": "t", "content": [deep]} if key == "content" else {"a": deep}
    block = {"type": "tool_use", "id": "t", "name": "n", "input": deep} if key == "input" else deep
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": [block]}]}
    if key == "input_schema":
        body = {"model": "m", "messages": [], "tools": [{"name": "n", "input_schema": deep}]}
    anthropic.render_request(anthropic.parse_request(body, ""))


@unhurried
@given(
    st.lists(
        st.dictionaries(KEYS, JSON, max_size=5).map(json.dumps) | JSON.map(json.dumps) | st.text(max_size=20),
        max_size=6,
    )
)
def test_any_stream_ends_once(sent: list[str]) -> None:
    decoder, parser = anthropic.Decoder(), anthropic.StreamParser()
    renderer = anthropic.StreamRenderer(ir.Context("x", 0, ir.Request("m")))
    data = "".join(f"data: {one}\n\n" for one in sent).encode("utf-8", "surrogatepass")
    try:
        events = [event for one in [*decoder.feed(data), *decoder.close()] for event in parser.feed(one)]
        events += parser.close()
    except ir.BadAnswer:
        return
    assert sum(isinstance(event, ir.Finish | ir.Error) for event in events) == 1
    assert isinstance(events[-1], ir.Finish | ir.Error)
    collect(events)
    for event in events:
        list(renderer.feed(event))


@unhurried
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    decoder, parser = anthropic.Decoder(), anthropic.StreamParser()
    try:
        for one in [*decoder.feed(data), *decoder.close()]:
            list(parser.feed(one))
        list(parser.close())
    except ir.BadAnswer:
        pass


@unhurried
@given(st.integers(), JSON)
def test_any_error_is_read(status: int, body: Any) -> None:
    anthropic.render_error(anthropic.parse_error(status, body))


@unhurried
@given(JSON)
def test_any_json_is_an_answer_or_a_bad_one(body: Any) -> None:
    try:
        response = collect(anthropic.parse_response(body))
    except ir.BadAnswer:
        return
    if response.finish:
        anthropic.render_response(response, ir.Context("x", 0, ir.Request("m")))
