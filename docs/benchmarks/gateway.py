"""Measures what the gateway costs a request: ``uv run python docs/benchmarks/gateway.py`` prints one table.

CPU time of the proxy's process alone, so that neither a busy machine nor client and provider (asyncio servers of this
script) count. Bare mitmdump in reverse mode does the same work without us: the ratio to it is what we add.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CLIENTS = 4
ROUNDS = 5
EVENTS = 300
KEY = "sk-test-client-key"
TICK = os.sysconf("SC_CLK_TCK")
SSE = b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """`requests` in each round; `path` and `body` are the client's."""

    name: str
    path: str
    body: bytes
    requests: int
    bare: bool
    """Whether bare mitmdump can do it too: the client speaks the provider's format."""


def chat(size: int, stream: bool) -> bytes:
    return json.dumps({"model": "gpt-x", "stream": stream, "messages": messages(size)}).encode()


def anthropic(size: int, stream: bool) -> bytes:
    body = {"model": "gpt-x", "max_tokens": 999, "stream": stream, "messages": messages(size)}
    return json.dumps(body).encode()


def messages(size: int) -> list[dict[str, str]]:
    text = "What is asked, in some words. " * (size // 30 + 1)
    return [{"role": "user" if number % 2 == 0 else "assistant", "content": text[: size // 5]} for number in range(5)]


CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
CASES = (
    Case("1 KB, whole, same format", CHAT, chat(1_000, False), 400, True),
    Case("1 KB, whole, translated", MESSAGES, anthropic(1_000, False), 400, False),
    Case("200 KB, whole, same format", CHAT, chat(200_000, False), 150, True),
    Case("200 KB, whole, translated", MESSAGES, anthropic(200_000, False), 150, False),
    Case(f"1 KB, {EVENTS} events, same format", CHAT, chat(1_000, True), 24, True),
    Case(f"1 KB, {EVENTS} events, translated", MESSAGES, anthropic(1_000, True), 24, False),
)


# -- the provider -------------------------------------------------------------------------


def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": [choice]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


WHOLE = json.dumps(
    {
        "id": "c", "object": "chat.completion", "created": 1, "model": "gpt-x",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
    }
).encode()  # fmt: skip
PIECES = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": "word "}) for _ in range(EVENTS - 2))]
PIECES += [chunk({}, "stop"), b"data: [DONE]\n\n"]


async def provide(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(length)
            if b'"stream":true' in body.replace(b" ", b""):
                await _stream(writer)
            else:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
                writer.write(b"content-length: %d\r\n\r\n%s" % (len(WHOLE), WHOLE))
                await writer.drain()


async def _stream(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + SSE)
    for piece in PIECES:
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(0.0005)  # a write each, as models that think between words send them
    writer.write(b"0\r\n\r\n")
    await writer.drain()


# -- the client ---------------------------------------------------------------------------


async def ask(port: int, case: Case, count: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {case.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(case.body)}\r\n\r\n"
    for _ in range(count):
        writer.write(head.encode() + case.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not answer.startswith(b"http/1.1 200"):
            raise SystemExit(f"{case.name}: {answer.decode()}{(await reader.read(500)).decode()}")
        if b"chunked" in answer:
            while not (await reader.readuntil(b"\r\n")).startswith(b"0\r\n"):
                pass
            await reader.readexactly(2)
        else:
            length = next(line[15:] for line in answer.split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length))
    writer.close()


# -- the proxies --------------------------------------------------------------------------


@dataclass
class Proxy:
    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        """Seconds, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.asynccontextmanager
async def proxy(command: Sequence[str], port: int, home: str) -> AsyncIterator[Proxy]:
    environ = {**os.environ, "HOME": home}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            await asyncio.sleep(0.05)
        yield Proxy(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def measured(one: Proxy, case: Case) -> float:
    """Milliseconds of CPU a request: the median of the rounds, after one to warm up."""
    found = []
    for _ in range(ROUNDS + 1):
        before = one.cpu()
        await asyncio.gather(*(ask(one.port, case, case.requests // CLIENTS) for _ in range(CLIENTS)))
        found.append((one.cpu() - before) * 1000 / case.requests)
    return statistics.median(found[1:])


async def run() -> None:
    server = await asyncio.start_server(provide, "127.0.0.1", 0, limit=2**22)
    upstream = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "config.yaml")
        provider = {"api-key": "sk-test", "base-url": f"{upstream}/v1"}
        config.write_text(json.dumps({"auth": {"api-keys": [KEY]}, "openai": provider}))  # noqa: ASYNC240
        bins = Path(sys.executable).parent
        ports = free_port(), free_port()
        bare = [
            str(bins / "mitmdump"),
            "-q",
            "--mode",
            f"reverse:{upstream}@127.0.0.1:{ports[0]}",
            "--set",
            "stream_large_bodies=1",
        ]
        ours = [
            sys.executable,
            "-m",
            "cliproxy.cli",
            "run",
            "--config",
            str(config),
            "--port",
            str(ports[1]),
            "--log-level",
            "warn",
        ]
        async with proxy(bare, ports[0], home) as plain, proxy(ours, ports[1], home) as gateway:
            print("| | bare mitmdump | cliproxy | ratio |\n|---|--:|--:|--:|")  # noqa: T201
            for case in CASES:
                own = await measured(gateway, case)
                base = await measured(plain, case) if case.bare else None
                cells = f"{base:.2f} ms | {own:.2f} ms | {own / base:.2f}" if base else f"| {own:.2f} ms |"
                print(f"| {case.name} | {cells} |", flush=True)  # noqa: T201
    server.close()


if __name__ == "__main__":
    began = time.monotonic()
    asyncio.run(run())
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)  # noqa: T201
