"""What could not be carried is named: in a header, on the flow, in one log line; `strict` makes it a 400."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mitmproxy import io
from running import KEY, Gateway, gateway
from scripted import Provider, provider
from wires import CHAT_REQUEST, CONTENTS_REQUEST, MESSAGES_REQUEST, chat, message

ODD = {**CHAT_REQUEST, "model": "claude-test", "seed": 7, "logit_bias": {"1": 2}, "presence_penalty": 0.5}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(message()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
            "gemini": {"base-url": upstream.url, "api-key": "sk-test-g"},
            "record": "flows",
        }
        with gateway(config) as running:
            yield running, upstream


def post(site: tuple[Gateway, Provider], path: str, body: Any, **headers: str) -> httpx.Response:
    site[1].seen.clear()
    return httpx.post(site[0].url + path, json=body, headers={"x-api-key": KEY, **headers}, timeout=20)


def test_losses_are_named_in_header_log_and_flow(site: tuple[Gateway, Provider]) -> None:
    answer = post(site, "/v1/chat/completions", ODD)
    lost = ["openai_chat:logit_bias", "presence_penalty", "seed"]
    assert answer.status_code == 200
    assert answer.headers["x-cliproxy-lost"] == ", ".join(lost)
    log = site[0].log()
    assert f"{answer.headers['x-cliproxy-id']} · claude-test → anthropic/claude-test · anthropic-1 · 200 · " in log
    assert f" ms · lost: {', '.join(lost)}" in log
    (path,) = (site[0].home / "flows").glob(f"*{answer.headers['x-cliproxy-id']}.flow")
    with path.open("rb") as file:
        for flow in io.FlowReader(file).stream():
            assert flow.metadata["cliproxy.lost"] == lost


def test_the_same_format_loses_nothing(site: tuple[Gateway, Provider]) -> None:
    site[1].answers[:] = [chat()]
    answer = post(site, "/v1/chat/completions", {**ODD, "model": "gpt-test"}, **{"x-cliproxy-strict": "1"})
    assert answer.status_code == 200
    assert "x-cliproxy-lost" not in answer.headers
    site[1].answers[:] = [message()]


def test_strict_refuses_with_a_list(site: tuple[Gateway, Provider]) -> None:
    answer = post(site, "/v1/chat/completions", ODD, **{"x-cliproxy-strict": "1"})
    assert answer.status_code == 400
    for name in ("openai_chat:logit_bias", "presence_penalty", "seed"):
        assert name in answer.json()["error"]["message"]
    assert site[1].seen == []


def test_what_changes_the_question_is_refused_in_any_case(site: tuple[Gateway, Provider]) -> None:
    answer = post(site, "/v1/chat/completions", {**ODD, "n": 2})
    assert answer.status_code == 400
    assert "n (more than one answer)" in answer.json()["error"]["message"]
    assert site[1].seen == []


def test_a_request_that_cannot_be_read_says_where(site: tuple[Gateway, Provider]) -> None:
    answer = post(site, "/v1/messages", {**MESSAGES_REQUEST, "model": "gpt-test", "messages": [{"role": "boss"}]})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("messages[0].role must be one of ")
    assert site[1].seen == []


def test_the_amount_of_reasoning_in_the_models_name(site: tuple[Gateway, Provider]) -> None:
    post(site, "/v1/messages", {**MESSAGES_REQUEST, "model": "claude-test(2048)", "max_tokens": 9000})
    assert site[1].seen[0].json["model"] == "claude-test"
    assert site[1].seen[0].json["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    site[1].answers[:] = [chat()]
    post(site, "/v1/messages", {**MESSAGES_REQUEST, "model": "gpt-test(high)"})
    assert site[1].seen[0].json["reasoning_effort"] == "high"
    site[1].answers[:] = [message()]


def test_a_gemini_stream_without_alt_sse_is_a_json_array(site: tuple[Gateway, Provider]) -> None:
    answer = post(site, "/v1beta/models/claude-test:streamGenerateContent", CONTENTS_REQUEST)
    chunks = json.loads(answer.text)
    assert "".join(p["text"] for c in chunks for p in c["candidates"][0]["content"]["parts"]) == "Hello there"


BAD: list[tuple[str, bytes, str]] = [
    ("", b"", "The body is empty; it must be a JSON object."),
    ("application/json", b"{", "The body is not valid JSON: "),
    ("application/json", b"[]", "The body must be a JSON object, not a list."),
    ("application/json", b'{"model": 1}', "model must be a string that names a model, not a number."),
    ("application/json", b'{"model": "gpt-x", "stream": "yes"}', "stream must be true or false, not a string."),
    ("application/json", b'{"model": "llama"}', "No provider serves the model 'llama'. Configured are: "),
]


@pytest.mark.parametrize("kind, content, sentence", BAD, ids=[sentence for _, _, sentence in BAD])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions"])
def test_bad_input_gets_one_sentence_in_the_clients_format(
    site: tuple[Gateway, Provider], path: str, kind: str, content: bytes, sentence: str
) -> None:
    headers = {"x-api-key": KEY, "content-type": kind}
    answer = httpx.post(site[0].url + path, content=content, headers=headers, timeout=20)
    assert answer.status_code == (404 if "llama" in sentence else 400)
    assert answer.json()["error"]["message"].startswith(sentence)
    assert answer.json().get("type") == ("error" if path == "/v1/messages" else None)
