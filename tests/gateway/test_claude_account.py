"""A Claude account's token: the Messages API with a bearer, and one more beta among those of the client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import vendors
from calling import CLIENTS, SAID, Client, calls_tool
from running import KEY, Gateway, gateway
from scripted import Provider, provider, whole
from wires import TEXT, message, message_stream

TOKEN = "sk-test-oat-token"
CALL = message([{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sky"}}], "tool_use")


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """One account, then a key: each goes in by its own door."""
    with provider(message()) as upstream:
        config = {
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-key"},
            "load-balance": {
                "strategy": "fill-first",
                "credentials": {"anthropic": [{"key": TOKEN, "label": "max", "door": "claude", "priority": 1}]},
            },
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.fixture(scope="module")
def alone() -> Iterator[tuple[Gateway, Provider]]:
    with provider(message()) as upstream:
        config = {
            "load-balance": {"credentials": {"anthropic": [{"key": TOKEN, "label": "max", "door": "claude"}]}},
            "doors": {"claude": {"base-url": upstream.url}},
        }
        with gateway(config) as running:
            yield running, upstream


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_format_whole_and_streamed(alone: tuple[Gateway, Provider], client: Client, streamed: bool) -> None:
    running, upstream = alone
    upstream.answers[:] = [message_stream() if streamed else message()]
    assert client(running.url, "claude-x", streamed) == SAID
    vendors.claude_account(upstream.seen[-1], TOKEN)


@pytest.mark.parametrize("client", calls_tool, ids=lambda client: client.__name__)
def test_tools(alone: tuple[Gateway, Provider], client: Any) -> None:
    running, upstream = alone
    upstream.answers[:] = [CALL, message()]
    assert client(running.url, "claude-x") == ("look", {"at": "sky"}, TEXT)
    vendors.claude_account(upstream.seen[-1], TOKEN)


def test_the_clients_betas_and_bytes_are_kept(alone: tuple[Gateway, Provider]) -> None:
    running, upstream = alone
    upstream.answers[:] = [message()]
    body = b'{ "model":"claude-x","max_tokens" : 9,"messages":[{"role":"user","content":"Hi"}] }'
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01", "anthropic-beta": "a-1, b-2"}
    answer = httpx.post(f"{running.url}/v1/messages?beta=true", content=body, headers=headers, timeout=20)
    assert answer.content == b"".join(message().pieces)
    seen = upstream.seen[-1]
    assert (seen.body, seen.path) == (body, "/v1/messages?beta=true")
    assert seen.headers["anthropic-beta"] == "a-1,b-2,oauth-2025-04-20"


def test_the_beta_is_not_said_twice(alone: tuple[Gateway, Provider]) -> None:
    running, upstream = alone
    upstream.answers[:] = [message()]
    headers = {"x-api-key": KEY, "anthropic-beta": "oauth-2025-04-20,a-1"}
    ask = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    httpx.post(f"{running.url}/v1/messages", json=ask, headers=headers, timeout=20)
    assert upstream.seen[-1].headers["anthropic-beta"] == "oauth-2025-04-20,a-1"


def test_account_and_key_each_by_its_own_door(site: tuple[Gateway, Provider]) -> None:
    """A failed attempt with one goes on with the other, in the other's way."""
    running, upstream = site
    upstream.answers[:] = [
        whole({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}, 529),
        message(),
    ]
    ask = {"model": "claude-x", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"x-api-key": KEY, "anthropic-beta": "a-1"}
    answer = httpx.post(f"{running.url}/v1/messages", json=ask, headers=headers, timeout=20)
    assert answer.status_code == 200
    ways = {
        (s.headers.get("x-api-key"), s.headers.get("authorization"), s.headers["anthropic-beta"]) for s in upstream.seen
    }
    assert ways == {("sk-test-key", None, "a-1"), (None, f"Bearer {TOKEN}", "a-1,oauth-2025-04-20")}
