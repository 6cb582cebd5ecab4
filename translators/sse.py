"""Server-sent events, both ways, without I/O (WHATWG HTML, section 9.2, Server-sent events)."""

from __future__ import annotations

import re
from typing import NamedTuple

import orjson

from .ir import BadAnswer, Json

MAX_EVENT = 32 * 1024 * 1024
"""Bytes of one event; more is no event but an attack or a defect."""
_LINE = re.compile(rb"\r\n|\n|\r(?!\Z)")


class ServerSentEvent(NamedTuple):
    event: str
    data: str


class Decoder:
    """Bytes in, whole events out, however the bytes were cut. Comments are passed over.

    Raises `BadAnswer` when one event grows beyond MAX_EVENT.
    """

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._tail_size = 0
        self._event = ""
        self._data: list[str] = []
        self._data_size = 0
        self._first = True

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        if b"\n" not in data and b"\r" not in data and not self._ends_with_cr():
            self._keep(data)  # no line ends here: joining now would make a long line cost quadratic time
            return []
        *lines, tail = _LINE.split(b"".join((*self._tail, data)))
        self._tail, self._tail_size = [], 0
        self._keep(tail)
        return [event for line in lines if (event := self._line(line.decode("utf-8", "replace")))]

    def close(self) -> list[ServerSentEvent]:
        """Lenient where the standard is not: a last event without its blank line still counts."""
        return self.feed(b"\n\n")

    def _ends_with_cr(self) -> bool:
        return bool(self._tail) and self._tail[-1].endswith(b"\r")

    def _keep(self, tail: bytes) -> None:
        if tail:
            self._tail.append(tail)
            self._tail_size += len(tail)
            self._bound(self._tail_size)

    def _bound(self, size: int) -> None:
        if size > MAX_EVENT:
            raise BadAnswer(f"One server-sent event is longer than {MAX_EVENT} bytes.")

    def _line(self, line: str) -> ServerSentEvent | None:
        if self._first:
            line, self._first = line.removeprefix("\ufeff"), False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._data_size += len(value)
            self._bound(self._data_size)
        elif name == "event":
            self._event = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event, data = self._event, "\n".join(self._data)
        self._event, self._data, self._data_size = "", [], 0
        return ServerSentEvent(event, data) if data else None


def encode(data: Json | str, event: str = "") -> bytes:
    """One event; `data` is sent as JSON, or as it is when it is text (``[DONE]``)."""
    text = data.encode() if isinstance(data, str) else orjson.dumps(data)
    return (b"event: %b\n" % event.encode() if event else b"") + b"data: %b\n\n" % text


COMMENT = b": keep-alive\n\n"
"""A line that every SSE client passes over: a sign of life while the provider is silent."""
