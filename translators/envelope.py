"""Answers inside an envelope, as Gemini Code Assist has them: taken out and put in, whole and as they stream."""

from __future__ import annotations

from collections.abc import Callable

from . import ir
from .formats import Format
from .splice import member
from .sse import MAX_EVENT
from .streams import Observer

type Change = Callable[[bytes], bytes]
"""One JSON text to another."""


def taken_out(name: str) -> Change:
    """The value of the member `name`; what has no such member, an error for one, stays as it is."""

    def change(text: bytes) -> bytes:
        try:
            return member(text, name) or text
        except (ValueError, IndexError):
            return text

    return change


def put_in(name: str) -> Change:
    """An object with `text` as its member `name`; errors stand by themselves."""

    def change(text: bytes) -> bytes:
        return text if taken_out("error")(text) is not text else b'{"' + name.encode() + b'":' + text.strip() + b"}"

    return change


class Repacker:
    """Changes the JSON of each event of a stream; all other lines pass as they are, however the bytes are cut.

    `array`: the events are written as the items of one JSON array, Gemini's other form of a stream.
    """

    def __init__(self, change: Change, array: bool = False) -> None:
        self._change, self._array = change, array
        self._tail = bytearray()
        self._data: list[bytes] = []
        self._raw: list[bytes] = []
        self._size = 0
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        """Raises `ir.BadAnswer` when one event grows beyond MAX_EVENT."""
        searched = len(self._tail)
        self._tail += data
        out = []
        begin = 0
        while (end := self._tail.find(b"\n", max(begin, searched))) >= 0:
            out.append(self._line(bytes(self._tail[begin : end + 1])))
            begin = end + 1
        del self._tail[:begin]
        if len(self._tail) + self._size > MAX_EVENT:
            raise ir.BadAnswer(f"One server-sent event is longer than {MAX_EVENT} bytes.")
        return b"".join(out)

    def close(self) -> bytes:
        """The last event, also one that lacks its blank line."""
        rest, self._tail = bytes(self._tail), bytearray()
        last = (self._line(rest) if rest else b"") + (self._line(b"\n") if self._data else b"")
        return last + ((b"]" if self._begun else b"[]") if self._array else b"")

    def _line(self, line: bytes) -> bytes:
        if line.startswith(b"data:"):
            value = line[5:].removeprefix(b" ").rstrip(b"\r\n")
            self._data.append(value)
            self._raw.append(line)
            self._size += len(value)
            return b""
        bare = line.rstrip(b"\r\n")
        event = self._event(line) if not bare and self._data else b""
        return event + (b"" if self._array else line)

    def _event(self, line: bytes) -> bytes:
        text, raw = b"\n".join(self._data), self._raw
        changed = self._change(text)
        self._data, self._raw, self._size = [], [], 0
        if self._array and not changed.startswith(b"{"):
            return b""  # some end their stream with "[DONE]"
        if self._array:
            separator, self._begun = b",\n" if self._begun else b"[", True
            return separator + changed
        if changed == text and raw[-1].endswith(b"\n"):
            return b"".join(raw)
        name = b"data: " if raw[0].startswith(b"data: ") else b"data:"
        return b"".join(name + one + line for one in changed.split(b"\n"))


class OpeningObserver(Observer):
    """Watches a stream whose answers are inside an envelope."""

    def __init__(self, upstream: Format, name: str) -> None:
        super().__init__(upstream)
        self._repacker = Repacker(taken_out(name))

    def feed(self, data: bytes) -> list[ir.Event]:
        inner = self._repacker.feed(data) if data else self._repacker.close()
        events = super().feed(inner) if inner else []
        return events if data else [*events, *super().feed(b"")]
