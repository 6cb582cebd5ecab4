"""Client keys with limits, through a running gateway, as the makers' SDKs see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from running import Gateway, gateway
from scripted import Provider, provider
from wires import chat, chat_stream

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

SLOW = {"requests-per-minute": 1, "burst": 1}
KEYS = [
    {"key": "sk-test-narrow", "name": "narrow", "models": ["gpt-test"]},
    {"key": "sk-test-slow-openai", "name": "slow-openai", "rate-limit": SLOW},
    {"key": "sk-test-slow-anthropic", "name": "slow-anthropic", "rate-limit": SLOW},
    {"key": "sk-test-poor", "name": "poor", "quota": 5},
    {"key": "sk-test-old", "name": "old", "expires": "2000-01-01"},
    {"key": "sk-test-free", "name": "free"},
]
MESSAGES: Any = [{"role": "user", "content": "Hi"}]


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:
        section = {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"}
        with gateway({"auth": {"api-keys": KEYS}, "openai": section}, "--workers", "2") as running:
            yield running, upstream


def client(site: tuple[Gateway, Provider], key: str) -> Any:
    return openai.OpenAI(base_url=f"{site[0].url}/v1", api_key=key, max_retries=0)


def ask(one: Any, model: str = "gpt-test") -> Any:
    return one.chat.completions.with_raw_response.create(model=model, messages=MESSAGES)


def test_the_models_of_a_key(site: tuple[Gateway, Provider]) -> None:
    one, before = client(site, "sk-test-narrow"), len(site[1].seen)
    with pytest.raises(openai.PermissionDeniedError, match="it is for: gpt-test"):
        ask(one, "gpt-other")
    assert len(site[1].seen) == before
    assert ask(one).status_code == 200


def test_the_rate_as_openai_says_it(site: tuple[Gateway, Provider]) -> None:
    """The second request may meet the other worker: the bucket is one."""
    one = client(site, "sk-test-slow-openai")
    first = ask(one)
    assert (first.headers["x-ratelimit-limit-requests"], first.headers["x-ratelimit-remaining-requests"]) == ("1", "0")
    before = len(site[1].seen)
    for _ in range(8):
        with pytest.raises(openai.RateLimitError) as refused:
            ask(client(site, "sk-test-slow-openai"))
        assert 0 < int(refused.value.response.headers["retry-after"]) <= 60
    assert len(site[1].seen) == before


def test_the_rate_as_anthropic_says_it(site: tuple[Gateway, Provider]) -> None:
    one = anthropic.Anthropic(base_url=site[0].url, api_key="sk-test-slow-anthropic", max_retries=0)
    asked: Any = {"model": "gpt-test", "max_tokens": 9, "messages": MESSAGES}
    first = one.messages.with_raw_response.create(**asked)
    assert first.headers["anthropic-ratelimit-requests-remaining"] == "0"
    with pytest.raises(anthropic.RateLimitError) as refused:
        one.messages.create(**asked)
    assert refused.value.body["error"]["type"] == "rate_limit_error"
    assert refused.value.response.headers["anthropic-ratelimit-requests-limit"] == "1"


def test_the_quota_of_a_day(site: tuple[Gateway, Provider]) -> None:
    one = client(site, "sk-test-poor")
    assert ask(one).status_code == 200  # 11 tokens, which is known only now
    with pytest.raises(openai.RateLimitError, match="has used its 5 tokens of today"):
        for _ in range(20):
            ask(one)


def test_a_key_that_has_ended(site: tuple[Gateway, Provider]) -> None:
    with pytest.raises(openai.AuthenticationError, match="expired on 2000-01-02"):
        ask(client(site, "sk-test-old"))


def test_a_stream_carries_the_headers_too(site: tuple[Gateway, Provider]) -> None:
    limit = {"enabled": True, "requests-per-minute": 100, "burst": 20}
    with provider(chat_stream()) as upstream:
        section = {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"}
        with gateway({"openai": section, "rate-limit": limit}) as running:
            one = openai.OpenAI(base_url=f"{running.url}/v1", api_key="sk-test-client-key", max_retries=0)
            with one.chat.completions.with_streaming_response.create(
                model="gpt-test", messages=MESSAGES, stream=True
            ) as answer:
                assert answer.headers["x-ratelimit-remaining-requests"] == "19"
                assert b"[DONE]" in answer.read()
