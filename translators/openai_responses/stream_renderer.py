"""Writes a streamed answer of the Responses API."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..sse import COMMENT
from ..wire import dumps
from .output import Output


class StreamRenderer:
    """IR events in, bytes out: one `bytes` for all that one event brings."""

    def __init__(self, context: ir.Context) -> None:
        self._output = Output(context)
        self._number = 0

    def feed(self, event: ir.Event) -> Iterator[bytes]:
        if isinstance(event, ir.Ping):
            yield COMMENT
        elif written := b"".join(map(self._encode, self._output.feed(event))):
            yield written

    def _encode(self, event: ir.Json) -> bytes:
        event["sequence_number"] = self._number
        self._number += 1
        return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), dumps(event))
