"""Puts a function call together whose arguments come in pieces (Vertex, ``streamFunctionCallArguments``)."""

from __future__ import annotations

import re
from typing import Any

from ..ir import Json
from ..lenient import items, mapping, text

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,5})\]|\[['\"]([^'\"]*)['\"]\]")
MAX_INDEX = 1_000
"""Elements of one list; a place beyond is not a call's argument."""
_MAX_STEPS = 64


class PartialArguments:
    """Each piece names a place ("$.items[0].name") and a value; strings come in several pieces of one place."""

    def __init__(self) -> None:
        self._root: Json = {}
        self._place = ""
        self._pieces: list[str] = []

    def feed(self, partials: Any) -> None:
        for partial in items(partials):
            self._one(mapping(partial))

    def arguments(self) -> Json:
        self._flush()
        return self._root

    def _one(self, partial: Json) -> None:
        place = text(partial.get("jsonPath"))
        if place != self._place:
            self._flush()
            self._place = place
        if "stringValue" in partial:
            self._pieces.append(text(partial["stringValue"]))
            if partial.get("willContinue") is not True:
                self._flush()
        elif "numberValue" in partial or "boolValue" in partial:
            self._set(partial.get("numberValue", partial.get("boolValue")))
        elif "nullValue" in partial:
            self._set(None)

    def _flush(self) -> None:
        if self._pieces:
            self._set("".join(self._pieces))
        self._pieces, self._place = [], ""

    def _set(self, value: Any) -> None:
        steps = [int(number) if number else name or quoted for name, number, quoted in _STEP.findall(self._place)]
        if not steps or len(steps) > _MAX_STEPS or any(isinstance(s, int) and s > MAX_INDEX for s in steps):
            return
        node: Any = self._root
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if not _fits(node, step):
                return
            if following is None:
                node[step] = value
            else:
                if not isinstance(_at(node, step), dict | list):
                    node[step] = [] if isinstance(following, int) else {}
                node = node[step]


def _fits(node: Any, step: str | int) -> bool:
    """Whether `node` has a place for `step`; a list is made long enough."""
    if isinstance(node, list) and isinstance(step, int):
        node.extend([None] * (step + 1 - len(node)))
        return True
    return isinstance(node, dict) and isinstance(step, str)


def _at(node: Any, step: str | int) -> Any:
    return node.get(step) if isinstance(node, dict) else node[step]
