"""What is recorded: both sides of every exchange, readable by plain mitmproxy, and no secret in any byte."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mitmproxy import http, io
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider
from wires import CHAT_REQUEST, MESSAGES_REQUEST, TEXT, chat, chat_pieces, chat_stream

from cliproxy.addons import recordings

SECRET = "sk-test-provider-secret"


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": SECRET},
            "logging": {"request-log": "requests.log"},
        }
        with gateway(config) as running:
            yield running, upstream


def flows(running: Gateway) -> list[Path]:
    return sorted((running.home / ".cli-proxy-api" / "flows").rglob("*.flow"))


def recorded(running: Gateway, before: int) -> tuple[http.HTTPFlow, http.HTTPFlow]:
    (path,) = flows(running)[before:]
    with path.open("rb") as file:
        client, sent = io.FlowReader(file).stream()
    assert isinstance(client, http.HTTPFlow) and isinstance(sent, http.HTTPFlow)
    return client, sent


def ask(site: tuple[Gateway, Provider], answer: Answer, path: str, body: Any) -> tuple[http.HTTPFlow, http.HTTPFlow]:
    running, upstream = site
    upstream.answers[:] = [answer]
    before = len(flows(running))
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(timeout=20) as client:
        client.post(f"{running.url}{path}?key={KEY}&beta=true", json=body, headers=headers).read()
    return recorded(running, before)


def test_both_sides_of_a_translated_stream_are_kept(site: tuple[Gateway, Provider]) -> None:
    body = {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True}
    client, sent = ask(site, chat_stream(pause=0.02), "/v1/messages", body)
    assert client.metadata["cliproxy.id"] == sent.metadata["cliproxy.id"]
    assert (client.metadata["cliproxy.side"], sent.metadata["cliproxy.side"]) == ("client", "provider")
    assert json.loads(client.request.content or b"") == body
    assert client.response and b"message_stop" in (client.response.content or b"")
    assert sent.request.path.startswith("/v1/chat/completions")
    assert json.loads(sent.request.content or b"")["messages"][-1]["role"] == "user"
    assert sent.response and sent.response.content == b"".join(chat_pieces())
    chunks = sent.metadata["cliproxy.chunks"]
    assert sum(length for _, length in chunks) == len(sent.response.content or b"")
    assert [when for when, _ in chunks] == sorted(when for when, _ in chunks)


def test_both_sides_of_a_whole_answer_are_kept(site: tuple[Gateway, Provider]) -> None:
    client, sent = ask(site, chat(), "/v1/chat/completions", CHAT_REQUEST)
    assert client.response and sent.response
    assert client.response.content == sent.response.content == chat().pieces[0]


def test_an_error_is_kept_too(site: tuple[Gateway, Provider]) -> None:
    client, sent = ask(
        site, Answer(400, (b'{"error":{"message":"no"}}',)), "/v1/messages", MESSAGES_REQUEST | {"model": "gpt-test"}
    )
    assert client.response and sent.response
    assert (client.response.status_code, sent.response.status_code) == (400, 400)
    assert sent.response.content == b'{"error":{"message":"no"}}'


def test_no_secret_reaches_the_disk(site: tuple[Gateway, Provider]) -> None:
    echo = Answer(400, (json.dumps({"error": {"message": f"bad key {SECRET} of {KEY}"}}).encode(),))
    ask(site, echo, "/v1/chat/completions", {**CHAT_REQUEST, "user": KEY})
    running = site[0]
    for path in running.home.rglob("*"):
        if path.is_file() and path.name != "config.yaml":
            assert SECRET.encode() not in path.read_bytes(), path.name
            assert KEY.encode() not in path.read_bytes(), path.name


def test_only_their_owner_may_read_them(site: tuple[Gateway, Provider]) -> None:
    ask(site, chat(), "/v1/chat/completions", CHAT_REQUEST)
    for path in (*flows(site[0]), site[0].home / "requests.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_request_log_has_a_line_for_each(site: tuple[Gateway, Provider]) -> None:
    ask(site, chat(), "/v1/chat/completions", CHAT_REQUEST)
    lines = [json.loads(line) for line in (site[0].home / "requests.log").read_text().splitlines()]
    assert len(lines) == len(flows(site[0]))
    last = lines[-1]
    assert (last["model"], last["provider"], last["status"]) == ("gpt-test", "openai", 200)
    assert (last["input_tokens"], last["output_tokens"]) == (9, 2)
    assert TEXT not in json.dumps(lines)


def test_a_recording_can_take_the_providers_place(site: tuple[Gateway, Provider], tmp_path: Path) -> None:
    ask(site, chat_stream(), "/v1/chat/completions", {**CHAT_REQUEST, "stream": True})
    (tmp_path / "one.flow").write_bytes(flows(site[0])[-1].read_bytes())
    with gateway({"openai": {"replay": {"folder": str(tmp_path), "match": "nearest"}}}) as running:
        body = {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True}
        headers = {"x-api-key": KEY}
        answer = httpx.post(f"{running.url}/v1/messages", json=body, headers=headers, timeout=20)
    assert answer.status_code == 200
    assert '"text":" there"' in answer.text and "message_stop" in answer.text


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/nope", "/v1/models"])
def test_mitmproxys_own_files_hold_no_secret_either(tmp_path: Path, path: str) -> None:
    file = tmp_path / "traffic.flow"
    with provider(chat()) as upstream:
        with gateway({"openai": {"base-url": f"{upstream.url}/v1", "api-key": SECRET}}, "-w", str(file)) as running:
            headers = {"authorization": f"Bearer {KEY}", "x-api-key": KEY}
            httpx.request(
                "GET" if "models" in path else "POST",
                f"{running.url}{path}?key={KEY}",
                json=CHAT_REQUEST,
                headers=headers,
            )
            wrong = {"authorization": "Bearer sk-test-wrong-but-secret"}
            httpx.post(f"{running.url}{path}", json=CHAT_REQUEST, headers=wrong)
        assert [seen.headers["authorization"] for seen in upstream.seen] in ([], [f"Bearer {SECRET}"])
    saved = file.read_bytes()
    assert path.encode() in saved
    for secret in (SECRET, KEY, "sk-test-wrong-but-secret"):
        assert secret.encode() not in saved


def test_attempts_that_failed_are_kept_before_the_one_that_answered(tmp_path: Path) -> None:
    busy = Answer(503, (b'{"error":{"message":"busy"}}',))
    with provider(busy, chat_stream()) as upstream:
        keys = [{"key": f"sk-test-key-{n}", "base-url": f"{upstream.url}/v1"} for n in (1, 2)]
        config = {
            "openai": {"models": ["gpt-test"]},
            "load-balance": {"strategy": "fill-first", "credentials": {"openai": keys}},
        }
        with gateway(config, "--record", str(tmp_path)) as running:
            body = {**CHAT_REQUEST, "stream": True}
            headers = {"authorization": f"Bearer {KEY}"}
            answer = httpx.post(f"{running.url}/v1/chat/completions", json=body, headers=headers, timeout=20)
    (path,) = recordings.files(tmp_path)
    (found,) = recordings.load(path)
    statuses = [tried.response and tried.response.status_code for tried in found.attempts]
    assert (statuses, [tried.account for tried in found.attempts]) == ([503, 200], ["openai-1", "openai-2"])
    assert b"".join(data for _, data in found.attempts[0].chunks) == busy.pieces[0]
    assert found.response and found.response.content == answer.content
    assert [outcome["status"] for outcome in found.facts["attempts"]] == [503, 200]
    assert [at for at, _ in found.chunks] == sorted(at for at, _ in found.chunks)
