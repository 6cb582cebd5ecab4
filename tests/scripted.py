"""A scripted provider: a real HTTP server on loopback that gives the answers it was told to, in order."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`pieces`: written one by one, `pause` seconds apart. `delay`: before the head. `drop`: hang up at that point."""

    status: int = 200
    pieces: Sequence[bytes] = ()
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    pause: float = 0.0
    drop: str = ""
    """"" no, "head": before the head, "body": after the last piece without an end."""


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Provider:
    """Its last answer is given again and again. `gone`: how often the gateway hung up before the end."""

    url: str
    answers: list[Answer]
    seen: list[Seen] = field(default_factory=list)
    gone: int = 0

    def next(self, seen: Seen) -> Answer:
        self.seen.append(seen)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def whole(body: Any, status: int = 200, **more: Any) -> Answer:
    return Answer(status, (body if isinstance(body, bytes) else json.dumps(body).encode(),), **more)


def stream(*pieces: bytes, **more: Any) -> Answer:
    return Answer(200, pieces, "text/event-stream", **more)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    provider: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "host" not in headers:
            self.send_error(400, "Host is missing")  # as every real server says (RFC 9112, section 3.2)
            return
        answer = self.provider.next(Seen(self.command, self.path, headers, body))
        try:
            self._give(answer)
        except ConnectionError:
            self.provider.gone += 1
            self.close_connection = True

    do_GET = do_DELETE = do_PUT = do_POST

    def _give(self, answer: Answer) -> None:
        time.sleep(answer.delay)
        if answer.drop == "head":
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in {"content-type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in answer.pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
            time.sleep(answer.pause)
        if answer.drop == "body":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # of connections that come at the same moment


@contextlib.contextmanager
def provider(*answers: Answer) -> Iterator[Provider]:
    """A provider on a port of its own; `url` has no path."""
    server = _Server(("127.0.0.1", 0), _Handler)
    one = Provider(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
    server.RequestHandlerClass = type("Handler", (_Handler,), {"provider": one})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
