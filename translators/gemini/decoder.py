"""Cuts a Gemini stream into its chunks, be it server-sent events or one JSON array."""

from __future__ import annotations

import re

from .. import sse
from ..ir import BadAnswer

_SPACE = b" \t\r\n\xef\xbb\xbf"
_BARE = re.compile(rb"[\r\n]\{")
_SKIPPED = re.compile(rb'(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
"""What moves no depth: whole strings, and all that is neither a brace nor a quote. Possessive: never looks back."""
_IN_STRING = re.compile(rb'["\\]')


class Decoder:
    """With ``alt=sse`` chunks are events ("data: {…}", CRLF CRLF), without it elements of an array.

    An error may stand between events as bare JSON over many lines, without "data:"
    (github.com/vercel/ai/issues/5217): it is handed on as an event too.
    """

    def __init__(self) -> None:
        self._events = sse.Decoder()
        self._objects: _Objects | None = None
        self._sniffed = False
        self._at_line_start = True

    def feed(self, data: bytes) -> list[sse.ServerSentEvent]:
        if not self._sniffed:
            rest = data.lstrip(_SPACE)
            if not rest:
                return []
            self._sniffed, data = True, rest
            if rest[:1] == b"[":
                self._objects = _Objects()
        if self._objects:
            return self._objects.feed(data)
        return self._feed_events(data)

    def close(self) -> list[sse.ServerSentEvent]:
        return [] if self._objects else self._events.close()

    def _feed_events(self, data: bytes) -> list[sse.ServerSentEvent]:
        if self._at_line_start and data[:1] == b"{":
            return self._switch(b"", data)
        if bare := _BARE.search(data):
            return self._switch(data[: bare.start() + 1], data[bare.start() + 1 :])
        if data:
            self._at_line_start = data[-1:] in b"\r\n"
        return self._events.feed(data)

    def _switch(self, events: bytes, bare: bytes) -> list[sse.ServerSentEvent]:
        self._objects = _Objects()
        return [*self._events.feed(events), *self._events.close(), *self._objects.feed(bare)]


class _Objects:
    """The objects of the outermost level, whatever stands between them. Looks at each byte once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def feed(self, data: bytes) -> list[sse.ServerSentEvent]:
        found: list[sse.ServerSentEvent] = []
        position = start = 0
        while position < len(data):
            if self._in_string:
                position = self._skip_string(data, position)
            elif self._depth == 0:
                position = start = data.find(b"{", position)
                if start < 0:
                    return found
                self._depth, position = 1, position + 1
            else:
                position = self._next(data, position)
                if self._depth == 0:
                    found.append(self._end(data[start:position]))
        if self._depth:
            self._keep(data[start:])
        return found

    def _next(self, data: bytes, position: int) -> int:
        skipped = _SKIPPED.match(data, position)
        assert skipped
        position = skipped.end()
        match data[position : position + 1]:
            case b"":
                return position
            case b"{":
                self._depth += 1
            case b"}":
                self._depth -= 1
            case _:
                self._in_string = True  # and its end is not here yet
        return position + 1

    def _skip_string(self, data: bytes, position: int) -> int:
        if self._escaped:
            self._escaped = False
            return position + 1
        token = _IN_STRING.search(data, position)
        if not token:
            return len(data)
        self._in_string = token[0] != b'"'
        self._escaped = self._in_string
        return token.end()

    def _end(self, last: bytes) -> sse.ServerSentEvent:
        self._keep(last)
        text = b"".join(self._pieces).decode("utf-8", "replace")
        self._pieces, self._size = [], 0
        return sse.ServerSentEvent("", text)

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > sse.MAX_EVENT:
            raise BadAnswer(f"One chunk of the stream is longer than {sse.MAX_EVENT} bytes.")
