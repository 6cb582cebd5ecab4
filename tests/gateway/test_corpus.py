"""Recorded answers of real providers through the running gateway: one format byte for byte, the other readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from recordings import CORPUS, needed, records
from running import KEY, RESTED, Gateway, gateway
from scripted import Answer, Provider, provider
from wires import CHAT_REQUEST, MESSAGES_REQUEST, chat

from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.streams import Observer

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

WIRES = {
    "openai-chat": ("/v1/chat/completions", CHAT_REQUEST),
    "anthropic-messages": ("/v1/messages", MESSAGES_REQUEST),
}
MODELS = {"openai-chat": "gpt-test", "anthropic-messages": "claude-test"}
"""The model decides which provider plays the recording."""
UNRESTED = {"x-test-rested": "1"}
"""Among the recordings are refused keys: none of them is to rest for it."""
ASK = [{"role": "user", "content": "Hi"}]
RECORDS = [record for wire in WIRES for record in records(wire)] if CORPUS.exists() else []
pytestmark = needed
type Record = dict[str, Any]


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
        }
        with gateway(config, *RESTED) as running:
            yield running, upstream


def play(upstream: Provider, record: Record) -> bytes:
    body = record["response_body"].encode("utf-8", "surrogatepass")
    kind = "text/event-stream" if record["is_stream"] else "application/json"
    kind = record["response_headers"].get("content-type", kind)
    pieces = [body[i : i + 700] for i in range(0, len(body), 700)]
    upstream.answers[:] = [Answer(record["status"], pieces, kind)]
    return body


def test_the_same_format_byte_for_byte(site: tuple[Gateway, Provider]) -> None:
    running, upstream = site
    with httpx.Client(timeout=20, headers={"authorization": f"Bearer {KEY}", **UNRESTED}) as client:
        for record in RECORDS:
            wanted = play(upstream, record)
            path, request = WIRES[record["wire"]]
            answer = client.post(running.url + path, json={**request, "stream": record["is_stream"]})
            if answer.status_code != record["status"]:
                assert begins_with_an_error(record), record["id"]
                assert answer.status_code >= 400, record["id"]
            else:
                assert answer.content == wanted, record["id"]


def begins_with_an_error(record: Record) -> bool:
    """An error in place of a stream is given its status: that is the one liberty taken."""
    return bool(record["is_stream"]) and "error" in record["response_body"][:2000]


def test_the_other_format_is_read_by_its_sdk(site: tuple[Gateway, Provider]) -> None:
    running, upstream = site
    clients = {
        "openai-chat": anthropic.Anthropic(
            base_url=running.url, api_key=KEY, max_retries=0, timeout=20, default_headers=UNRESTED
        ),
        "anthropic-messages": openai.OpenAI(
            base_url=f"{running.url}/v1", api_key=KEY, max_retries=0, timeout=20, default_headers=UNRESTED
        ),
    }
    for record in RECORDS:
        play(upstream, record)
        read = as_anthropic if record["wire"] == "openai-chat" else as_chat
        try:
            read(clients[record["wire"]], MODELS[record["wire"]], record["is_stream"])
        except (openai.APIError, anthropic.APIError) as error:
            assert is_error(record), f"{record['id']}: {error}"
    assert "Traceback" not in running.log()


def is_error(record: Record) -> bool:
    """The provider's own error, or an answer that breaks off or is none: these are told as errors."""
    fmt = FORMATS["openai_chat" if record["wire"] == "openai-chat" else "anthropic"]
    if record["status"] >= 400:
        return True
    if record["is_stream"]:
        observer = Observer(fmt)
        body = record["response_body"].encode("utf-8", "surrogatepass")
        for piece in (body, b""):
            observer.feed(piece)
        return observer.collected.error is not None
    try:
        return collect(fmt.parse_response(json.loads(record["response_body"]))).error is not None
    except ValueError:
        return True


def as_anthropic(client: Any, model: str, stream: bool) -> None:
    if not stream:
        assert client.messages.create(model=model, max_tokens=9, messages=ASK).stop_reason
        return
    with client.messages.stream(model=model, max_tokens=9, messages=ASK) as events:
        for _ in events:
            pass
        assert events.get_final_message().stop_reason


def as_chat(client: Any, model: str, stream: bool) -> None:
    answer = client.chat.completions.create(model=model, messages=ASK, stream=stream)
    if not stream:
        assert answer.choices[0].finish_reason
        return
    assert [chunk for chunk in answer if chunk.choices and chunk.choices[0].finish_reason]
