"""Waits on this machine for the browser that a provider sends back after a sign-in (RFC 8252, section 7.3)."""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

LOOPBACK = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}
LONGEST = 16384
PAGE = "<!doctype html><meta charset=utf-8><title>cliproxy</title><p>{}</p>"


class CannotListen(Exception):
    """One sentence; the sign-in is still possible by pasting."""


@contextlib.asynccontextmanager
async def listening(redirect_url: str, state: str) -> AsyncIterator[asyncio.Future[str]]:
    """A future of the URL that the browser comes back with. Raises `CannotListen`.

    What comes without the state is none of ours: any web page can send a browser here.
    """
    place = urlsplit(redirect_url)
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
            target = _target(head)
            ours = urlsplit(target).path == place.path and _state(target) == state
            writer.write(_page(ours))
            await writer.drain()
            if ours and not came.done():
                came.set_result(f"{place.scheme}://{place.netloc}{target}")
        writer.close()

    servers = await _listen(answer, place.hostname or "", place.port or 80)
    try:
        yield came
    finally:
        for server in servers:
            server.close()


async def _listen(answer: object, host: str, port: int) -> list[asyncio.Server]:
    if host not in LOOPBACK:
        raise CannotListen(f"{host} is not this machine: the browser does not come back by itself.")
    servers: list[asyncio.Server] = []
    for address in LOOPBACK[host]:
        try:
            servers.append(await asyncio.start_server(answer, address, port, limit=LONGEST))  # type: ignore[arg-type]
        except OSError:
            if address != "::1" or len(LOOPBACK[host]) == 1:  # not every machine has IPv6
                raise CannotListen(f"Port {port} of this machine is in use: the browser cannot come back.") from None
    return servers


def _target(head: bytes) -> str:
    method, _, rest = head.decode("latin-1").partition(" ")
    return rest.partition(" ")[0] if method == "GET" else ""


def _state(target: str) -> str:
    return parse_qs(urlsplit(target).query).get("state", [""])[0]


def _page(ours: bool) -> bytes:
    told = "cliproxy goes on with the sign-in; you can close this page." if ours else "Nothing waits for this."
    body = PAGE.format(html.escape(told)).encode()
    status = "200 OK" if ours else "404 Not Found"
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body
