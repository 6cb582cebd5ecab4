"""Recordings as a provider, through a running gateway: strict and nearest, and in front of the real provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mitmproxy import io
from running import KEY, Gateway, gateway
from scripted import provider
from wires import CHAT_REQUEST, MESSAGES_REQUEST, chat, chat_pieces, chat_stream

HEADERS = {"authorization": f"Bearer {KEY}"}
STREAMED = {**CHAT_REQUEST, "stream": True}


def ask(running: Gateway, body: Any, path: str = "/v1/chat/completions") -> httpx.Response:
    return httpx.post(f"{running.url}{path}", json=body, headers=HEADERS, timeout=20)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One streamed answer, and two whole ones to the same request."""
    folder = tmp_path_factory.mktemp("flows")
    with provider(chat_stream(), chat(), chat({"content": "Again"})) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-provider"}}
        with gateway(config, "--record", str(folder)) as running:
            for body in (STREAMED, CHAT_REQUEST, {**CHAT_REQUEST, "user": "somebody else"}):
                assert ask(running, body).status_code == 200
    yield folder


def test_the_recorded_bytes_are_answered_without_a_key_or_a_provider(recordings: Path) -> None:
    with gateway(None, "--replay", str(recordings), "--speed", "0") as running:
        assert ask(running, STREAMED).content == b"".join(chat_pieces())
        whole = [ask(running, {**CHAT_REQUEST, "user": name}).content for name in ("a", "b")]
        assert whole == [chat().pieces[0], chat({"content": "Again"}).pieces[0]]
        missing = ask(running, {**STREAMED, "seed": 7})
        assert missing.status_code == 404
        assert "seed: nothing was recorded, 7 is asked" in missing.json()["error"]["message"]


def test_another_formats_client_hears_in_its_own_format_what_is_missing(recordings: Path) -> None:
    body = {**MESSAGES_REQUEST, "model": CHAT_REQUEST["model"]}
    with gateway({"openai": {"replay": str(recordings)}}) as running:
        refused = ask(running, body, "/v1/messages")
    assert refused.status_code == 404 and refused.json()["type"] == "error"
    assert "The nearest is" in refused.json()["error"]["message"]


def test_another_formats_client_gets_the_nearest_answer_translated(recordings: Path) -> None:
    body = {**MESSAGES_REQUEST, "model": CHAT_REQUEST["model"]}
    with gateway({"openai": {"replay": {"folder": str(recordings), "match": "nearest"}}}) as running:
        answer = ask(running, body, "/v1/messages")
    assert answer.status_code == 200 and answer.json()["type"] == "message"


def test_what_is_missing_is_asked_and_recorded_once(tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    secret = "sk-test-provider-secret"
    with provider(chat()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": secret}}
        arguments = ("--replay", str(folder), "--missing", "ask", "--record", str(folder))
        for _ in range(2):
            with gateway(config, *arguments) as running:
                assert ask(running, CHAT_REQUEST).content == chat().pieces[0]
        assert [seen.headers["authorization"] for seen in upstream.seen] == [f"Bearer {secret}"]
    (file,) = folder.glob("*.flow")
    with file.open("rb") as opened:
        assert len(list(io.FlowReader(opened).stream())) == 2
    with gateway(None, "--replay", str(folder)) as running:
        assert json.loads(ask(running, CHAT_REQUEST).content) == json.loads(chat().pieces[0])
