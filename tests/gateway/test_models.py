"""Lists of models through a running gateway: what providers say, in each SDK's shape, and what is then reachable."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from running import KEY, Gateway, gateway
from scripted import Provider, provider, whole
from wires import chat

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")
genai = pytest.importorskip("google.genai")

OPENAI = {"data": [{"id": "gpt-far", "object": "model", "created": 1767225600, "owned_by": "openai"}]}
ANTHROPIC = {
    "data": [
        {"type": "model", "id": "claude-far", "display_name": "Claude Far", "created_at": "2026-01-01T00:00:00Z",
         "max_input_tokens": 200000, "max_tokens": 64000}
    ],
    "has_more": False,
}  # fmt: skip
GEMINI = {
    "models": [
        {"name": "models/gemini-far", "displayName": "Far", "inputTokenLimit": 1048576, "outputTokenLimit": 65536,
         "supportedGenerationMethods": ["generateContent"]}
    ]
}  # fmt: skip
LOCAL = {"data": [{"id": "llama-far", "object": "model", "max_model_len": 8192}]}
IDS = ["llama-far", "gpt-far", "claude-far", "gemini-far", "fast"]


@pytest.fixture(scope="module")
def site() -> Iterator[Gateway]:
    """Four providers that list their models, the last one of our own; "fast" is an alias."""
    with (
        provider(whole(OPENAI)) as one,
        provider(whole(ANTHROPIC)) as two,
        provider(whole(GEMINI)) as three,
        provider(whole(LOCAL)) as four,
    ):
        config: dict[str, Any] = {
            "openai": {"base-url": f"{one.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": two.url, "api-key": "sk-test-a"},
            "gemini": {"base-url": three.url, "api-key": "sk-test-g"},
            "custom-providers": {"local": {"base-url": f"{four.url}/v1"}},
            "models": {"fast": "gemini/gemini-far"},
        }
        with gateway(config) as running:
            yield running


def test_openai(site: Gateway) -> None:
    client = openai.OpenAI(base_url=f"{site.url}/v1", api_key=KEY, max_retries=0)
    assert [model.id for model in client.models.list()] == IDS
    found = client.models.retrieve("llama-far")
    assert (found.owned_by, found.context_window, found.context_length) == ("local", 8192, 8192)
    assert client.models.retrieve("fast").max_output_tokens == 65536
    with pytest.raises(openai.NotFoundError, match="There is no model 'nobody'"):
        client.models.retrieve("nobody")


def test_anthropic_page_by_page(site: Gateway) -> None:
    client = anthropic.Anthropic(base_url=site.url, api_key=KEY, max_retries=0)
    assert [model.id for model in client.models.list(limit=2)] == IDS
    page = client.models.list(limit=2)
    assert (page.has_more, page.first_id, page.last_id) == (True, IDS[0], IDS[1])
    found = client.models.retrieve("claude-far")
    assert (found.display_name, found.max_input_tokens, found.max_tokens) == ("Claude Far", 200000, 64000)


def test_google_page_by_page(site: Gateway) -> None:
    client = genai.Client(api_key=KEY, http_options={"base_url": site.url})
    names = [model.name for model in client.models.list(config={"page_size": 2})]
    assert names == [f"models/{id}" for id in IDS]
    found = client.models.get(model="gemini-far")
    assert (found.input_token_limit, found.output_token_limit) == (1048576, 65536)
    assert found.supported_actions == ["generateContent"]


def wait_for(provider: Provider, count: int) -> None:
    deadline = time.monotonic() + 10
    while len(provider.seen) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(provider.seen) >= count


def test_a_custom_servers_own_list_makes_its_models_reachable() -> None:
    with provider(whole(LOCAL), chat()) as up:
        config: dict[str, Any] = {"custom-providers": {"local": {"base-url": f"{up.url}/v1", "api-key": "sk-test-l"}}}
        with gateway(config) as running:
            wait_for(up, 1)
            client = openai.OpenAI(base_url=f"{running.url}/v1", api_key=KEY, max_retries=3)
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                try:
                    answer = client.chat.completions.create(
                        model="llama-far", messages=[{"role": "user", "content": "x"}]
                    )
                    break
                except openai.NotFoundError:
                    time.sleep(0.05)
            assert answer.choices[0].message.content
        assert [one.path for one in up.seen] == ["/v1/models", "/v1/chat/completions"]


def test_a_list_is_asked_for_once_and_a_provider_that_hangs_keeps_nobody_waiting() -> None:
    with provider(whole(OPENAI)) as one, provider(whole(ANTHROPIC, delay=30)) as slow:
        config: dict[str, Any] = {
            "openai": {"base-url": f"{one.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": slow.url, "api-key": "sk-test-a"},
        }
        with gateway(config) as running:
            client = openai.OpenAI(base_url=f"{running.url}/v1", api_key=KEY, max_retries=0, timeout=9)
            ids = [model.id for model in client.models.list()]
            assert "gpt-far" in ids and any(id.startswith("claude-") for id in ids), "what is known stands in"
            client.models.list()
            assert (len(one.seen), len(slow.seen)) == (1, 1)


def test_nobody_is_asked_for_what_the_configuration_says() -> None:
    with provider(whole(OPENAI)) as up:
        config: dict[str, Any] = {
            "openai": {"base-url": f"{up.url}/v1", "api-key": "sk-test-o", "models": ["gpt-mine"]}
        }
        with gateway(config) as running:
            client = openai.OpenAI(base_url=f"{running.url}/v1", api_key=KEY)
            assert [model.id for model in client.models.list()] == ["gpt-mine"]
        assert up.seen == []
