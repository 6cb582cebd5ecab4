"""A provider made of recordings: a server on loopback that answers as the recorded provider did, piece by piece.

Everything between it and the client is real: routing, credentials, attempts, translation, streaming.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
from mitmproxy import http, io
from mitmproxy.utils import asyncio_utils

from cliproxy.translators import wire

from . import endpoints
from .recordings import PROVIDER_SIDE

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 2.0
"""Seconds; a recorded silence is not sat through in full."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer, and the request that it was given to. `pieces`: seconds since the one before, and bytes."""

    format: str
    stream: bool
    body: Any
    status: int
    content_type: str
    pieces: tuple[tuple[float, bytes], ...]


def read_folder(folder: Path) -> list[Recorded]:
    """The provider's side of every recorded flow below `folder`. Raises `FlowReadException` for a damaged file."""
    flows: list[Recorded] = []
    for path in sorted(folder.rglob("*.flow")):
        with path.open("rb") as file:
            for flow in io.FlowReader(file).stream():
                if isinstance(flow, http.HTTPFlow) and flow.metadata.get("cliproxy.side") == PROVIDER_SIDE:
                    flows += _recorded(flow)
    return flows


def _recorded(flow: http.HTTPFlow) -> Iterable[Recorded]:
    request, response = flow.request, flow.response
    found = endpoints.find(request.path, request.headers, request.query)
    if not found or found.operation != "generate" or not response:
        return
    body = _json(request.content or b"")
    pieces = _pieces(response.content or b"", flow.metadata.get("cliproxy.chunks") or [])
    kind = response.headers.get("content-type", "application/json")
    yield Recorded(found.format.NAME, _streams(request.path, body), body, response.status_code, kind, pieces)


def _pieces(content: bytes, chunks: Sequence[Sequence[float]]) -> tuple[tuple[float, bytes], ...]:
    """`chunks`: for each piece its time since the request was sent, and its length."""
    if sum(int(length) for _, length in chunks) != len(content):
        return ((0.0, content),)
    pieces, at, start = [], 0.0, 0
    for when, length in chunks:
        pieces.append((max(0.0, when - at), content[start : start + int(length)]))
        at, start = when, start + int(length)
    return tuple(pieces)


def best(recordings: Iterable[Recorded], format: str, stream: bool, body: Any) -> Recorded | None:
    """The recording of the nearest request: the same one, else one of its kind, else the first of its format."""
    able = [one for one in recordings if one.format == format and one.stream == stream]
    return max(able, key=lambda one: _likeness(one.body, body), default=None)


def _likeness(recorded: Any, asked: Any) -> tuple[bool, bool, bool]:
    return recorded == asked, _last_turn(recorded) == _last_turn(asked), bool(_tools(recorded)) == bool(_tools(asked))


def _last_turn(body: Any) -> Any:
    turns = body.get("messages") or body.get("input") or body.get("contents") or body.get("prompt")
    return turns[-1] if isinstance(turns, list) and turns else turns


def _tools(body: Any) -> Any:
    return body.get("tools")


def _json(content: bytes) -> dict[str, Any]:
    try:
        body = wire.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _streams(path: str, body: Any) -> bool:
    return "streamGenerateContent" in path or body.get("stream") is True


class ReplayServer:
    """Serves one folder. The port is taken at once; answering begins with `start`."""

    def __init__(self, folder: Path, speed: float = 1.0) -> None:
        self._recordings = read_folder(folder)
        self._folder, self._speed = folder, speed
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._socket)

    def close(self) -> None:
        (self._server or self._socket).close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http11 = h11.Connection(h11.SERVER)
        try:
            while request := await _next_request(http11, reader):
                await self._answer(http11, writer, *request)
                http11.start_next_cycle()
        except (h11.ProtocolError, ConnectionError) as fault:
            logger.debug("A connection to the recordings ended: %s", fault)
        finally:
            writer.close()

    async def _answer(self, http11: h11.Connection, writer: asyncio.StreamWriter, path: str, content: bytes) -> None:
        found = endpoints.find(path, {}, {})
        body = _json(content)
        recorded = best(self._recordings, found.format.NAME, _streams(path, body), body) if found else None
        if not recorded:
            recorded = _missing(self._folder, path)
        headers = [("content-type", recorded.content_type), ("transfer-encoding", "chunked")]
        writer.write(http11.send(h11.Response(status_code=recorded.status, headers=headers)) or b"")
        for pause, data in recorded.pieces:
            await asyncio.sleep(min(pause, LONGEST_PAUSE) * self._speed)
            writer.write(http11.send(h11.Data(data)) or b"")
            await writer.drain()
        writer.write(http11.send(h11.EndOfMessage()) or b"")
        await writer.drain()


def _missing(folder: Path, path: str) -> Recorded:
    error = {"error": {"message": f"No recording in {folder.name} answers {path}.", "type": "not_found_error"}}
    return Recorded("", False, {}, 404, "application/json", ((0.0, wire.dumps(error)),))


async def _next_request(http11: h11.Connection, reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
    """The target and body of the next request; None when the peer is done."""
    target, body = "", bytearray()
    while True:
        event = http11.next_event()
        if event is h11.NEED_DATA:
            http11.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            target = event.target.decode()
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return target, bytes(body)
        else:
            return None


class Replay:
    """Runs a server for every folder that the configuration names."""

    def __init__(self) -> None:
        self.servers: dict[Path, ReplayServer] = {}

    def use(self, folders: Iterable[Path]) -> dict[Path, str]:
        """The URL for each folder."""
        for folder in folders:
            if folder not in self.servers:
                self.servers[folder] = ReplayServer(folder)
        return {folder: server.url for folder, server in self.servers.items()}

    def running(self) -> None:
        for server in self.servers.values():
            asyncio_utils.create_task(server.start(), name=f"replay {server.url}", keep_ref=True)

    def done(self) -> None:
        for server in self.servers.values():
            server.close()
