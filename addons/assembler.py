"""Holds a provider's stream back to its end, and then gives the client the whole answer that it made."""

from __future__ import annotations

import logging
from collections.abc import Callable

from cliproxy.translators import ir
from cliproxy.translators.streams import Observer

from .exchange import Recording
from .relay import Relay

logger = logging.getLogger(__name__)


class Assembler(Relay):
    """A relay for a client that wants the answer whole from an upstream that only streams.

    Nothing is let through before the end, so an error anywhere in the stream is still no answer, and gets its status.
    """

    patient = True

    def __init__(
        self,
        observer: Observer,
        read: Callable[[bytes, list[ir.Event]], None],
        whole: Callable[[], bytes],
        error: Callable[[ir.Error], bytes],
        recording: Recording | None = None,
        watch: Callable[[list[bytes]], None] | None = None,
    ) -> None:
        """`read` gets each piece and its events, `whole` is asked at the end; `error` writes what failed."""
        super().__init__(observer, None, None, recording, watch)
        self._read, self._whole, self._error = read, whole, error

    def _pass(self, data: bytes) -> list[bytes]:
        try:
            self._read(data, self._observer.feed(data))
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
            return self._failed(ir.Error(502, f"The provider's stream can't be read: {fault}"))
        if error := self._observer.collected.error:
            return self._failed(error)
        if data:
            return []
        self.ready = True
        return [self._whole()]

    def _failed(self, error: ir.Error) -> list[bytes]:
        """What is returned counts only where the client already has a head, and no other attempt can be made."""
        first, self.refusal = not self.refusal, error.message or "an error in place of an answer"
        return [self._error(error)] if first else []
