"""With an exception in each addon in turn, no provider is contacted and the client gets a 502 in its own format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from planted import plants
from running import KEY, Gateway, gateway
from scripted import Answer, Provider, provider, whole
from wires import CHAT_REQUEST, MESSAGES_REQUEST, TEXT, chat, chat_stream

from cliproxy.addons import gateway as installed

client = pytest.importorskip("websockets.sync.client")

SCRIPT = str(Path(__file__).parent.parent / "planted.py")
FAILED = "The gateway failed on this request; its log says why."
TOGETHER = [(hook, name) for _, hook, name in plants(installed.addons)]
BEFORE = [name for hook, name in TOGETHER if hook in ("requestheaders", "request", "upstream_attempt")]
AFTER = [name for hook, name in TOGETHER if hook in ("responseheaders", "response")]
SILENT = [name for hook, name in TOGETHER if hook in ("upstream_slow", "upstream_held")]
BETWEEN = [name for hook, name in TOGETHER if hook == "upstream_failed"]
FORM = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n%s\r\n--xyz--\r\n'
LARGE = {"content": FORM % (b"a" * 2_000_000), "headers": {"content-type": "multipart/form-data; boundary=xyz"}}
MESSAGES = {**MESSAGES_REQUEST, "model": "gpt-test"}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"json": CHAT_REQUEST}),
    "anthropic": ("/v1/messages", {"json": MESSAGES}),
    "count": ("/v1/messages/count_tokens", {"json": {**MESSAGES, "model": "claude-test"}}),
    "pass": ("/v1/embeddings", {"json": {"model": "gpt-test", "input": "a"}}),
    "upload": ("/v1/files", LARGE),
}
ANSWERS = {
    "chat": chat(),
    "anthropic": chat(),
    "count": whole({"input_tokens": 3}),
    "pass": whole({"data": []}),
    "upload": whole({"id": "file-abcdefgh"}),
}
asked = pytest.mark.parametrize("name", ASKED)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Provider]]:
    record = tmp_path_factory.mktemp("flows")
    with provider(chat()) as upstream:
        config = {
            "openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-o"},
            "anthropic": {"base-url": upstream.url, "api-key": "sk-test-a"},
            "timeouts": {"first-byte": 0.3, "whole-answer": 0.3, "total": 5.6},
        }
        with gateway(config, "--record", str(record), "-s", SCRIPT) as running:
            yield running, upstream


def ask(site: tuple[Gateway, Provider], name: str, plant: str, *answers: Answer, **more: Any) -> httpx.Response:
    path, body = ASKED[name]
    site[1].seen.clear()
    site[1].answers[:] = answers or [ANSWERS[name]]
    headers = {"authorization": f"Bearer {KEY}", "x-plant": plant, **body.get("headers", {})}
    if more:
        body = {"json": {**body["json"], **more}}
    return httpx.post(site[0].url + path, timeout=20, **{**body, "headers": headers})


def assert_told(answer: httpx.Response, name: str) -> None:
    body = answer.json()
    assert answer.status_code == 502
    assert body["error"]["message"] == FAILED
    assert body.get("type") == ("error" if name in ("anthropic", "count") else None)


@asked
def test_without_a_defect_it_answers(site: tuple[Gateway, Provider], name: str) -> None:
    assert ask(site, name, "nowhere").status_code == 200
    assert len(site[1].seen) == 1


def test_every_addon_is_among_them() -> None:
    assert {"clientauth.requestheaders", "passthrough.request", "counting.request", "upgrade.request"} <= set(BEFORE)
    assert {"translation.responseheaders", "passthrough.responseheaders", "dispatch.response"} <= set(AFTER)
    assert len(set(BEFORE)) == len(BEFORE) > 15


@asked
@pytest.mark.parametrize("plant", BEFORE)
def test_a_defect_before_the_provider_keeps_the_provider_out(
    site: tuple[Gateway, Provider], plant: str, name: str
) -> None:
    assert_told(ask(site, name, plant), name)
    assert site[1].seen == []


@asked
@pytest.mark.parametrize("plant", AFTER)
def test_a_defect_behind_the_provider_hides_what_was_not_translated(
    site: tuple[Gateway, Provider], plant: str, name: str
) -> None:
    answer = ask(site, name, plant)
    if answer.status_code != 200:
        assert_told(answer, name)
    else:  # what passes through was on its way already, as it is
        assert name in ("pass", "upload")


@pytest.mark.parametrize("plant", AFTER)
def test_a_defect_behind_the_provider_lets_no_strange_stream_through(
    site: tuple[Gateway, Provider], plant: str
) -> None:
    answer = ask(site, "anthropic", plant, chat_stream(), stream=True)
    if answer.status_code == 200:
        assert "chat.completion" not in answer.text
        assert "message_stop" in answer.text
    else:
        assert_told(answer, "anthropic")


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("plant", SILENT)
def test_a_defect_while_the_provider_is_silent_lets_nothing_strange_through(
    site: tuple[Gateway, Provider], plant: str, stream: bool
) -> None:
    late = chat_stream(delay=1.5) if stream else chat()
    answer = ask(
        site, "anthropic", plant, Answer(200, late.pieces, late.content_type, delay=1.5), stream=stream
    )  # after the first byte is due, and after the client must be given a sign of life
    assert "chat.completion" not in answer.text
    assert FAILED in answer.text
    assert TEXT.split()[0] not in answer.text


@pytest.mark.parametrize("plant", BETWEEN)
def test_a_defect_between_attempts_ends_them(site: tuple[Gateway, Provider], plant: str) -> None:
    assert_told(ask(site, "chat", plant, Answer(503, (b"{}",))), "chat")
    assert len(site[1].seen) == 1


@pytest.mark.parametrize("plant", [name for name in BEFORE if name != "management.requestheaders"])
def test_a_defect_at_a_message_of_a_web_socket(site: tuple[Gateway, Provider], plant: str) -> None:
    site[1].seen.clear()
    site[1].answers[:] = [chat_stream()]
    headers = {"authorization": f"Bearer {KEY}", "x-plant": plant, "x-plant-method": "POST"}
    url = site[0].url.replace("http", "ws") + "/v1/responses"
    with client.connect(url, additional_headers=headers, proxy=None) as open:
        open.send(json.dumps({"type": "response.create", "model": "gpt-test", "input": "Hi"}))
        told = json.loads(open.recv(timeout=20))
    assert (told["type"], told["status"], told["error"]["message"]) == ("error", 502, FAILED)
    assert site[1].seen == []


def test_the_log_says_why(site: tuple[Gateway, Provider]) -> None:
    ask(site, "chat", "routing.request")
    assert "Routing failed in request" in site[0].log()
    assert "RuntimeError: planted in routing.request" in site[0].log()


def test_after_all_that_it_still_answers(site: tuple[Gateway, Provider]) -> None:
    assert ask(site, "chat", "nowhere").status_code == 200
