"""Files of 50 MB through a running gateway, both ways: bounded memory, backpressure, no second try of what is gone."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from running import KEY, Gateway, free_port, gateway

SIZE = 50 * 1024 * 1024
MORE = 2 * SIZE
STALLED = 64 * 1024 * 1024
"""What the kernel's own buffers may hold of `MORE` while nobody reads: a Linux socket takes up to 32 MB."""
PIECE = bytes(range(256)) * 256
GROWTH = 24 * 1024
"""KiB of resident memory that may come on top while 50 MB pass: buffers of sockets and streams, no body."""
FORM = b'--xyz\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'


@dataclass
class Files:
    """A provider of files. `read`: bytes it has read so far; `gate`: until set, it reads no further than a piece."""

    url: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    read: int = 0
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)
    early: int = 0
    """The status to answer with before the body is read."""
    sent: int = 0
    size: int = SIZE


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: Files

    def do_POST(self) -> None:
        files = self.files
        files.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if files.early:
            self._json(files.early, {"error": {"message": "no", "type": "x", "param": None, "code": None}})
            self.wfile.flush()
            with contextlib.suppress(ConnectionError):
                while self.rfile.read1(65536):  # as servers linger, so that the answer isn't lost with the connection
                    pass
            self.close_connection = True
            return
        for piece in self._pieces():
            files.read += len(piece)
            files.digest.update(piece)
            files.gate.wait(60)
        self._json(200, {"id": "file-abcdefgh", "object": "file", "text": "heard"})

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(self.files.size))
        self.end_headers()
        for _ in range(self.files.size // len(PIECE)):
            self.wfile.write(PIECE)
            self.files.sent += len(PIECE)

    def _pieces(self) -> Iterator[bytes]:
        if "content-length" in self.headers:
            left = int(self.headers["content-length"])
            while left and (piece := self.rfile.read(min(left, 65536))):
                left -= len(piece)
                yield piece
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _json(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        super().server_bind()


@pytest.fixture
def files() -> Iterator[Files]:
    made = Files()
    made.gate.set()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"files": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.gate.set()
    server.shutdown()
    server.server_close()


@contextlib.contextmanager
def running(files: Files, *arguments: str, **more: Any) -> Iterator[Gateway]:
    with gateway({"openai": {"base-url": f"{files.url}/v1", "api-key": "sk-test-o"}, **more}, *arguments) as one:
        yield one


def memory(one: Gateway) -> int:
    """KiB of resident memory."""
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


class Peak:
    """The most memory that the gateway had while a block ran, over what it had before, in KiB."""

    def __init__(self, one: Gateway) -> None:
        self._one, self._over = one, threading.Event()
        self.growth = 0

    def __enter__(self) -> Peak:
        self._before = memory(self._one)
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.growth = max(self.growth, memory(self._one) - self._before)


def connect(one: Gateway) -> socket.socket:
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    made.settimeout(20)
    made.connect(("127.0.0.1", int(one.url.rpartition(":")[2])))
    return made


def head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {KEY}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def form_head(length: int, path: str = "/v1/files") -> bytes:
    return head("POST", path, "Content-Type: multipart/form-data; boundary=xyz", f"Content-Length: {length}")


def push(client: socket.socket, size: int, stop: threading.Event | None = None, patience: float = 2) -> int:
    """Send that many bytes; gives how many went before `stop` or a stall of so many seconds."""
    client.settimeout(patience)
    sent = 0
    with contextlib.suppress(TimeoutError, ConnectionError):
        while sent < size and not (stop and stop.is_set()):
            sent += client.send(PIECE[: size - sent])
    client.settimeout(20)
    return sent


def answer(client: socket.socket) -> tuple[int, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        data = client.recv(65536)
        assert data, f"closed after {received!r}"
        received += data
    top, _, body = received.partition(b"\r\n\r\n")
    length = int(top.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += client.recv(65536)
    return int(top.split()[1]), body


PURPOSE = FORM % b"purpose" + b"batch\r\n" + FORM % b"file"
END = b"\r\n--xyz--\r\n"


def test_50_mb_up_in_bounded_memory(files: Files) -> None:
    with running(files) as one, connect(one) as client:
        client.sendall(form_head(len(PURPOSE) + SIZE + len(END)))
        with Peak(one) as peak:
            client.sendall(PURPOSE)
            assert push(client, SIZE, patience=20) == SIZE
            client.sendall(END)
            status, body = answer(client)
        assert (status, json.loads(body)["id"]) == (200, "file-abcdefgh")
        expected = hashlib.sha256(PURPOSE + PIECE * (SIZE // len(PIECE)) + END)
        assert files.digest.hexdigest() == expected.hexdigest(), "not a byte is another"
        assert files.requests[0][1]["authorization"] == "Bearer sk-test-o"
        assert peak.growth < GROWTH
        client.sendall(form_head(len(PURPOSE) + len(END)) + PURPOSE + END)
        assert answer(client)[0] == 200, "the connection goes on"


def test_a_provider_that_does_not_read_stops_the_client(files: Files) -> None:
    files.gate.clear()
    with running(files) as one, connect(one) as client:
        with Peak(one) as peak:
            client.sendall(form_head(len(PURPOSE) + MORE + len(END)) + PURPOSE)
            first = push(client, MORE)
            assert first < STALLED, "the client was let on although nobody reads"
            files.gate.set()
            assert first + push(client, MORE - first, patience=20) == MORE
            client.sendall(END)
            assert answer(client)[0] == 200
        assert peak.growth < GROWTH


def test_100_mb_down_in_bounded_memory_no_faster_than_the_client_reads(files: Files) -> None:
    files.size = MORE
    with running(files) as one, connect(one) as client:
        with Peak(one) as peak:
            client.sendall(head("GET", "/v1/files/file-abcdefgh/content"))
            received = client.recv(1000)
            time.sleep(1.5)
            assert files.sent < STALLED, "the provider was let on although nobody reads"
            top, _, body = received.partition(b"\r\n\r\n")
            digest, got = hashlib.sha256(body), len(body)
            while got < MORE:
                data = client.recv(1 << 20)
                assert data
                got += len(data)
                digest.update(data)
        assert digest.hexdigest() == hashlib.sha256(PIECE * (MORE // len(PIECE))).hexdigest()
        assert b"content-length: %d" % MORE in top.lower()
        assert peak.growth < GROWTH


def test_without_a_length_it_is_carried_in_chunks(files: Files) -> None:
    with running(files) as one, connect(one) as client:
        client.sendall(
            head("POST", "/v1/files", "Content-Type: multipart/form-data; boundary=xyz", "Transfer-Encoding: chunked")
        )
        for piece in (PURPOSE, *[PIECE] * 40, END):
            client.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        client.sendall(b"0\r\n\r\n")
        assert answer(client)[0] == 200
        assert files.requests[0][1]["transfer-encoding"] == "chunked"
        assert files.digest.hexdigest() == hashlib.sha256(PURPOSE + PIECE * 40 + END).hexdigest()


MODEL = FORM % b"model" + b"whisper-1\r\n"
SOUND = FORM % b"file" + PIECE * 32


@pytest.mark.parametrize("body", [MODEL + SOUND + END, SOUND + b"\r\n" + MODEL.rstrip(b"\r\n") + END])
def test_a_form_that_names_its_model_goes_where_the_model_is(files: Files, body: bytes) -> None:
    mine = {"mine": {"base-url": f"{files.url}/mine/v1", "models": ["whisper-1"]}}
    with running(files, **{"custom-providers": mine}) as one, connect(one) as client:
        client.sendall(form_head(len(body), "/v1/audio/transcriptions") + body)
        assert answer(client)[0] == 200
    assert files.requests[0][0] == "/mine/v1/audio/transcriptions"
    assert files.digest.hexdigest() == hashlib.sha256(body).hexdigest()


def test_a_credential_is_found_before_a_byte_is_sent(files: Files) -> None:
    """The first one's server refuses the connection: nothing of the body is gone, and the next is asked."""
    nobody = f"http://127.0.0.1:{free_port()}/v1"
    dead = {"openai": [{"key": "sk-test-second", "base-url": f"{files.url}/v1"}]}
    config = {"openai": {"base-url": nobody, "api-key": "sk-test-first"}, "load-balance": {"credentials": dead}}
    with gateway(config) as one, connect(one) as client:
        client.sendall(form_head(len(PURPOSE) + SIZE // 10 + len(END)) + PURPOSE)
        assert push(client, SIZE // 10, patience=20) == SIZE // 10
        client.sendall(END)
        assert answer(client)[0] == 200
    assert [headers["authorization"] for _, headers in files.requests] == ["Bearer sk-test-second"]


@pytest.mark.parametrize("status", [401, 413, 503])
def test_what_is_gone_is_not_sent_again(files: Files, status: int) -> None:
    files.early = status
    second = {"openai": [{"key": "sk-test-second"}]}
    with running(files, **{"load-balance": {"credentials": second}}) as one, connect(one) as client:
        client.sendall(form_head(len(PURPOSE) + SIZE + len(END)) + PURPOSE)
        push(client, SIZE)
        assert answer(client)[0] == status
        assert len(files.requests) == 1
        with connect(one) as other:
            other.sendall(head("GET", "/healthz"))
            assert answer(other)[0] == 200


def test_an_upload_of_a_stranger_goes_nowhere(files: Files) -> None:
    with running(files) as one, connect(one) as client:
        client.sendall(form_head(len(PURPOSE) + SIZE + len(END)).replace(KEY.encode(), b"sk-test-wrong") + PURPOSE)
        push(client, 1_000_000)
        client.sendall(b"")
    assert files.requests == []


def test_an_upload_may_be_too_large(files: Files) -> None:
    with running(files, limits={"upload-size": "2m"}) as one:
        with connect(one) as client:
            client.sendall(form_head(SIZE) + PURPOSE)
            assert answer(client)[0] == 413
        assert files.requests == []
        with connect(one) as client:
            client.sendall(head("POST", "/v1/files", "Transfer-Encoding: chunked"))
            with contextlib.suppress(ConnectionError):
                for _ in range(40):
                    client.sendall(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            assert answer(client)[0] == 413
    assert files.read < 3 << 20, "what was too much has not gone on"


def test_a_form_that_hides_its_model_may_be_too_large_to_keep(files: Files) -> None:
    with running(files, limits={"body-size": "2m"}) as one, connect(one) as client:
        client.sendall(form_head(SIZE, "/v1/audio/transcriptions") + FORM % b"file")
        push(client, 4 << 20)
        status, body = answer(client)
    assert status == 413 and "its field model comes before the file" in body.decode()


def test_a_recording_says_what_passed(files: Files, tmp_path: Path) -> None:
    from mitmproxy.io import FlowReader

    body = PURPOSE + PIECE * 32 + END
    with running(files, "--record", str(tmp_path)) as one, connect(one) as client:
        client.sendall(form_head(len(body)) + body)
        assert answer(client)[0] == 200
    (path,) = tmp_path.glob("*.flow")
    with path.open("rb") as file:
        flows: list[Any] = list(FlowReader(file).stream())
    assert flows[0].metadata["cliproxy.upload"] == f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()}"
    assert b"sk-test-o" not in path.read_bytes() and KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/files", "/v0/management/config"])
def test_what_a_stranger_sends_is_not_kept(files: Files, path: str) -> None:
    with running(files) as one, Peak(one) as peak, connect(one) as stranger:
        stranger.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n".encode())
        assert push(stranger, SIZE, patience=20) == SIZE
        assert stranger.recv(12) in (b"HTTP/1.1 401", b"HTTP/1.1 404")
    assert peak.growth < GROWTH
