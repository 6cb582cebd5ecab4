"""Carries a streamed answer from the provider's format to the client's, or watches it pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import ir
from .collect import Collector, restore_name
from .formats import Decoder, Format


class Observer:
    """Reads a stream as it passes; what it can't read it stops reading. It never touches a byte."""

    def __init__(self, upstream: Format) -> None:
        self.collected = Collector()
        self._decoder: Decoder | None = upstream.Decoder()
        self._parser = upstream.StreamParser()

    def feed(self, data: bytes) -> list[ir.Event]:
        """The events in these bytes; `b""` ends the stream."""
        if self._decoder is None:
            return []
        try:
            events = list(self._read(data))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as fault:
            self._decoder = None
            events = [ir.Error(502, f"The provider's stream can't be read: {fault}")]
        for event in events:
            self.collected.feed(event)
        return events

    def _read(self, data: bytes) -> Iterable[ir.Event]:
        assert self._decoder
        for sent in self._decoder.feed(data) if data else self._decoder.close():
            yield from self._parser.feed(sent)
        if not data:
            yield from self._parser.close()


class StreamTranslator:
    """A provider's bytes in, the client's bytes out. Nothing is sent after the terminal event."""

    def __init__(self, upstream: Format, client: Format, context: ir.Context, names: Mapping[str, str] = {}) -> None:
        """`names`: tool names as the provider knows them → as the client does."""
        self._observer = Observer(upstream)
        self._renderer = client.StreamRenderer(context)
        self._names = names
        self.ended = False

    @property
    def collected(self) -> Collector:
        return self._observer.collected

    def feed(self, data: bytes) -> list[bytes]:
        """`b""` ends the stream."""
        return self.render(self._observer.feed(data))

    def render(self, events: Iterable[ir.Event]) -> list[bytes]:
        out: list[bytes] = []
        for event in events:
            if self.ended:
                break
            self.ended = isinstance(event, ir.Finish | ir.Error)
            out += self._renderer.feed(restore_name(event, self._names))
        return out
