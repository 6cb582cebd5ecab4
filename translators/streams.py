"""Carries a streamed answer from the provider's format to the client's, or watches it pass."""

from __future__ import annotations

from collections.abc import Iterable

from . import ir
from .collect import Collector
from .formats import Decoder, Format
from .restore import Restorer


class Observer:
    """Reads a stream as it passes; what it can't read it stops reading. It never touches a byte."""

    def __init__(self, upstream: Format) -> None:
        self.collected = Collector()
        self.lost = False
        """The stream could not be read: what `collected` says of its end is not the provider's word."""
        self._decoder: Decoder | None = upstream.Decoder()
        self._parser = upstream.StreamParser()

    def feed(self, data: bytes) -> list[ir.Event]:
        """The events in these bytes; `b""` ends the stream."""
        if self._decoder is None:
            return []
        try:
            events = list(self._read(data))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as fault:
            self._decoder, self.lost = None, True
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

    def __init__(
        self,
        upstream: Format,
        client: Format,
        context: ir.Context,
        restorer: Restorer,
        observer: Observer | None = None,
    ) -> None:
        self.observer = observer or Observer(upstream)
        self.renderer = client.StreamRenderer(context)
        self._restorer = restorer
        self._ended = False

    def feed(self, data: bytes) -> list[bytes]:
        """`b""` ends the stream."""
        return self.render(self.observer.feed(data))

    def render(self, events: Iterable[ir.Event]) -> list[bytes]:
        out: list[bytes] = []
        for event in events:
            for restored in self._restorer.feed(event):
                if not self._ended:
                    out += self.renderer.feed(restored)
                    self._ended = isinstance(restored, ir.Finish | ir.Error)
        return out
