"""The whole answer that a stream of the Responses API makes, in the bytes that the stream itself has for it."""

from __future__ import annotations

from ..splice import member, spliced
from ..sse import Decoder
from ..wire import loads

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})


class Assembled:
    """Feed it the stream; `whole` is the answer, once its end has come."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._items: dict[int, bytes] = {}
        self._answer: bytes | None = None

    def feed(self, data: bytes) -> None:
        """`b""` ends the stream. Raises `ValueError` or `ir.BadAnswer` for what is no such stream."""
        for event in self._decoder.feed(data) if data else self._decoder.close():
            self._event(event.event, event.data.encode("utf-8", "surrogatepass"))

    def _event(self, name: str, text: bytes) -> None:
        kind = name or loads(member(text, "type") or b'""')
        if kind in _ENDS:
            self._answer = member(text, "response")
        elif kind == "response.output_item.done" and (item := member(text, "item")):
            self._items[int(loads(member(text, "output_index") or b"0"))] = item

    def whole(self) -> bytes:
        """Some servers leave the output of the last event empty: then it is what the items were. `b""`: no end yet."""
        answer = self._answer or b""
        if answer and self._items and loads(member(answer, "output") or b"[]") == []:
            items = b",".join(self._items[index] for index in sorted(self._items))
            return spliced(answer, {"output": b"[" + items + b"]"})
        return answer
