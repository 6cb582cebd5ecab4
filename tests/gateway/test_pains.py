"""Pains of users and faults of the original that show only through the running gateway: statuses, bodies, limits.

The others are in tests/translators/test_pains.py and test_faults_of_the_original.py, with the whole list of both.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running import KEY, RESTED, Gateway, gateway
from scripted import Answer, Provider, provider, stream, whole
from tongues import asks, hears, hears_stream, sse, streams
from wires import TEXT, chat, chat_pieces, gemini, message

HEADERS = {"authorization": f"Bearer {KEY}", "x-test-rested": "1"}
MODELS = {"openai_chat": "gpt-test", "anthropic": "claude-test", "gemini": "gemini-test"}
PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_completions": "/v1/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
}
CLIENTS = (*PATHS, "gemini")
each_client = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    """One scripted server plays all providers; a body may be 1 MB."""
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
            "gemini": {"base-url": upstream.url, "api-key": "sk-test-g"},
            "limits": {"body-size": "1m"},
            "timeouts": {"connect": 1, "first-byte": 2, "whole-answer": 2, "total": 8, "idle": 3},
        }
        with gateway(config, *RESTED) as running:
            yield running, upstream


def script(site: tuple[Gateway, Provider], *answers: Answer) -> Provider:
    upstream = site[1]
    upstream.seen.clear()
    upstream.answers[:] = answers
    return upstream


def post(
    site: tuple[Gateway, Provider], client: str, upstream: str, streamed: bool = False, **more: Any
) -> httpx.Response:
    body, model, url = {**asks(client), **more}, MODELS[upstream], site[0].url
    if client == "gemini":
        verb = "streamGenerateContent?alt=sse" if streamed else "generateContent"
        return httpx.post(f"{url}/v1beta/models/{model}:{verb}", json=body, headers=HEADERS, timeout=30)
    body |= {"model": model, **({"stream": True} if streamed else {})}
    return httpx.post(url + PATHS[client], json=body, headers=HEADERS, timeout=30)


def foreign(client: str) -> str:
    """A provider that speaks another format than this client."""
    return "openai_chat" if client in ("anthropic", "gemini") else "anthropic"


def is_error_of(client: str, body: Any) -> bool:
    match client:
        case "anthropic":
            return body["type"] == "error" and body["error"].keys() == {"type", "message"}
        case "gemini":
            return {"code", "message", "status"} <= body["error"].keys()
        case _:
            return {"message", "type", "param", "code"} <= body["error"].keys()


# -- pain 6: bytes ------------------------------------------------------------------------------


def test_pain_06_the_bytes_of_the_same_format_stay(site: Any) -> None:
    """router-for-me/CLIProxyAPI#1584, #2172: signatures break when JSON is written anew."""
    upstream = script(site, message())
    odd = (
        b'{ "model" : "claude-test","max_tokens":9 ,\n'
        b'"messages":[{"role":"user","content":"gr\\u00fc\\u00dfe \\/ 1.0e1"}],"z":1.50 }'
    )
    answer = httpx.post(
        f"{site[0].url}/v1/messages", content=odd, headers={**HEADERS, "content-type": "application/json"}
    )
    assert answer.status_code == 200
    assert upstream.seen[0].body == odd
    assert answer.content == b"".join(message().pieces)


# -- pain 13: counting is not generating -----------------------------------------------------------


COUNTED = [
    ("/v1/messages/count_tokens", "anthropic", "/v1/messages/count_tokens"),
    ("/v1beta/models/claude-test:countTokens", "gemini", "/v1/messages/count_tokens"),
    ("/v1/models/gemini-test:countTokens", "gemini", "/v1/models/gemini-test:countTokens"),
    ("/v1/responses/input_tokens", "openai_responses", "/v1/messages/count_tokens"),
]


@pytest.mark.parametrize("path, client, counter", COUNTED)
def test_pain_13_counting_tokens_is_never_a_paid_generation(site: Any, path: str, client: str, counter: str) -> None:
    """QuantumNous/new-api#7283; router-for-me/CLIProxyAPI#133. Only counters are asked, whatever the formats."""
    upstream = script(site, whole({"input_tokens": 7, "totalTokens": 7}))
    answer = httpx.post(site[0].url + path, json={**asks(client), "model": "claude-test"}, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert 7 in answer.json().values()
    assert [seen.path for seen in upstream.seen] == [counter]


# -- pains 14 and 16, edge case 22: errors in streams -------------------------------------------------

OVERLOADED = {
    "openai_chat": sse({"error": {"message": "overloaded", "type": "server_error", "code": 503}}),
    "anthropic": sse({"type": "error", "error": {"type": "overloaded_error", "message": "overloaded"}}, "error"),
}


@each_client
def test_pain_14_an_error_as_first_event_of_a_200_is_a_real_status(site: Any, client: str) -> None:
    """BerriAI/litellm#41826, #20361; mlflow/mlflow#25897."""
    upstream = foreign(client)
    script(site, stream(OVERLOADED[upstream]))
    answer = post(site, client, upstream, streamed=True)
    assert answer.status_code >= 500
    assert is_error_of(client, answer.json())
    assert "overloaded" in answer.json()["error"]["message"]


@each_client
def test_pain_14_an_error_in_mid_stream_is_the_clients_error_event(site: Any, client: str) -> None:
    """BerriAI/litellm#20361; vercel/ai#18303; lbjlaq/Antigravity-Manager#3371."""
    upstream = foreign(client)
    script(site, stream(*streams(upstream, "So")[:2], OVERLOADED[upstream]))
    answer = post(site, client, upstream, streamed=True)
    heard = hears_stream(client, answer.content)
    assert answer.status_code == 200
    assert "overloaded" in json.dumps(heard.error)
    assert heard.end == ""


@each_client
@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_pain_14_and_fault_18_a_providers_error_in_the_clients_words(site: Any, client: str, status: int) -> None:
    """BerriAI/litellm#41826: status and shape, never the provider's body as it is."""
    upstream = foreign(client)
    own = {"error": {"message": "too long", "type": "x", "param": None, "code": None}}
    script(site, whole(own if upstream == "openai_chat" else {"type": "error", **own, "request_id": "r"}, status))
    answer = post(site, client, upstream)
    assert answer.status_code == status
    assert is_error_of(client, answer.json())
    assert answer.json()["error"]["message"] == "too long"
    assert "request_id" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 429)


@each_client
def test_pain_16_a_stream_that_falls_silent_or_drops_is_told(site: Any, client: str) -> None:
    """9j/claude-code-mux#11; router-for-me/CLIProxyAPI#4527: no end, and the client waits for ever."""
    upstream = foreign(client)
    script(site, stream(*streams(upstream, "So")[:2], drop="body"))
    began = time.monotonic()
    heard = hears_stream(client, post(site, client, upstream, streamed=True).content)
    assert heard.error and heard.end == ""
    assert time.monotonic() - began < 5


def test_pain_16_the_same_where_the_bytes_stay(site: Any) -> None:
    """A stream of the client's own format that breaks off gets its error event too."""
    script(site, stream(*chat_pieces()[:2], drop="body"))
    heard = hears_stream("openai_chat", post(site, "openai_chat", "openai_chat", streamed=True).content)
    assert heard.error and heard.end == "" and heard.events[-1] != "[DONE]"


# -- pain 20 --------------------------------------------------------------------------------------------


def test_pain_20_a_websocket_is_served_or_refused_in_the_one_way_that_costs_nothing(site: Any) -> None:
    """icebear0828/codex-proxy#681; diegosouzapw/OmniRoute#998: only 426 makes Codex fall back at once."""
    upgrade = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "x" * 22 + "==",
    }
    statuses = [
        httpx.get(site[0].url + at, headers={**HEADERS, **upgrade}).status_code for at in ("/v1/responses", "/v1/x")
    ]
    assert statuses == [101, 426]


# -- faults of the original ------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["unknownMethod", "generateMessage", "streamAnswer", ""])
def test_fault_11_an_unknown_method_is_no_empty_200(site: Any, verb: str) -> None:
    upstream = script(site, gemini())
    answer = httpx.post(f"{site[0].url}/v1beta/models/gemini-test:{verb}", json=asks("gemini"), headers=HEADERS)
    assert answer.status_code == 404
    assert is_error_of("gemini", answer.json())
    assert upstream.seen == []


@each_client
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk-wrong"}], ids=["no key", "wrong key"])
def test_fault_12_a_401_is_in_the_clients_envelope(site: Any, client: str, headers: dict[str, str]) -> None:
    upstream = script(site, chat())
    path = PATHS.get(client, "/v1beta/models/gemini-test:generateContent")
    answer = httpx.post(site[0].url + path, json={**asks(client), "model": "gpt-test"}, headers=headers)
    assert answer.status_code == 401
    assert is_error_of(client, answer.json())
    assert upstream.seen == []


def test_fault_12_also_where_the_models_are_asked_for(site: Any) -> None:
    for extra, client in (
        ({"anthropic-version": "2023-06-01"}, "anthropic"),
        ({"x-goog-api-key": "no"}, "gemini"),
        ({}, "openai_chat"),
    ):
        answer = httpx.get(f"{site[0].url}/v1/models", headers=extra)
        assert answer.status_code == 401
        assert is_error_of(client, answer.json())


@each_client
def test_fault_14_a_body_over_the_limit_is_a_413_in_the_clients_format(site: Any, client: str) -> None:
    upstream = script(site, chat())
    padding = {"metadata": {"x": "y" * 1_200_000}}
    answer = post(site, client, foreign(client), **padding)
    assert answer.status_code == 413
    assert is_error_of(client, answer.json())
    assert upstream.seen == []


def test_fault_14_a_chunked_body_over_the_limit_too(site: Any) -> None:
    upstream = script(site, chat())
    pieces = (b"x" * 65536 for _ in range(40))
    try:
        answer = httpx.post(f"{site[0].url}/v1/chat/completions", content=pieces, headers=HEADERS)
    except httpx.TransportError:
        pass  # hung up on while it still sent
    else:
        assert answer.status_code == 413
    assert upstream.seen == []


def test_fault_15_a_silent_provider_is_covered_from_the_start_and_no_error_is_a_200(site: Any) -> None:
    """Whole and streamed: an error that comes late is still an HTTP error while nothing was promised."""
    for streamed in (False, True):
        script(site, Answer(500, (b'{"error":{"message":"late"}}',), delay=1.0))
        answer = post(site, "anthropic", "openai_chat", streamed=streamed)
        assert answer.status_code == 500
        assert is_error_of("anthropic", answer.json())


def test_fault_19_a_client_that_says_nothing_holds_nobody_up(site: Any) -> None:
    """Half a request waits on its own; the others are served."""
    port = int(site[0].url.rpartition(":")[2])
    script(site, chat())
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        answer = post(site, "openai_chat", "openai_chat")
        assert hears("openai_chat", answer.json()).text == TEXT
