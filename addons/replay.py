"""A provider made of recordings: a server on loopback that answers as the recorded provider did, piece by piece.

Everything between it and the client is real: routing, credentials, attempts, translation, streaming.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterable, Mapping

import h11
from mitmproxy.utils import asyncio_utils

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import FORMATS, Format

from . import endpoints, exchange
from .attempts import Attempt
from .recorded_answers import Library, answers_of, parse_asked
from .recordings import Chunks
from .settings import ProviderSettings, ReplaySettings

logger = logging.getLogger(__name__)


class ReplayServer:
    """Serves one folder. The port is taken at once; answering begins with `start`."""

    def __init__(self, settings: ReplaySettings) -> None:
        self._settings = settings
        self._library = Library(answers_of(settings), settings.match == "strict")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def knows(self, path: str, content: bytes) -> bool:
        """Whether there is an answer to this request."""
        asked = parse_asked(path, content, self._settings.ignore)
        return asked is not None and self._library.find(asked) is not None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=self._socket)

    def close(self) -> None:
        (self._server or self._socket).close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http11 = h11.Connection(h11.SERVER)
        try:
            while request := await _next_request(http11, reader):
                await self._give(http11, writer, *self._answer(*request))
                http11.start_next_cycle()
        except (h11.ProtocolError, ConnectionError) as fault:
            logger.debug("A connection to the recordings ended: %s", fault)
        finally:
            writer.close()

    def _answer(self, path: str, content: bytes) -> tuple[int, str, Chunks]:
        """Status, type and body."""
        asked = parse_asked(path, content, self._settings.ignore)
        if not asked:
            return _error(endpoints.format_of(path, {}, {}), f"Recordings don't answer {path}.")
        if answer := self._library.take(asked):
            return answer.status, answer.content_type, answer.chunks
        return _error(FORMATS[asked.format], self._library.missing(asked))

    async def _give(
        self,
        http11: h11.Connection,
        writer: asyncio.StreamWriter,
        status: int,
        kind: str,
        chunks: Chunks,
    ) -> None:
        # No further try of the client's would bring another answer; the makers' SDKs heed this header.
        refused = [("x-should-retry", "false")] if status == MISSING else []
        headers = [("content-type", kind), ("transfer-encoding", "chunked"), *refused]
        writer.write(http11.send(h11.Response(status_code=status, headers=headers)) or b"")
        passed = 0.0
        for when, data in chunks:
            await asyncio.sleep(max(0.0, when - passed) * self._settings.speed)
            passed = when
            writer.write(http11.send(h11.Data(data)) or b"")
            await writer.drain()
        writer.write(http11.send(h11.EndOfMessage()) or b"")
        await writer.drain()


MISSING = 404


def _error(format: Format, message: str) -> tuple[int, str, Chunks]:
    error = ir.Error(MISSING, message)
    return MISSING, "application/json", ((0.0, wire.dumps(format.render_error(error))),)


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
        self.servers: dict[ReplaySettings, ReplayServer] = {}
        self._running = False
        self._first: dict[str, ReplayServer] = {}
        """By provider: whose recordings come first, before the provider is asked."""

    def use(self, providers: Iterable[ProviderSettings]) -> Mapping[ReplaySettings, str]:
        """The URL for each of the replays that the providers have. Raises `ConfigError` for a folder of no use."""
        replayed = [(one.name, one.replay) for one in providers if one.replay]
        for _, settings in replayed:
            if settings not in self.servers:
                self.servers[settings] = server = ReplayServer(settings)
                if self._running:
                    _start(server)
        self._first = {name: self.servers[settings] for name, settings in replayed if settings.missing == "ask"}
        return {settings: server.url for settings, server in self.servers.items()}

    def upstream_attempt(self, attempt: Attempt) -> None:
        """What is recorded is not asked again, nor recorded again."""
        flow, call = attempt.flow, exchange.of(attempt.flow)
        server = self._first.get(call.upstream.name) if call and attempt.go else None
        if call and server and server.knows(flow.request.path, flow.request.content or b""):
            flow.request.url = server.url + flow.request.path
            attempt.secret_headers = ()
            call.recording = None

    def running(self) -> None:
        self._running = True
        for server in self.servers.values():
            _start(server)

    def done(self) -> None:
        for server in self.servers.values():
            server.close()


def _start(server: ReplayServer) -> None:
    asyncio_utils.create_task(server.start(), name=f"replay {server.url}", keep_ref=True)
