"""Recordings as a provider: which one answers, and in which pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest
from mitmproxy import connection, http, io

from cliproxy.addons.replay import Recorded, Replay, ReplayServer, best, read_folder

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
PIECES = (b"data: one\n\n", b"data: two\n\n", b"data: [DONE]\n\n")


def answer(name: str, body: Any, format: str = "openai_chat", stream: bool = False) -> Recorded:
    return Recorded(format, stream, body, 200, "application/json", ((0.0, name.encode()),))


def asked(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "first"}, {"role": "user", "content": text}], **more}


RECORDED = [
    answer("plain", asked("a", temperature=1)),
    answer("tools", asked("b", tools=[1])),
    answer("other turn", asked("c", tools=[1])),
    answer("stream", asked("a"), stream=True),
    answer("anthropic", asked("a"), format="anthropic"),
    answer("input", {"input": "a"}, format="openai_responses"),
    answer("prompt", {"prompt": ["a", "b"]}, format="openai_completions"),
]


@pytest.mark.parametrize(
    "format, stream, body, name",
    [
        ("openai_chat", False, asked("a", temperature=1), "plain"),
        ("openai_chat", False, asked("a", tools=[2]), "plain"),
        ("openai_chat", False, asked("c", tools=[2]), "other turn"),
        ("openai_chat", False, {"messages": [{"role": "user", "content": "c"}]}, "other turn"),
        ("openai_chat", False, asked("nobody said this", tools=[2]), "tools"),
        ("openai_chat", False, asked("nobody said this"), "plain"),
        ("openai_chat", False, {}, "plain"),
        ("openai_chat", True, asked("zzz", tools=[1]), "stream"),
        ("anthropic", False, {}, "anthropic"),
        ("openai_responses", False, {"input": "b"}, "input"),
        ("openai_completions", False, {"prompt": ["a", "b"]}, "prompt"),
        ("anthropic", True, asked("a"), None),
        ("gemini", False, asked("a"), None),
    ],
)
def test_the_nearest_recording_answers(format: str, stream: bool, body: Any, name: str | None) -> None:
    chosen = best(RECORDED, format, stream, body)
    assert (chosen.pieces[0][1].decode() if chosen else None) == name


# -- reading ------------------------------------------------------------------------------


def write(path: Path, *, url: str = "https://a.test/v1/chat/completions", body: bytes = b"{}", **metadata: Any) -> None:
    flow = http.HTTPFlow(connection.Client(peername=("", 0), sockname=("", 0)), connection.Server(address=None))
    flow.request = http.Request.make("POST", url, body)
    flow.response = http.Response.make(200, b"".join(PIECES), {"content-type": "text/event-stream"})
    flow.metadata = {"cliproxy.side": "provider", **{f"cliproxy.{name}": value for name, value in metadata.items()}}
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        io.FlowWriter(file).add(flow)


@pytest.mark.parametrize(
    "chunks, pieces",
    [
        ([[0.5, 11], [0.75, 11], [2.0, 14]], ((0.5, PIECES[0]), (0.25, PIECES[1]), (1.25, PIECES[2]))),
        ([[0.0, 36]], ((0.0, b"".join(PIECES)),)),
        # A clock that went back is no negative pause.
        ([[2.0, 11], [1.0, 25]], ((2.0, PIECES[0]), (0.0, PIECES[1] + PIECES[2]))),
        # Lengths that do not fit (a secret was taken out): one piece.
        ([[0.5, 11], [0.75, 11]], ((0.0, b"".join(PIECES)),)),
        ([], ((0.0, b"".join(PIECES)),)),
    ],
)
def test_the_answer_is_cut_as_it_was_recorded(tmp_path: Path, chunks: Any, pieces: Any) -> None:
    write(tmp_path / "a.flow", chunks=chunks)
    (one,) = read_folder(tmp_path)
    assert one.pieces == pieces


def test_only_the_providers_side_of_generations_is_read(tmp_path: Path) -> None:
    write(tmp_path / "b.flow", body=b'{"stream":true}')
    write(tmp_path / "below" / "a.flow", url="https://a.test/v1beta/models/m:streamGenerateContent?alt=sse")
    write(tmp_path / "client.flow", side="client")
    write(tmp_path / "models.flow", url="https://a.test/v1/models/m")
    write(tmp_path / "nowhere.flow", url="https://a.test/nowhere")
    (tmp_path / "notes.txt").write_text("no flow")
    assert [(one.format, one.stream, one.body) for one in read_folder(tmp_path)] == [
        ("openai_chat", True, {"stream": True}),
        ("gemini", True, {}),
    ]


@pytest.mark.parametrize("body", [b"", b"[1]", b"no json"])
def test_a_recorded_body_that_is_no_object_asks_for_nothing(tmp_path: Path, body: bytes) -> None:
    write(tmp_path / "a.flow", body=body)
    assert [(one.stream, one.body) for one in read_folder(tmp_path)] == [(False, {})]


def test_an_empty_folder_has_no_recordings(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == []


# -- serving ------------------------------------------------------------------------------


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ReplayServer]:
    write(tmp_path / "a.flow", body=b'{"stream":true}', chunks=[[0.5, 11], [0.75, 11], [2.0, 14]])
    one = ReplayServer(tmp_path, speed=0.0)
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


@pytest.mark.parametrize("path, body", [("/v1/messages", {}), ("/nowhere", {}), ("/v1/chat/completions", CHAT)])
async def test_what_was_not_recorded_is_a_404_that_says_so(server: ReplayServer, path: str, body: Any) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        answer = await client.post(path, json=body)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].endswith(f"answers {path}.")


async def test_noise_on_the_port_ends_its_connection_only(server: ReplayServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))
    writer.write(b"\x16\x03\x01 no http\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.post("/v1/chat/completions", json={"stream": True})).status_code == 200


def test_a_folder_has_one_server_however_often_it_is_named(tmp_path: Path) -> None:
    replay = Replay()
    first = replay.use([tmp_path, tmp_path])
    assert replay.use([tmp_path]) == first
    assert list(first) == [tmp_path]
    assert first[tmp_path].startswith("http://127.0.0.1:")
    replay.done()


async def test_servers_start_with_the_gateway(tmp_path: Path) -> None:
    write(tmp_path / "a.flow")
    replay = Replay()
    url = replay.use([tmp_path])[tmp_path]
    replay.running()
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.post("/v1/chat/completions", json=CHAT)).status_code == 200
    replay.done()
