"""Carries a streamed answer to the client, in its format, as it comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from cliproxy.translators import ir
from cliproxy.translators.envelope import Repacker
from cliproxy.translators.formats import StreamRenderer
from cliproxy.translators.model_names import ArrayChanger
from cliproxy.translators.streams import Observer, StreamTranslator

from .exchange import Recording

logger = logging.getLogger(__name__)

HELD_BYTES = 256 * 1024
"""So much of an answer may pass before its first event without being let through."""


class Relay:
    """What mitmproxy calls for every chunk, and with `b""` at the end.

    It returns a list (`b""` itself would end a chunked answer) and never raises (the client would hang).
    Until `ready` nothing may be sent: an answer that begins with an error is none, `refusal` tells which.
    """

    patient = False
    """Nothing is let through before the end, however long that takes."""

    def __init__(
        self,
        observer: Observer,
        translator: StreamTranslator | None,
        renderer: StreamRenderer | None,
        recording: Recording | None = None,
        watch: Callable[[list[bytes]], None] | None = None,
        before: Repacker | None = None,
        after: Repacker | ArrayChanger | None = None,
    ) -> None:
        """`translator` None: the bytes stay as they are. `observer` is the translator's own, if there is one.

        `watch` is told what the client is sent, and never raises. `before` takes the provider's answer out of its
        envelope, `after` puts the client's into one or changes what is named in it.
        """
        self.ready = False
        self.refusal = ""
        self.broken = ""
        """Set by the layer when the provider hung up before its end."""
        self._observer, self._translator, self._renderer = observer, translator, renderer
        self._recording = recording
        self._watch = watch
        self._before, self._after = before, after
        self._waiting: list[bytes] = []

    def __call__(self, data: bytes) -> list[bytes]:
        if self._recording and data:
            self._recording.last.received.append((time.time(), data))
        try:
            chunks = self._pass(data)
        except Exception:  # an edge that mitmproxy leaves open: raising here would leave the client hanging
            logger.exception("The provider's stream could not be carried on")
            error = ir.Error(502, "The provider's answer could not be read.")
            chunks = list(self._renderer.feed(error)) if self._renderer else []
            self._translator, self.ready = None, True
            self.__class__ = Spent
        if self._recording:
            self._recording.answered += chunks
        if self._watch:
            self._watch(chunks)
        return [joined] if (joined := b"".join(chunks)) else []

    def _pass(self, data: bytes) -> list[bytes]:
        out = self._opened(data)
        if self._after:
            out = [self._after.feed(b"".join(out)), b"" if data else self._after.close()]
        self._waiting += out
        if not self.ready:
            self._decide(data)
        if not self.ready:
            return []
        out, self._waiting = self._waiting, []
        return out

    def _opened(self, data: bytes) -> list[bytes]:
        if not self._before:
            return self._through(data)
        inner = self._before.feed(data) if data else self._before.close()
        out = self._through(inner) if inner else []
        return out if data else out + self._through(b"")

    def _through(self, data: bytes) -> list[bytes]:
        return self._translator.feed(data) if self._translator else self._same(data)

    def _same(self, data: bytes) -> list[bytes]:
        self._observer.feed(data)
        if data:
            return [data]
        error = self._observer.collected.error
        # Our word is added only where the provider fell silent in mid-sentence, never to what it said itself.
        return list(self._renderer.feed(error)) if error and self.broken and self._renderer else []

    def _decide(self, data: bytes) -> None:
        seen = self._observer.collected
        if seen.error and seen.empty and not self._observer.lost:
            self.refusal = seen.error.message or "an error in place of an answer"
        else:
            begun = seen.start or not seen.empty or self._observer.lost
            self.ready = bool(begun) or not data or sum(map(len, self._waiting)) > HELD_BYTES

    def release(self) -> list[bytes]:
        """Let through what waited: the provider is alive, but has said nothing yet that could be judged."""
        self.ready = True
        out, self._waiting = self._waiting, []
        if self._recording:
            self._recording.answered += out
        if self._watch:
            self._watch(out)
        return out


class Spent(Relay):
    """A relay that broke: the error was told, nothing more is sent."""

    def __call__(self, data: bytes) -> list[bytes]:
        return []
