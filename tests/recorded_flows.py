"""Recordings of our own making: the provider's side of an exchange, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mitmproxy import connection, http, io

PIECES = (b"data: one\n\n", b"data: two\n\n", b"data: [DONE]\n\n")


def write(path: Path, *, url: str = "https://a.test/v1/chat/completions", body: bytes = b"{}", **metadata: Any) -> None:
    flow = http.HTTPFlow(connection.Client(peername=("", 0), sockname=("", 0)), connection.Server(address=None))
    flow.request = http.Request.make("POST", url, body)
    flow.response = http.Response.make(200, b"".join(PIECES), {"content-type": "text/event-stream"})
    flow.metadata = {"cliproxy.side": "provider", **{f"cliproxy.{name}": value for name, value in metadata.items()}}
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        io.FlowWriter(file).add(flow)
