"""With an exception in each addon in turn, no provider is contacted and the client gets a 502 in its own format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import Provider, provider
from wires import CHAT_REQUEST, MESSAGES_REQUEST, chat, chat_stream

SCRIPT = str(Path(__file__).with_name("planted.py"))
BEFORE = [
    "clientauth.requestheaders", "routing.requestheaders", "routing.request", "models.request", "translation.request",
    "recorder.request", "dispatch.upstream_attempt",
]  # fmt: skip
AFTER = ["translation.responseheaders", "translation.response", "dispatch.response", "recorder.response"]
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", CHAT_REQUEST),
    "anthropic": ("/v1/messages", {**MESSAGES_REQUEST, "model": "gpt-test"}),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Provider]]:
    record = tmp_path_factory.mktemp("flows")
    with provider(chat()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"}}
        with gateway(config, "--record", str(record), "-s", SCRIPT) as running:
            yield running, upstream


def ask(site: tuple[Gateway, Provider], name: str, plant: str) -> httpx.Response:
    path, body = FORMATS[name]
    site[1].seen.clear()
    headers = {"authorization": f"Bearer {KEY}", "x-plant": plant}
    return httpx.post(site[0].url + path, json=body, headers=headers, timeout=20)


def assert_told(answer: httpx.Response, name: str) -> None:
    body = answer.json()
    assert answer.status_code == 502
    assert body["error"]["message"] == "The gateway failed on this request; its log says why."
    assert body.get("type") == ("error" if name == "anthropic" else None)


@pytest.mark.parametrize("name", FORMATS)
def test_without_a_defect_it_answers(site: tuple[Gateway, Provider], name: str) -> None:
    assert ask(site, name, "nowhere").status_code == 200
    assert len(site[1].seen) == 1


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("plant", BEFORE)
def test_a_defect_before_the_provider_keeps_the_provider_out(
    site: tuple[Gateway, Provider], plant: str, name: str
) -> None:
    assert_told(ask(site, name, plant), name)
    assert site[1].seen == []


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("plant", AFTER)
def test_a_defect_behind_the_provider_hides_what_was_not_translated(
    site: tuple[Gateway, Provider], plant: str, name: str
) -> None:
    assert_told(ask(site, name, plant), name)


def test_a_defect_between_attempts_ends_them(site: tuple[Gateway, Provider]) -> None:
    site[1].answers[:] = [chat_stream()]
    site[1].answers[0] = type(site[1].answers[0])(503, (b"{}",))
    try:
        assert_told(ask(site, "chat", "dispatch.upstream_failed"), "chat")
        assert len(site[1].seen) == 1
    finally:
        site[1].answers[:] = [chat()]


def test_the_log_says_why(site: tuple[Gateway, Provider]) -> None:
    ask(site, "chat", "routing.request")
    assert "Routing failed in request" in site[0].log()
    assert "RuntimeError: planted in routing.request" in site[0].log()


def test_after_all_that_it_still_answers(site: tuple[Gateway, Provider]) -> None:
    assert ask(site, "chat", "nowhere").status_code == 200
