"""Servers that speak another maker's format: Qwen, iFlow, and whatever a user names, for every client format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import vendors
from calling import CLIENTS, SAID, Client, asked_tool, calls_tool
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider
from wires import (
    TEXT,
    chat,
    chat_stream,
    gemini,
    gemini_stream,
    message,
    message_stream,
    response,
    response_body,
    response_stream,
)

HEADERS = {"authorization": f"Bearer {KEY}"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at":"sky"}'}}
CHAT = (chat(), chat_stream(), chat({"content": None, "tool_calls": [CALL]}, "tool_calls"))
BEARER = ("authorization", "Bearer sk-test-up")
# Model → the path that is asked, the header that the key is in, and what answers: whole, streamed, a call.
SERVERS: dict[str, tuple[str, tuple[str, str], tuple[Answer, Answer, Answer]]] = {
    "qwen-plus": ("/compatible-mode/v1/chat/completions", BEARER, CHAT),
    "iflow-rome": ("/v1/chat/completions", BEARER, CHAT),
    "house-chat": ("/api/v3/chat/completions", BEARER, CHAT),
    "house-responses": (
        "/v1/responses",
        BEARER,
        (
            response(),
            response_stream(),
            response([{
                "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"at":"sky"}',
                "status": "completed",
            }]),
        ),
    ),
    "house-messages": (
        "/v1/messages",
        ("x-api-key", "sk-test-up"),
        (
            message(),
            message_stream(),
            message([{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}], "tool_use"),
        ),
    ),
    "house-gemini": (
        "/v1(beta)?/models/house-gemini:",
        ("x-goog-api-key", "sk-test-up"),
        (gemini(), gemini_stream(), gemini([{"functionCall": {"name": "look", "args": {"at": "sky"}}}])),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:

        def custom(format: str, path: str = "") -> dict[str, Any]:
            models = [model for model in SERVERS if model.endswith(format)]
            kind = {"chat": "openai", "messages": "anthropic"}.get(format, format)
            return {"base-url": upstream.url + path, "api-key": "sk-test-up", "format": kind, "models": models}

        config = {
            "qwen": {"base-url": f"{upstream.url}/compatible-mode/v1", "api-key": "sk-test-up"},
            "iflow": {"base-url": upstream.url, "api-key": "sk-test-up"},
            "custom-providers": {
                "one": custom("chat", "/api/v3"),
                "two": custom("responses"),
                "three": custom("messages"),
                "four": custom("gemini"),
            },
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


@pytest.mark.parametrize("model", SERVERS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_format_whole_and_streamed(
    site: tuple[Gateway, Provider], upstream: Provider, client: Client, stream: bool, model: str
) -> None:
    path, (name, value), answers = SERVERS[model]
    upstream.answers[:] = [answers[stream]]
    assert client(site[0].url, model, stream) == SAID
    (seen,) = upstream.seen
    vendors.common(seen)
    assert re.match(path, seen.path)
    keys = {
        each: seen.headers[each] for each in ("authorization", "x-api-key", "x-goog-api-key") if each in seen.headers
    }
    assert keys == {name: value}


@pytest.mark.parametrize("model", SERVERS)
@pytest.mark.parametrize("client", calls_tool, ids=lambda client: client.__name__)
def test_tools(site: tuple[Gateway, Provider], upstream: Provider, client: Any, model: str) -> None:
    _, _, answers = SERVERS[model]
    upstream.answers[:] = [answers[2], answers[0]]
    assert client(site[0].url, model) == ("look", {"at": "sky"}, TEXT)
    assert asked_tool(vendors.common(upstream.seen[1]))


def test_qwens_own_words(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    """`max_tokens`, and reasoning by a switch and a budget; where that can't be, it is named."""
    ask = {"model": "qwen-plus", "max_tokens": 9000, "messages": [{"role": "user", "content": "Hi"}]}
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 4000}}
    upstream.answers[:] = [chat_stream(), chat()]
    streamed = httpx.post(f"{site[0].url}/v1/messages", json={**ask, **thinking, "stream": True}, headers=HEADERS)
    whole = httpx.post(f"{site[0].url}/v1/messages", json={**ask, **thinking}, headers=HEADERS)
    first, second = (seen.json for seen in upstream.seen)
    assert (first["max_tokens"], first["enable_thinking"], first["thinking_budget"]) == (9000, True, 4000)
    assert "max_completion_tokens" not in first and not {"enable_thinking", "reasoning_effort"} & second.keys()
    assert "x-cliproxy-lost" not in streamed.headers and whole.headers["x-cliproxy-lost"] == "thinking"


def test_the_same_format_stays_byte_for_byte(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    body = b'{ "model":"qwen-plus","enable_thinking" :true,"messages":[{"role":"user","content":"\\u00e9"}], "n":1.0 }'
    upstream.answers[:] = [chat()]
    answer = httpx.post(f"{site[0].url}/v1/chat/completions", content=body, headers=HEADERS)
    assert (upstream.seen[0].body, answer.content) == (body, b"".join(chat().pieces))


def test_an_account_of_qwens_has_its_own_host() -> None:
    with provider(chat()) as upstream:
        account = {
            "key": "sk-test-qwen-token",
            "label": "free",
            "door": "qwen-portal",
            "base-url": f"{upstream.url}/v1",
        }
        with gateway({"load-balance": {"credentials": {"qwen": [account]}}}) as one:
            ask = {"model": "qwen3-coder-plus", "messages": [{"role": "user", "content": "Hi"}]}
            assert httpx.post(f"{one.url}/v1/chat/completions", json=ask, headers=HEADERS).status_code == 200
        seen = upstream.seen[0]
        assert (seen.path, seen.headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-test-qwen-token")
        assert seen.headers["x-dashscope-authtype"] == "qwen-oauth"


def test_what_a_response_is_continued_from_is_kept_here() -> None:
    """A ChatGPT account keeps nothing: `previous_response_id` is what the gateway remembers."""
    with provider(response_stream()) as upstream:
        account = {
            "key": "sk-test-t",
            "label": "plus",
            "door": "chatgpt",
            "base-url": f"{upstream.url}/backend-api/codex",
        }
        with gateway({"load-balance": {"credentials": {"openai": [account]}}}) as one:
            url = f"{one.url}/v1/responses"
            first = httpx.post(url, json={"model": "gpt-5", "input": "One"}, headers=HEADERS, timeout=20).json()
            ask = {"model": "gpt-5", "input": "Two", "previous_response_id": first["id"]}
            second = httpx.post(url, json=ask, headers=HEADERS, timeout=20)
            assert (second.status_code, second.json()["status"]) == (200, response_body("completed", [])["status"])
        said = [item["content"] for item in upstream.seen[1].json["input"]]
        assert "One" in str(said[0]) and TEXT in str(said[1]) and "Two" in str(said[2])
        assert "previous_response_id" not in upstream.seen[1].json
