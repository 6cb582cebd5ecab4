"""Recordings as a provider: how they are served, and where they come before a provider."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest
from exchanges import begun, flow
from recorded_flows import PIECES, write

from cliproxy.addons import exchange
from cliproxy.addons.attempts import Attempt
from cliproxy.addons.exchange import Recording
from cliproxy.addons.replay import Replay, ReplayServer
from cliproxy.addons.settings import ProviderSettings, ReplaySettings

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ReplayServer]:
    write(tmp_path / "a.flow", body=b'{"stream":true}', chunks=[[0.5, 11], [0.75, 11], [2.0, 14]])
    one = ReplayServer(ReplaySettings(tmp_path, match="nearest", speed=0))
    await one.start()
    yield one
    one.close()


async def test_a_recording_is_served_with_its_type_on_a_kept_connection(server: ReplayServer) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        for _ in range(2):
            answer = await client.post("/v1/chat/completions", json={**CHAT, "stream": True})
            assert (answer.status_code, answer.content) == (200, b"".join(PIECES))
            assert answer.headers["content-type"] == "text/event-stream"


async def test_each_piece_is_a_chunk_of_its_own(server: ReplayServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    peer = h11.Connection(h11.CLIENT)
    head = [("host", "a"), ("connection", "close"), ("content-length", "15")]
    writer.write(peer.send(h11.Request(method="POST", target="/v1/chat/completions", headers=head)) or b"")
    writer.write(peer.send(h11.Data(b'{"stream":true}')) or b"")
    raw = await reader.read()
    writer.close()
    for piece in PIECES:
        assert b"\r\n%x\r\n%s\r\n" % (len(piece), piece) in raw
    assert raw.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    "path, told",
    [
        ("/v1/messages", "No recording answers this request (m in anthropic, whole)"),
        ("/v1/chat/completions", "No recording answers this request (m in openai_chat, whole)"),
        ("/nowhere", "Recordings don't answer /nowhere."),
    ],
)
async def test_what_was_not_recorded_is_a_404_that_says_so(server: ReplayServer, path: str, told: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.post(path, json=CHAT)
    assert answer.status_code == 404 and answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"]["message"].startswith(told)
    assert answer.json().get("type") == ("error" if path == "/v1/messages" else None)


async def test_a_strict_server_gives_no_other_answer(tmp_path: Path) -> None:
    write(tmp_path / "a.flow", body=b'{"stream":true,"seed":1}')
    one = ReplayServer(ReplaySettings(tmp_path, speed=0))
    await one.start()
    async with httpx.AsyncClient(base_url=one.url) as client:
        answers = [await client.post("/v1/chat/completions", json={"stream": True, "seed": n}) for n in (1, 2)]
    one.close()
    assert [answer.status_code for answer in answers] == [200, 404]
    assert "seed: 1 was recorded, 2 is asked" in answers[1].text


async def test_noise_on_the_port_ends_its_connection_only(server: ReplayServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(b"\x16\x03\x01 no http\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.post("/v1/chat/completions", json={"stream": True})).status_code == 200


def provider(folder: Path, **more: Any) -> ProviderSettings:
    return ProviderSettings("openai", ("openai_chat",), replay=ReplaySettings(folder, **more))


def test_a_folder_has_one_server_however_often_it_is_named(tmp_path: Path) -> None:
    replay = Replay()
    first = replay.use([provider(tmp_path), provider(tmp_path)])
    assert replay.use([provider(tmp_path)]) == first
    assert list(first) == [ReplaySettings(tmp_path)]
    assert first[ReplaySettings(tmp_path)].startswith("http://127.0.0.1:")
    replay.done()


async def test_servers_start_with_the_gateway_and_later(tmp_path: Path) -> None:
    write(tmp_path / "a.flow")
    replay = Replay()
    replay.use([provider(tmp_path)])
    replay.running()
    urls = replay.use([provider(tmp_path), provider(tmp_path, match="nearest")])
    async with httpx.AsyncClient() as client:
        for settings, url in urls.items():
            answer = await client.post(f"{url}/v1/chat/completions", json={} if settings.match == "strict" else CHAT)
            assert answer.status_code == 200
    replay.done()


# -- before the provider is asked -----------------------------------------------------------


def attempt(body: Any) -> Attempt:
    one = flow(body=body)
    call = begun(one)
    call.recording = Recording()
    one.request.url = "https://api.openai.com/v1/chat/completions"
    return Attempt(one, go=True, secret_headers=(("authorization", "Bearer sk-test-openai"),))


@pytest.mark.parametrize("seed, recorded", [(1, True), (2, False)])
def test_what_is_recorded_is_not_asked_again(tmp_path: Path, seed: int, recorded: bool) -> None:
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "Hi"}]}
    write(tmp_path / "a.flow", body=json.dumps({**body, "seed": 1}).encode())
    replay = Replay()
    urls = replay.use([provider(tmp_path, missing="ask")])
    made = attempt({**body, "seed": seed})
    replay.upstream_attempt(made)
    replay.done()
    call = exchange.of(made.flow)
    assert call and made.go
    assert (made.flow.request.url.startswith(next(iter(urls.values())))) is recorded
    assert (made.secret_headers == ()) is recorded
    assert (call.recording is None) is recorded


def test_providers_without_recordings_are_left_alone(tmp_path: Path) -> None:
    replay = Replay()
    replay.use([provider(tmp_path)])
    made = attempt({"model": "gpt-test", "messages": []})
    replay.upstream_attempt(made)
    replay.done()
    assert made.flow.request.pretty_host == "api.openai.com" and made.secret_headers
