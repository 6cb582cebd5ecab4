"""Gemini Code Assist as a provider in every client format, and gemini-cli's own way of asking as a client's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import vendors
from calling import CLIENTS, SAID, Client, calls_tool
from running import KEY, RESTED, Gateway, gateway
from scripted import Answer, Provider, provider, stream, whole
from wires import (
    CONTENTS_REQUEST,
    TEXT,
    assist,
    assist_stream,
    content,
    enveloped,
    gemini,
    gemini_stream,
    message,
    message_stream,
)

TOKEN, PROJECT = "ya29.sk-test-token", "our-project"
HEADERS = {"authorization": f"Bearer {KEY}", "x-test-rested": "1"}
RECORDED = Path(__file__).parents[3] / "shared/corpus/code_assist.jsonl"
CALL = {"functionCall": {"name": "look", "args": {"at": "sky"}}}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(assist()) as upstream:
        account = {"key": TOKEN, "label": "assist", "door": "code-assist", "project": PROJECT}
        config = {
            "load-balance": {"credentials": {"gemini": [account]}},
            "doors": {"code-assist": {"base-url": upstream.url}},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
            "custom-providers": {
                "plain": {"base-url": upstream.url, "api-key": "sk-test-g", "format": "gemini", "models": ["plain-g"]}
            },
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
    upstream.answers[:] = [assist_stream() if streamed else assist()]
    assert client(site[0].url, "gemini-2.5-pro", streamed) == SAID
    vendors.code_assist(upstream.seen[0], "gemini-2.5-pro", streamed, TOKEN, PROJECT)


@pytest.mark.parametrize("client", calls_tool, ids=lambda client: client.__name__)
def test_tools(site: tuple[Gateway, Provider], upstream: Provider, client: Any) -> None:
    upstream.answers[:] = [assist(content([CALL])), assist()]
    assert client(site[0].url, "gemini-2.5-pro") == ("look", {"at": "sky"}, TEXT)
    inner = vendors.code_assist(upstream.seen[1], "gemini-2.5-pro", False, TOKEN, PROJECT)
    assert "functionResponse" in str(inner["contents"])


def test_a_gemini_clients_bytes_are_inside(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    body = b'{ "contents":[{"role":"user","parts":[{"text":"\\u00e9"}]}], "new" :1.0e1 }'
    inner = b'{ "candidates": [ ],"n":1.0e1 }'
    url = f"{site[0].url}/v1beta/models/gemini-x"
    upstream.answers[:] = [whole(enveloped(inner)), stream(b"data: " + enveloped(inner) + b"\r\n\r\n")]
    assert httpx.post(f"{url}:generateContent", content=body, headers=HEADERS, timeout=20).content == inner
    streamed = httpx.post(f"{url}:streamGenerateContent?alt=sse", content=body, headers=HEADERS, timeout=20)
    assert streamed.content == b"data: " + inner + b"\r\n\r\n"
    for seen in upstream.seen:
        assert seen.body == b'{"model":"gemini-x","project":"our-project","request":' + body + b"}"


def test_the_array_form_of_a_stream(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    upstream.answers[:] = [assist_stream()]
    url = f"{site[0].url}/v1beta/models/gemini-x:streamGenerateContent"
    answer = httpx.post(url, json=CONTENTS_REQUEST, headers=HEADERS, timeout=20)
    assert answer.headers["content-type"] == "application/json"
    assert "".join(one["candidates"][0]["content"]["parts"][0]["text"] for one in answer.json()) == TEXT


@pytest.mark.parametrize("path", ["/v1beta/models/gemini-x:generateContent", "/v1internal:generateContent"])
def test_googles_errors_pass(site: tuple[Gateway, Provider], upstream: Provider, path: str) -> None:
    fault = {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}
    upstream.answers[:] = [whole(fault, 403)]
    ask = {"model": "gemini-x", "request": CONTENTS_REQUEST} if "internal" in path else CONTENTS_REQUEST
    answer = httpx.post(site[0].url + path, json=ask, headers=HEADERS, timeout=20)
    assert (answer.status_code, answer.json()) == (403, fault)


# -- clients that speak so themselves ------------------------------------------------------

OWN = (
    b'{ "model":"gemini-x", "project": "theirs","user_prompt_id":"u-1","request": {"contents":[] , "session_id":"s"} }'
)


@pytest.mark.parametrize("streamed", [False, True])
def test_to_code_assist_it_is_passed_but_for_who_is_billed(
    site: tuple[Gateway, Provider], upstream: Provider, streamed: bool
) -> None:
    given = assist_stream() if streamed else assist()
    upstream.answers[:] = [given]
    path = "/v1internal:streamGenerateContent?alt=sse" if streamed else "/v1internal:generateContent"
    answer = httpx.post(site[0].url + path, content=OWN, headers=HEADERS, timeout=20)
    assert answer.content == b"".join(given.pieces)
    assert (upstream.seen[0].path, upstream.seen[0].body) == (path, OWN.replace(b'"theirs"', b'"our-project"'))


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "model, answers", [("plain-g", (gemini(), gemini_stream())), ("claude-x", (message(), message_stream()))]
)
def test_to_others_it_is_unwrapped_and_the_answer_wrapped(
    site: tuple[Gateway, Provider], upstream: Provider, model: str, answers: tuple[Answer, Answer], streamed: bool
) -> None:
    upstream.answers[:] = [answers[streamed]]
    path = "/v1internal:streamGenerateContent?alt=sse" if streamed else "/v1internal:generateContent"
    ask = {"model": model, "project": "theirs", "user_prompt_id": "u", "request": CONTENTS_REQUEST}
    answer = httpx.post(site[0].url + path, json=ask, headers=HEADERS, timeout=20)
    lines = answer.text.replace("\r", "").split("\n\n") if streamed else [f"data: {answer.text}"]
    told = [json.loads(line.removeprefix("data: "))["response"] for line in lines if line.strip()]
    said = [one["candidates"][0]["content"]["parts"] for one in told if one.get("candidates")]
    assert "".join(part.get("text", "") for parts in said for part in parts) == TEXT
    assert "theirs" not in upstream.seen[0].body.decode() and "request" not in upstream.seen[0].json


@pytest.mark.parametrize(
    "path, body, told",
    [
        ("/v1internal:generateContent", {"request": {}}, "model must be a string"),
        ("/v1internal:generateContent", {"model": "gemini-x"}, "request must be an object"),
        ("/v1internal:streamGenerateContent", {"model": "gemini-x", "request": {}}, "?alt=sse"),
    ],
)
def test_a_bad_envelope_is_said_to_be_one(
    site: tuple[Gateway, Provider], upstream: Provider, path: str, body: Any, told: str
) -> None:
    answer = httpx.post(site[0].url + path, json=body, headers=HEADERS, timeout=20)
    assert (answer.status_code, upstream.seen) == (400, [])
    assert told in answer.json()["error"]["message"] and answer.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded traffic is not beside the checkout")
def test_what_was_recorded(site: tuple[Gateway, Provider], upstream: Provider) -> None:
    record = json.loads(RECORDED.read_text().splitlines()[0])
    upstream.answers[:] = [stream(record["response_body"].encode())]
    url = f"{site[0].url}{record['url_path']}"
    answer = httpx.post(url, json=record["request_json"], headers=HEADERS, timeout=20)
    assert answer.text == record["response_body"]
    upstream.answers[:] = [stream(record["response_body"].encode())]
    contents = {**record["request_json"]["request"]}
    gemini_url = f"{site[0].url}/v1beta/models/gemini-x:streamGenerateContent?alt=sse"
    opened = httpx.post(gemini_url, json=contents, headers=HEADERS, timeout=20)
    texts = [
        json.loads(line[6:])["candidates"][0]["content"]["parts"][0]["text"]
        for line in opened.text.splitlines()
        if line and line != "data: [DONE]"
    ]
    assert "".join(texts).startswith("Your random 5 digit number")
