"""JSON objects as text: the arguments of tool calls."""

from __future__ import annotations

from .. import ir
from ..ir import Json
from ..wire import dumps

_RAW = "_raw_arguments"
"""`wire.arguments_object` puts arguments here that are no JSON object; read, they are what they were."""


def arguments_text(input: Json) -> str:
    if len(input) == 1 and isinstance(input.get(_RAW), str):
        return str(input[_RAW])
    return json_text(input)


def json_text(value: Json) -> str:
    try:
        return dumps(value).decode()
    except RecursionError:
        raise ir.BadRequest("A tool call's input or a content block is nested too deeply.") from None
