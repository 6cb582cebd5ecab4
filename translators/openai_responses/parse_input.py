"""Reads `input`: items one after another, gathered into turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from .. import opaque
from ..ir import (
    Extra,
    Foreign,
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolKind,
    ToolResult,
)
from ..lenient import text
from ..wire import Fields, fields_of, loads
from .content import parse_content
from .hosted import parse_code_run, parse_web_search
from .parse_tools import AnyTool, parse_added
from .words import NAME, ROLES

ITEM = "input."
"""Marks a `Foreign` as an item of its own."""
_CLIENTS = ("_output", "_response", "_reference", "_trigger", "_update")
"""How the types of items end that come from the client's side; all other unknown items are the model's."""


@dataclass(slots=True)
class _Reader:
    """`stored`: the provider keeps items, so their ids mean something. `tools`: those that came in between.

    `names`: of the calls so far, by their ids.
    """

    stored: bool
    tools: list[AnyTool] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def parse_input(fields: Fields, stored: bool) -> tuple[tuple[Message, ...], tuple[AnyTool, ...]]:
    """The turns, and the tools of ``additional_tools`` items (Codex's way to hand in tools)."""
    value = fields.take("input")
    if value is None:
        return (), ()
    if isinstance(value, str):
        return (Message("user", (Text(value),)),), ()
    if not isinstance(value, list):
        raise fields.fault("input", "a string or a list of items", value)
    reader = _Reader(stored)
    messages = [_parse_item(item, reader, index) for index, item in enumerate(fields_of(value, lambda: "input"))]
    return tuple(_joined(message for message in messages if message)), tuple(reader.tools)


def _joined(messages: Iterable[Message]) -> Iterator[Message]:
    """The model's items in a row are one turn, and so are the results in a row."""
    turn: list[Part] = []
    role: Role | None = None
    for message in messages:
        if turn and message.role != role:
            yield _turn(role, turn)
            turn = []
        role = message.role
        if role in ("assistant", "tool"):
            turn += message.parts
        else:
            yield message
    if turn:
        yield _turn(role, turn)


def _turn(role: Role | None, parts: list[Part]) -> Message:
    assert role
    return Message(role, tuple(_reattached(parts)) if role == "assistant" else tuple(parts))


def _reattached(parts: list[Part]) -> Iterator[Part]:
    """A seal that was carried before a call (see output_items.carrier) goes back on the call."""
    carried: Opaque | None = None
    for index, part in enumerate(parts):
        after = parts[index + 1] if index + 1 < len(parts) else None
        if isinstance(part, Reasoning) and part.opaque and not part.text and part.opaque.format != NAME:
            if isinstance(after, ToolCall) and after.id == part.opaque.id:
                carried = replace(part.opaque, id="")
                continue
        elif isinstance(part, ToolCall) and carried:
            part, carried = replace(part, opaque=carried), None
        yield part


def _parse_item(fields: Fields, reader: _Reader, index: int) -> Message | None:
    left = fields.left()
    type = left.get("type")
    if type is None and "role" in left:
        type = "message"
    parse = _PARSE.get(type) if isinstance(type, str) else None
    if parse:
        fields.take("type")
        return parse(fields, reader, index)
    if type is not None and not isinstance(type, str):
        raise fields.fault("type", "a string", type)
    return _foreign(left, type or "item_reference")


def _foreign(item: Json, type: str) -> Message:
    role: Role = "user" if type.endswith(_CLIENTS) else "assistant"
    return Message(role, (Foreign(NAME, ITEM + type, item),))


def _drop_defaults(fields: Fields, stored: bool) -> None:
    """Every item that was an output says it is completed; and without a store its id names nothing."""
    if fields.left().get("status") == "completed":
        fields.take("status")
    if not stored:
        fields.take("id")


def _parse_message(fields: Fields, reader: _Reader, index: int) -> Message:
    role = fields.word("role", ROLES)
    parts = parse_content(fields, "content")
    fields.take("content")
    _drop_defaults(fields, reader.stored)
    extra = fields.rest(NAME)
    if role != "assistant" or not extra or not parts:
        return Message(role, parts, extra=extra if role != "assistant" else None)
    return Message(role, (_marked(parts[0], extra), *parts[1:]))


def _marked(part: Part, extra: Extra) -> Part:
    """Where an assistant's item begins that says more than its parts (id, phase): several items are one turn."""
    if not isinstance(part, Text | Refusal | Media):
        return part
    own = part.extra.fields if part.extra else {}
    return replace(part, extra=Extra(NAME, {**own, "message": extra.fields}))


def _parse_call(kind: ToolKind, key: str) -> Callable[[Fields, _Reader, int], Message]:
    def parse(fields: Fields, reader: _Reader, index: int) -> Message:
        _drop_defaults(fields, reader.stored)
        name, arguments = fields.text("name"), fields.text(key, "")
        id = fields.text("call_id", "") or str(fields.left().get("id", "")) or f"call_{index}"
        namespace = fields.text("namespace", "")
        reader.names[id] = name
        return Message("assistant", (ToolCall(id, name, arguments, kind, namespace, extra=fields.rest(NAME)),))

    return parse


def _parse_result(kind: ToolKind) -> Callable[[Fields, _Reader, int], Message]:
    def parse(fields: Fields, reader: _Reader, index: int) -> Message:
        _drop_defaults(fields, reader.stored)
        id, output = fields.text("call_id", ""), _parse_output(fields)
        name = reader.names.get(id, "")
        return Message("tool", (ToolResult(id, output, name=name, kind=kind, extra=fields.rest(NAME)),))

    return parse


def _parse_output(fields: Fields) -> tuple[Text | Media, ...]:
    value = fields.left().get("output")
    if isinstance(value, str):
        fields.take("output")
        unfolded = _unfolded(value)
        if unfolded is None:
            return (Text(value),) if value else ()
        fields.left()["output"] = unfolded
    parts = parse_content(fields, "output")
    fields.take("output")
    return tuple(part if isinstance(part, Text | Media) else _as_text(part) for part in parts)


def _unfolded(output: str) -> list[Json] | None:
    """Content parts that a client sent as a string: an image in them would be read as base64 text."""
    if not output.startswith("[{") or '"input_image"' not in output:
        return None
    try:
        value = loads(output)
    except ValueError:
        return None
    whole = isinstance(value, list) and all(isinstance(one, dict) and _is_input(one) for one in value)
    return value if whole else None


def _is_input(part: Json) -> bool:
    key = {"input_text": "text", "input_image": "image_url"}.get(text(part.get("type")))
    return key is not None and isinstance(part.get(key), str) and not set(part) - {"type", key, "detail"}


def _as_text(part: Part) -> Text:
    """A result holds text and media; a part of another kind keeps its own spelling beside."""
    if isinstance(part, Foreign):
        return Text("", extra=Extra(NAME, part.value))
    return Text(getattr(part, "text", ""))


def _parse_reasoning(fields: Fields, reader: _Reader, index: int) -> Message:
    id, sealed = fields.text("id", ""), fields.text("encrypted_content", "")
    fields.take("status")
    summary, thought = _thoughts(fields, "summary"), _thoughts(fields, "content")
    seal = opaque.unpack(sealed, NAME) if sealed else None
    if seal and seal.format == NAME:
        seal = Opaque(NAME, sealed, id)
    elif not seal and id and reader.stored:
        seal = Opaque(NAME, "", id)
    # An Extra, be it empty, says that the thought is this format's own: only such may be sent here again.
    own = None if seal and seal.format != NAME else Extra(NAME, {})
    extra = own and (fields.rest(NAME) or own)
    if not (summary or thought or seal or (extra and extra.fields)):
        return Message("assistant", ())
    first = (Reasoning(summary, None, True, own),) if summary and thought else ()
    return Message("assistant", (*first, Reasoning(thought or summary, seal, not thought and bool(summary), extra)))


def _thoughts(fields: Fields, key: str) -> str:
    """The parts of a summary or thought as one text, with a blank line between."""
    if fields.left().get(key) in (None, []):
        fields.take(key)
        return ""
    return "\n\n".join(filter(None, [part.text("text", "") for part in fields.each(key)]))


def _parse_web_search(fields: Fields, reader: _Reader, index: int) -> Message:
    return Message("assistant", parse_web_search(fields.left(), f"search_{index}"))


def _parse_code_run(fields: Fields, reader: _Reader, index: int) -> Message:
    return Message("assistant", parse_code_run(fields.left(), f"code_{index}"))


def _parse_additional_tools(fields: Fields, reader: _Reader, index: int) -> None:
    path = fields.path
    tools = fields.take("tools", [])
    if not isinstance(tools, list):
        raise fields.fault("tools", "a list", tools)
    reader.tools += parse_added(tools, lambda: f"{path}.tools")


_PARSE: dict[str, Callable[[Fields, _Reader, int], Message | None]] = {
    "message": _parse_message,
    "function_call": _parse_call("function", "arguments"),
    "custom_tool_call": _parse_call("custom", "input"),
    "function_call_output": _parse_result("function"),
    "custom_tool_call_output": _parse_result("custom"),
    "reasoning": _parse_reasoning,
    "web_search_call": _parse_web_search,
    "code_interpreter_call": _parse_code_run,
    "additional_tools": _parse_additional_tools,
}
