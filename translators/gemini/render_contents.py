"""Writes messages as `contents` and `systemInstruction`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from .. import ir, wire
from ..ir import Json
from .parse_parts import OWN_FILES
from .render_parts import render_call, render_code, render_code_result, render_media, render_text
from .seals import BYPASS, native
from .words import NAME, generation, merged, takes_prefill

_MINTED = re.compile(r"(?:call|code)_\d+_\d+")
"""Ids that this format's parser made up: the client knows none, so Gemini is told none."""
GO_ON = "Continue."
"""Said for a client that ends with the model's turn, to a model that takes no such ending."""
_NOTHING: Json = {"text": ""}
"""A user's turn that says nothing, but is one."""
type _Calls = dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a part must know of the rest of the request. `calls`: id → place and name of each call."""

    generation: int
    calls: _Calls
    bypass: bool = False


def render_system(messages: tuple[ir.Message, ...]) -> tuple[Json | None, tuple[ir.Message, ...]]:
    """The leading system and developer messages as one instruction, and the other messages.

    The API wants at least one content: a system prompt alone is what the user says.
    """
    leading = tuple(takewhile(lambda message: message.role in ("system", "developer"), messages))
    rest = messages[len(leading) :]
    setting = _Setting(0, {})
    parts = [part for message in leading for part in _parts(message.parts, setting)]
    if not parts:
        return None, rest
    if not rest:
        return None, tuple(ir.Message("user", message.parts) for message in leading)
    extra = {key: value for message in leading for key, value in wire.extra_of(message.extra, NAME).items()}
    return merged({"parts": parts}, extra), rest


def render_contents(messages: tuple[ir.Message, ...], model: str) -> list[Json]:
    """Never empty; a user's turn stands before the first call and, where the model takes no prefill, at the end.

    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
    """
    setting = _Setting(generation(model), _calls_of(messages))
    contents = [content for content in _contents(messages, setting) if content["parts"]]
    if not contents:
        return [{"role": "user", "parts": [{"text": " "}]}]
    if contents[0]["role"] == "model" and any("functionCall" in part for part in contents[0]["parts"]):
        contents.insert(0, {"role": "user", "parts": [_NOTHING]})
    if contents[-1]["role"] == "model" and not takes_prefill(model):
        contents.append({"role": "user", "parts": [{"text": GO_ON}]})
    return contents


def _calls_of(messages: tuple[ir.Message, ...]) -> _Calls:
    calls = (part for message in messages for part in message.parts if isinstance(part, ir.ToolCall))
    return {call.id: (place, call.name) for place, call in enumerate(calls)}


def _contents(messages: tuple[ir.Message, ...], setting: _Setting) -> Iterator[Json]:
    results: list[ir.ToolResult] = []
    for message in messages:
        if message.role == "tool":
            results += (part for part in message.parts if isinstance(part, ir.ToolResult))
            continue
        if results:
            yield _results(results, setting)
            results = []
        yield _content(message, setting)
    if results:
        yield _results(results, setting)


def _content(message: ir.Message, setting: _Setting) -> Json:
    role = "model" if message.role == "assistant" else "user"
    made_elsewhere = not any(isinstance(part, ir.ToolCall) and native(part.opaque) for part in message.parts)
    if made_elsewhere and setting.generation >= 3:
        # Of parallel calls that Gemini made, only the first is signed; the others must stay as they are.
        setting = _Setting(setting.generation, setting.calls, bypass=True)
    parts = list(_parts(message.parts, setting))
    if role == "user" and message.parts and not parts:
        parts = [_NOTHING]
    content: Json = {"role": role, "parts": parts}
    return merged(content, wire.extra_of(message.extra, NAME))


def _results(results: list[ir.ToolResult], setting: _Setting) -> Json:
    """All results of one step in one turn, in the order of the calls."""
    last = len(setting.calls)
    ordered = sorted(results, key=lambda result: setting.calls.get(result.call_id, (last, ""))[0])
    return {"role": "user", "parts": list(_parts(ordered, setting))}


def _parts(parts: Iterable[ir.Part], setting: _Setting) -> Iterator[Json]:
    for part in parts:
        yield from _render(part, setting)


def _render(part: ir.Part, setting: _Setting) -> Iterator[Json]:
    """An empty text beside other parts is none."""
    match part:
        case ir.Text() | ir.Refusal():
            if part.text or part.extra:
                yield merged(render_text(part.text), wire.extra_of(part.extra, NAME))
        case ir.Media() if not part.file_id or part.file_id.startswith(OWN_FILES):
            yield render_media(part)
        case ir.Reasoning():
            yield from _reasoning(part)
        case ir.ToolCall():
            yield _call(part, setting)
        case ir.ToolResult():
            yield from _result(part, setting)
        case ir.BuiltinCall() | ir.BuiltinResult():
            yield from _builtin(part)
        case ir.Foreign() if part.format == NAME:
            yield part.value


def _reasoning(part: ir.Reasoning) -> Iterator[Json]:
    signature = native(part.opaque)
    if part.text or signature:
        thought = bool(part.text) or part.summary
        yield merged(render_text(part.text, signature, thought), wire.extra_of(part.extra, NAME))


def _call(part: ir.ToolCall, setting: _Setting) -> Json:
    signature = native(part.opaque) or (BYPASS if setting.bypass else "")
    id = "" if _MINTED.fullmatch(part.id) else part.id
    return merged(render_call(part.name, part.arguments, part.kind, id, signature), wire.extra_of(part.extra, NAME))


def _builtin(part: ir.BuiltinCall | ir.BuiltinResult) -> Iterator[Json]:
    if part.tool != "code_execution":
        return
    wire_part = render_code(part) if isinstance(part, ir.BuiltinCall) else render_code_result(part)
    id = part.id if isinstance(part, ir.BuiltinCall) else part.call_id
    if id and not _MINTED.fullmatch(id):
        wire_part = merged(wire_part, {next(iter(wire_part)): {"id": id}})
    yield wire_part


# -- results ----------------------------------------------------------------------------


def _result(part: ir.ToolResult, setting: _Setting) -> Iterator[Json]:
    """ "functionResponse.parts" holds files from Gemini 3 on; for older models they follow as parts of the turn."""
    media = [wire_part for inner in part.parts if isinstance(inner, ir.Media) for wire_part in _render(inner, setting)]
    name = part.name or setting.calls.get(part.call_id, (0, ""))[1] or part.call_id
    response: Json = {"name": name, "response": _response(part)}
    if part.call_id and not _MINTED.fullmatch(part.call_id):
        response["id"] = part.call_id
    if media and setting.generation not in (1, 2):
        response["parts"], media = media, []
    yield merged({"functionResponse": response}, wire.extra_of(part.extra, NAME))
    yield from media


def _response(part: ir.ToolResult) -> Json:
    texts = [inner.text for inner in part.parts if isinstance(inner, ir.Text)]
    if not texts and not part.is_error:
        return {}
    text = "\n".join(texts)
    value = _object(text)
    if part.is_error:
        return {"error": value if value is not None else text}
    return value if value is not None else {"output": text}


def _object(text: str) -> Json | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = wire.loads(text)
    except ValueError:
        return None
    return value if type(value) is dict else None
