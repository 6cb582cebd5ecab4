"""Asks a gateway, and reads the answer whatever its format: what is said, what is called, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx
from mitmproxy import http

from cliproxy.addons import endpoints, reading
from cliproxy.translators import ir

TIMEOUT = httpx.Timeout(30, read=600)
"""A model may think for minutes."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`first_byte` and `seconds` since the request was sent. `id`: of the exchange, "" where it was no gateway's."""

    status: int
    content: bytes
    answer: ir.Response | None
    id: str = ""
    first_byte: float = 0.0
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What the model said; of an error its message."""
        return text_of(self.answer)

    @property
    def calls(self) -> list[tuple[str, str]]:
        return calls_of(self.answer)


def text_of(answer: ir.Response | None) -> str:
    """What the model said; of an error its message."""
    if not answer:
        return ""
    if answer.error:
        return answer.error.message
    return "".join(part.text for part in answer.parts if isinstance(part, ir.Text))


def calls_of(answer: ir.Response | None) -> list[tuple[str, str]]:
    """The tools that the model calls, with their arguments as it wrote them."""
    return [(part.name, part.arguments) for part in answer.parts if isinstance(part, ir.ToolCall)] if answer else []


def ask(url: str, key: str, path: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answered:
    """`url` is without ``/v1``. Raises `httpx.HTTPError` where there is no answer to be had."""
    shown = [*headers, ("authorization", f"Bearer {key}")]
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
        began = time.monotonic()
        with client.stream("POST", url + path, content=body, headers=shown) as response:
            pieces, first = [], 0.0
            for piece in response.iter_bytes():
                first = first or time.monotonic() - began
                pieces.append(piece)
        seconds = time.monotonic() - began
    content = b"".join(pieces)
    told = dict(response.headers)
    answer = _read(path, response.status_code, told.get("content-type", ""), content)
    return Answered(response.status_code, content, answer, told.get("x-cliproxy-id", ""), first, seconds, told)


def _read(path: str, status: int, kind: str, content: bytes) -> ir.Response | None:
    found = endpoints.find(path, {}, {})
    return reading.read(found.format, http.Response.make(status, content, {"content-type": kind})) if found else None
