"""Gives the client back what was respelled for the provider: tool names, namespaces, custom tools said as functions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from . import ir

_OPENING = re.compile(r'\s*\{\s*"input"\s*:\s*"')
_WHOLE = re.compile(r'(?:[^"\\]|\\(?:[^u]|u[0-9a-fA-F]{4}))*')
"""So much of a JSON string as holds no unfinished escape."""
_HIGH_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")


class Restorer:
    """Feed it every event of an answer; it yields them as the client must see them."""

    def __init__(
        self,
        names: Mapping[str, str] = {},
        custom: frozenset[str] = frozenset(),
        namespaces: Mapping[str, tuple[str, str]] = {},
        model: str = "",
    ) -> None:
        """`names`: as the provider knows them → as the client does. `custom`: the client's freeform tools.

        `namespaces`: names that were joined (`names.flattened`) → namespace and name. `model`: the client's own name
        for it, "" where it has none.
        """
        self._names, self._custom, self._namespaces = names, custom, namespaces
        self._model = model
        self._unwrapping: dict[int, Unwrapper] = {}

    def feed(self, event: ir.Event) -> Iterator[ir.Event]:
        match event:
            case ir.Start() if self._model:
                yield replace(event, model=self._model)
            case ir.ToolCallStart():
                yield self._start(event)
            case ir.ToolCallDelta() if unwrapper := self._unwrapping.get(event.index):
                if text := unwrapper.feed(event.arguments):
                    yield replace(event, arguments=text)
            case ir.ToolCallEnd():
                unwrapper = self._unwrapping.get(event.index)
                yield from self._close(event.index)
                if not unwrapper or unwrapper.complete:  # Anthropic ends a call also where it was cut
                    yield event
            case ir.Finish() | ir.Error():
                for index in tuple(self._unwrapping):
                    yield from self._close(index)
                yield event
            case _:
                yield event

    def _start(self, event: ir.ToolCallStart) -> ir.ToolCallStart:
        name = self._names.get(event.name, event.name)
        if event.kind == "function" and name in self._custom:
            self._unwrapping[event.index] = Unwrapper()
            event = replace(event, kind="custom")
        namespace, name = self._namespaces.get(name, (event.namespace, name))
        return event if name == event.name else replace(event, name=name, namespace=namespace)

    def _close(self, index: int) -> Iterator[ir.Event]:
        unwrapper = self._unwrapping.pop(index, None)
        if unwrapper and (rest := unwrapper.close()):
            yield ir.ToolCallDelta(index, rest)


class Unwrapper:
    """The text in ``{"input": "…"}``, as it streams. What is spelled otherwise comes out as it is, at the end."""

    def __init__(self) -> None:
        self._text = ""
        self._inside = False
        self._said = False

    def feed(self, piece: str) -> str:
        self._text += piece
        if not self._inside:
            opening = _OPENING.match(self._text)
            if not opening:
                return ""
            self._inside, self._text = True, self._text[opening.end() :]
        return self._decode()

    @property
    def complete(self) -> bool:
        """Whether the text came to its closing quote."""
        return not self._inside or self._text.startswith('"')

    def close(self) -> str:
        if self._said or self._inside:
            return ""
        return _input_of(self._text)

    def _decode(self) -> str:
        whole = _WHOLE.match(self._text)
        assert whole
        safe = whole[0]
        if pair := _HIGH_SURROGATE.search(safe):
            safe = safe[: pair.start()]
        self._text = self._text[len(safe) :]
        self._said = True
        return str(json.loads(f'"{safe}"', strict=False)) if safe else ""


def _input_of(arguments: str) -> str:
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if isinstance(value, dict) and isinstance(value.get("input"), str):
        return str(value["input"])
    return arguments
