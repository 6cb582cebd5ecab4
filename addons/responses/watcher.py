"""Watches an answer of the Responses API pass, for the response objects in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from cliproxy.translators import ir, sse, wire
from cliproxy.translators.ir import Json

logger = logging.getLogger(__name__)

LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})
_FIRST, _ITEM = "response.created", "response.output_item.done"
_READ = tuple(f'"{kind}"' for kind in (_FIRST, _ITEM, *LAST))
_HEAD = 200
"""Characters of an event in which its type is looked for: `type` comes first, or behind a number."""

type Seen = Callable[[Json, bool], bool]
"""Told each response object, and whether it is the last; says whether it wants more."""


class Watcher:
    """`feed` it what the client is sent. It never raises: watching must not disturb."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._decoder: sse.Decoder | None = sse.Decoder()
        self._items: list[Json] = []

    def feed(self, chunks: Iterable[bytes]) -> None:
        for chunk in chunks:
            if self._decoder is None:
                return
            try:
                wanted = all(self._event(event.data) for event in self._decoder.feed(chunk))
            except (ValueError, ir.BadAnswer) as fault:
                logger.info("An answer can't be kept: %s", fault)
                wanted = False
            if not wanted:
                self._decoder = None

    def whole(self, content: bytes) -> None:
        """An answer that is one JSON document."""
        try:
            body = wire.loads(content)
        except ValueError:
            return
        if isinstance(body, dict) and body.get("object") == "response":
            self._seen(body, True)

    def _event(self, data: str) -> bool:
        if not any(word in data[:_HEAD] for word in _READ):
            return True
        event = wire.loads(data)
        kind = event.get("type") if isinstance(event, dict) else None
        if kind == _ITEM:
            self._items.append(event.get("item"))
        response = event.get("response") if kind == _FIRST or kind in LAST else None
        if not isinstance(response, dict):
            return True
        if kind in LAST and not response.get("output"):
            response = {**response, "output": self._items}  # the ChatGPT backend leaves it empty
        return self._seen(response, kind in LAST)
