"""The Responses backend of ChatGPT accounts: always streamed, refusing much; every client gets what it asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import vendors
from calling import CLIENTS, SAID, Client, calls_tool
from running import KEY, RESTED, Gateway, gateway
from scripted import Answer, Provider, provider, stream, whole
from wires import TEXT, response_body, response_stream, sse

TOKEN, ACCOUNT = "sk-test-account-token", "acc-1"
HEADERS = {"authorization": f"Bearer {KEY}", "x-test-rested": "1"}
INPUT: list[Any] = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]
CALL = {
    "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "look", "arguments": '{"at":"sky"}',
    "status": "completed",
}  # fmt: skip


def calls() -> Answer:
    at, item = {"item_id": "fc_1", "output_index": 0}, {"output_index": 0, "item": CALL}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response_body("in_progress", [], None)},
        {"type": "response.output_item.added", "output_index": 0, "item": {**CALL, "arguments": ""}},
        {"type": "response.function_call_arguments.delta", **at, "delta": '{"at":'},
        {"type": "response.function_call_arguments.delta", **at, "delta": '"sky"}'},
        {"type": "response.output_item.done", **item},
        {"type": "response.completed", "response": response_body("completed", [])},
    ]  # fmt: skip
    return stream(*(sse({**e, "sequence_number": n}, e["type"]) for n, e in enumerate(events)))


def failed(code: str, message: str, *before: bytes) -> Answer:
    fault = {**response_body("failed", []), "error": {"code": code, "message": message}}
    return stream(*before, sse({"type": "response.failed", "response": fault}, "response.failed"))


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(response_stream()) as upstream:
        account = {"key": TOKEN, "label": "plus", "door": "chatgpt", "headers": {"chatgpt-account-id": ACCOUNT}}
        second = {**account, "key": "sk-test-second", "label": "second"}
        config = {
            "load-balance": {"strategy": "fill-first", "credentials": {"openai": [account, second]}},
            "doors": {"chatgpt": {"base-url": f"{upstream.url}/backend-api/codex"}},
        }
        with gateway(config, *RESTED) as running:
            yield running, upstream


@pytest.fixture
def upstream(site: tuple[Gateway, Provider]) -> Provider:
    site[1].seen.clear()
    return site[1]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_format_whole_and_streamed(
    site: tuple[Gateway, Provider], upstream: Provider, client: Client, streamed: bool
) -> None:
    upstream.answers[:] = [response_stream()]
    assert client(site[0].url, "gpt-5", streamed) == SAID
    vendors.chatgpt(upstream.seen[0], TOKEN, ACCOUNT)
    assert upstream.seen[0].headers["accept"] in ("text/event-stream", "application/json")


@pytest.mark.parametrize("client", calls_tool, ids=lambda client: client.__name__)
def test_tools(site: tuple[Gateway, Provider], upstream: Provider, client: Any) -> None:
    upstream.answers[:] = [calls(), response_stream()]
    assert client(site[0].url, "gpt-5") == ("look", {"at": "sky"}, TEXT)
    body = vendors.chatgpt(upstream.seen[1], TOKEN, ACCOUNT)
    assert [item.get("type") for item in body["input"]][-2:] == ["function_call", "function_call_output"]


def test_what_codex_sends_and_gets_stays_byte_for_byte(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    upstream.answers[:] = [response_stream()]
    body = b'{ "model":"gpt-5-codex","instructions" :"Be.","input":[],"store":false, "stream":true,"include":[ ] }'
    headers = {**HEADERS, "content-type": "application/json", "originator": "codex_cli_rs", "session_id": "s-1"}
    answer = httpx.post(f"{site[0].url}/v1/responses", content=body, headers=headers, timeout=20)
    assert answer.content == b"".join(response_stream().pieces)
    (seen,) = upstream.seen
    assert seen.body == body
    assert (seen.headers["originator"], seen.headers["session_id"]) == ("codex_cli_rs", "s-1")


def test_a_whole_answer_of_its_own_format_is_the_streams_own_bytes(
    site: tuple[Gateway, Provider], upstream: Provider
) -> None:
    full = b'{"id":"resp_1" , "object":"response","status":"completed","output":[{"type":"x","n":1.0e1}],"new":{} }'
    end = b'event: response.completed\ndata: {"type":"response.completed","response":' + full + b"}\n\n"
    upstream.answers[:] = [Answer(200, (*response_stream().pieces[:-1], end), "")]
    answer = httpx.post(
        f"{site[0].url}/v1/responses", json={"model": "gpt-5", "input": "Hi"}, headers=HEADERS, timeout=20
    )
    assert (answer.content, answer.headers["content-type"]) == (full, "application/json")


@pytest.mark.parametrize("streamed", [False, True])
def test_a_conversation_goes_on_by_its_last_id_though_nothing_is_stored_there(
    site: tuple[Gateway, Provider], upstream: Provider, streamed: bool
) -> None:
    upstream.answers[:] = [calls()]
    url, ask = f"{site[0].url}/v1/responses", {"model": "gpt-5", "input": "Hi", "stream": streamed}
    assert httpx.post(url, json=ask, headers=HEADERS, timeout=20).status_code == 200
    upstream.answers[:] = [response_stream()]
    result = {"type": "function_call_output", "call_id": "call_1", "output": "blue"}
    more = {**ask, "input": [result], "previous_response_id": "resp_1"}
    assert httpx.post(url, json=more, headers=HEADERS, timeout=20).status_code == 200
    body = vendors.chatgpt(upstream.seen[-1], TOKEN, ACCOUNT)
    call = {name: CALL[name] for name in ("type", "call_id", "name", "arguments")}
    assert body["input"] == [*INPUT, call, result]


def test_what_it_refuses_is_left_out_and_named(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    upstream.answers[:] = [response_stream()]
    ask = {"model": "gpt-5", "input": "Hi", "temperature": 1, "max_output_tokens": 9, "metadata": {"a": "b"}}
    answer = httpx.post(f"{site[0].url}/v1/responses", json=ask, headers=HEADERS, timeout=20)
    assert answer.headers["x-cliproxy-lost"] == "max_tokens, metadata, temperature"
    assert vendors.chatgpt(upstream.seen[0], TOKEN, ACCOUNT)["input"] == INPUT
    chat = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hi"}], "temperature": 1, "max_tokens": 9}
    told = httpx.post(f"{site[0].url}/v1/chat/completions", json=chat, headers=HEADERS, timeout=20)
    assert told.headers["x-cliproxy-lost"] == "max_tokens, temperature"
    strict = {**HEADERS, "x-cliproxy-strict": "1"}
    refused = httpx.post(f"{site[0].url}/v1/responses", json=ask, headers=strict, timeout=20)
    assert (refused.status_code, len(upstream.seen)) == (400, 2)


# -- errors -------------------------------------------------------------------------------

FAULTS = [
    ("rate_limit_exceeded", 429),
    ("server_error", 500),
    ("context_length_exceeded", 400),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("code, status", FAULTS)
@pytest.mark.parametrize("path", ["/v1/responses", "/v1/chat/completions"])
def test_an_error_inside_200_has_its_real_status(
    site: tuple[Gateway, Provider], upstream: Provider, path: str, code: str, status: int, streamed: bool
) -> None:
    upstream.answers[:] = [failed(code, "not so")]
    words = {"input": "Hi"} if path.endswith("responses") else {"messages": [{"role": "user", "content": "Hi"}]}
    ask = {"model": "gpt-5", "stream": streamed, **words}
    answer = httpx.post(site[0].url + path, json=ask, headers=HEADERS, timeout=20)
    assert (answer.status_code, "not so" in answer.json()["error"]["message"]) == (status, True)


def test_an_error_in_the_middle_of_what_is_wanted_whole_goes_to_the_next_account(
    site: tuple[Gateway, Provider], upstream: Provider
) -> None:
    begun = response_stream().pieces[:5]
    upstream.answers[:] = [failed("server_error", "oh", *begun), response_stream()]
    answer = httpx.post(
        f"{site[0].url}/v1/responses", json={"model": "gpt-5", "input": "Hi"}, headers=HEADERS, timeout=20
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    assert [seen.headers["authorization"] for seen in upstream.seen] == [f"Bearer {TOKEN}", "Bearer sk-test-second"]


@pytest.mark.parametrize("drop", ["", "body"])
def test_a_stream_that_breaks_off_is_no_whole_answer(
    site: tuple[Gateway, Provider], upstream: Provider, drop: str
) -> None:
    upstream.answers[:] = [stream(*response_stream().pieces[:5], drop=drop)]
    answer = httpx.post(
        f"{site[0].url}/v1/responses", json={"model": "gpt-5", "input": "Hi"}, headers=HEADERS, timeout=20
    )
    assert answer.status_code == 502 and len(upstream.seen) == 2


def test_an_http_error_is_one(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    upstream.answers[:] = [whole({"detail": "Unsupported parameter: x"}, 400)]
    ask = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hi"}]}
    answer = httpx.post(f"{site[0].url}/v1/chat/completions", json=ask, headers=HEADERS, timeout=20)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Unsupported parameter: x")


def test_nothing_of_the_token_is_in_the_log(site: tuple[Gateway, Provider]) -> None:
    assert TOKEN not in site[0].log() and json.dumps(ACCOUNT) not in site[0].log()
