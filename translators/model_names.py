"""The model's name in an answer, replaced in its text: a client that asked by a name of its own gets that one back."""

from __future__ import annotations

from .envelope import Change
from .gemini.decoder import Decoder
from .splice import member, spliced
from .wire import dumps

_PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "openai_chat": (("model",),),
    "openai_completions": (("model",),),
    "openai_responses": (("model",), ("response", "model")),
    "anthropic": (("model",), ("message", "model")),
    "gemini": (("modelVersion",), ("response", "modelVersion")),
}
"""By format: where an answer, or an event of one, says which model it is of."""


def renamed(format: str, name: str) -> Change:
    """Every byte but those of the model's name stays; what is no JSON object, or names no model, stays whole."""
    value = dumps(name)

    def change(text: bytes) -> bytes:
        try:
            for place in _PLACES[format]:
                text = _at(text, place, value)
        except (ValueError, IndexError):
            pass
        return text

    return change


def _at(text: bytes, place: tuple[str, ...], value: bytes) -> bytes:
    first, *rest = place
    found = member(text, first) if text.lstrip()[:1] == b"{" else None
    if not found or (not rest and found[:1] != b'"'):
        return text
    changed = _at(found, tuple(rest), value) if rest else value
    return text if changed is found else spliced(text, {first: changed})


class ArrayChanger:
    """A Gemini stream that is one JSON array: each item is changed as soon as it is whole."""

    def __init__(self, change: Change) -> None:
        self._change, self._decoder, self._begun = change, Decoder(), False

    def feed(self, data: bytes) -> bytes:
        """Raises `ir.BadAnswer` when one item grows beyond bounds."""
        return b"".join(self._item(event.data.encode()) for event in self._decoder.feed(data))

    def close(self) -> bytes:
        return b"]" if self._begun else b"[]"

    def _item(self, text: bytes) -> bytes:
        separator, self._begun = b",\n" if self._begun else b"[", True
        return separator + self._change(text)
