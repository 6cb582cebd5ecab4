"""JSON objects as text: the arguments of tool calls."""

from __future__ import annotations

import re

from .. import ir
from ..ir import Json
from ..wire import dumps

_RAW = "_raw_arguments"
"""`wire.arguments_object` puts arguments here that are no JSON object; read, they are what they were."""
_SIGN = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)


class Closing:
    """Whether an object that comes in pieces has closed. Each piece is looked at once, however many there are."""

    def __init__(self) -> None:
        self.closed = False
        self._depth = 0
        self._quoted = False
        self._rest = ""

    def feed(self, piece: str) -> None:
        signs = _SIGN.findall(self._rest + piece)
        self._rest = signs.pop() if signs and signs[-1] == "\\" else ""  # what it escapes is yet to come
        for sign in signs:
            if sign == '"':
                self._quoted = not self._quoted
            elif not self._quoted and sign in "{}[]":
                self._depth += 1 if sign in "{[" else -1
                self.closed = self.closed or self._depth == 0


def arguments_text(input: Json) -> str:
    if len(input) == 1 and isinstance(input.get(_RAW), str):
        return str(input[_RAW])
    return json_text(input)


def json_text(value: Json) -> str:
    try:
        return dumps(value).decode()
    except RecursionError:
        raise ir.BadRequest("A tool call's input or a content block is nested too deeply.") from None
