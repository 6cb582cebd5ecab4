"""A conversation as a person reads it: who said what, which tools were called with what, and what it took.

YAML by its looks, so that viewers colour it: every turn is a key, and what was said is indented below.
"""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any

from . import ir

INDENT = "  "
_SETTINGS = (
    "max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "n",
    "parallel_tool_calls", "verbosity", "service_tier", "store", "previous_response_id", "user",
)  # fmt: skip


def request_text(request: ir.Request) -> str:
    """What was asked: settings first, then the turns, oldest first, then the tools' descriptions."""
    return "\n".join((*settings(request), "", *_turns(request.messages), *_tools(request.tools))) + "\n"


def answer_text(response: ir.Response, cost: float | None = None) -> str:
    """What was answered; `cost`: US dollars, estimated."""
    return "\n".join((*outcome(response, cost), "", *_turn(ir.Message("assistant", response.parts)))) + "\n"


# -- the frame ----------------------------------------------------------------------------


def settings(request: ir.Request) -> Iterator[str]:
    yield f"model: {request.model}" + (" (streamed)" if request.stream else "")
    for name in _SETTINGS:
        value = getattr(request, name)
        if value not in (None, "", ()):
            yield f"{name}: {', '.join(value) if isinstance(value, tuple) else json.dumps(value, ensure_ascii=False)}"
    if request.thinking:
        yield f"thinking: {_set_fields(request.thinking)}"
    if choice := request.tool_choice:
        yield f"tool_choice: {' '.join((choice.mode, *choice.names))}"
    if asked := request.response_format:
        yield f"response_format: {asked.name or 'schema' if asked.schema is not None else 'any JSON'}"
    if request.tools:
        yield f"tools: {len(request.tools)} ({', '.join(map(tool_name, request.tools))})"


def outcome(response: ir.Response, cost: float | None = None) -> Iterator[str]:
    """How an answer ended and what it took."""
    if error := response.error:
        yield f"error: {error.status} {' '.join(filter(None, (error.type, error.code, error.message)))}"
    if response.model:
        yield f"model: {response.model}"
    if finish := response.finish:
        yield f"finish: {finish.reason}" + (f" ({finish.stop_sequence!r})" if finish.stop_sequence else "")
        if finish.usage:
            yield f"tokens: {usage_text(finish.usage)}"
    if cost is not None:
        yield f"cost: about ${cost:.6f} (list price)"


def usage_text(usage: ir.Usage) -> str:
    """``1,200 input (1,000 cached) + 34 output (20 reasoning)``; what the provider did not say is left out."""
    inner = {
        "input": ((usage.cache_read, "cached"), (usage.cache_write, "written to the cache")),
        "output": ((usage.reasoning, "reasoning"),),
    }
    said = []
    for name, parts in inner.items():
        count = getattr(usage, name)
        if count is not None:
            of_it = ", ".join(f"{part:,} {word}" for part, word in parts if part)
            said.append(f"{count:,} {name}" + (f" ({of_it})" if of_it else ""))
    return " + ".join(said) or "not said"


def tool_name(tool: ir.Tool | ir.BuiltinTool | ir.ForeignTool) -> str:
    match tool:
        case ir.Tool():
            return f"{tool.namespace}.{tool.name}" if tool.namespace else tool.name
        case ir.BuiltinTool():
            return f"{tool.tool} of the provider"
        case ir.ForeignTool():
            return str(tool.value.get("name") or tool.type)


def _tools(tools: Iterable[ir.Tool | ir.BuiltinTool | ir.ForeignTool]) -> Iterator[str]:
    for tool in tools:
        if isinstance(tool, ir.Tool):
            yield f"tool {tool_name(tool)}({', '.join((tool.parameters or {}).get('properties', {}))}):"
            yield from _block(tool.description)


# -- the turns ----------------------------------------------------------------------------


def _turns(messages: Iterable[ir.Message]) -> Iterator[str]:
    for message in messages:
        yield from _turn(message)
        yield ""


def _turn(message: ir.Message) -> Iterator[str]:
    if message.role != "tool":
        yield message.role + (f" ({message.name}):" if message.name else ":")
    for part in message.parts:
        yield from _PARTS[type(part)](part)


def _text(part: ir.Text) -> Iterator[str]:
    yield from _block(part.text)
    yield from (f"{INDENT}source: {' '.join(filter(None, (c.title, c.url)))}" for c in part.citations)


def _refusal(part: ir.Refusal) -> Iterator[str]:
    yield f"{INDENT}refusal: |"
    yield from _block(part.text, 2)


def _reasoning(part: ir.Reasoning) -> Iterator[str]:
    sealed = f" [sealed, {_size(len(part.opaque.data))}]" if part.opaque and part.opaque.data else ""
    yield f"{INDENT}{'reasoning in short' if part.summary else 'reasoning'}:{sealed}"
    yield from _block(part.text, 2)


def _call(part: ir.ToolCall) -> Iterator[str]:
    name = f"{part.namespace}.{part.name}" if part.namespace else part.name
    yield f"{INDENT}call {name} [{part.id}]:"
    yield from _block(part.arguments if part.kind == "custom" else _pretty(part.arguments), 2)


def _result(part: ir.ToolResult) -> Iterator[str]:
    yield f"result {' '.join(filter(None, (part.name, f'[{part.call_id}]')))}:{' ERROR' if part.is_error else ''}"
    for inner in part.parts:
        yield from _PARTS[type(inner)](inner)


def _media(part: ir.Media) -> Iterator[str]:
    yield INDENT + media_text(part)
    if part.text:
        yield from _block(part.text, 2)


def _builtin_call(part: ir.BuiltinCall) -> Iterator[str]:
    yield f"{INDENT}the provider called {part.tool} [{part.id}]:"
    yield from _block(_pretty(part.arguments), 2)


def _builtin_result(part: ir.BuiltinResult) -> Iterator[str]:
    yield f"{INDENT}{part.tool} found [{part.call_id}]:{' ' + part.error if part.error else ''}"
    yield from _block(part.text, 2)
    yield from (f"{INDENT * 2}source: {' '.join(filter(None, (c.title, c.url)))}" for c in part.sources)


def _foreign(part: ir.Foreign) -> Iterator[str]:
    yield f"{INDENT}[{part.type}, known to {part.format} alone]"


_PARTS: dict[type[Any], Callable[[Any], Iterator[str]]] = {
    ir.Text: _text,
    ir.Refusal: _refusal,
    ir.Reasoning: _reasoning,
    ir.ToolCall: _call,
    ir.ToolResult: _result,
    ir.Media: _media,
    ir.BuiltinCall: _builtin_call,
    ir.BuiltinResult: _builtin_result,
    ir.Foreign: _foreign,
}


def media_text(part: ir.Media) -> str:
    """``[image, image/png, 640 × 480, 12.0 KB]``: never its bytes."""
    where = part.url or (f"file {part.file_id}" if part.file_id else "")
    size = _size(len(part.data) * 3 // 4) if part.data else ""
    return f"[{', '.join(filter(None, (part.kind, part.name, part.media_type, _pixels(part), size, where)))}]"


def _pixels(part: ir.Media) -> str:
    """A PNG says its width and height in its first bytes (ISO/IEC 15948, IHDR)."""
    if part.media_type != "image/png" or not part.data:
        return ""
    try:
        head = base64.b64decode(part.data[:32], validate=False)
    except ValueError:
        return ""
    return f"{int.from_bytes(head[16:20])} × {int.from_bytes(head[20:24])}" if head[12:16] == b"IHDR" else ""


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1024 else f"{count / 1024:,.1f} KB"


def _pretty(arguments: str) -> str:
    """Arguments as the model wrote them may be cut short; then they are shown as they are."""
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments


def _block(text: str, depth: int = 1) -> Iterator[str]:
    if text:
        yield textwrap.indent(text, INDENT * depth, lambda line: True).rstrip()


def _set_fields(value: Any) -> str:
    said = ((one.name, getattr(value, one.name)) for one in fields(value))
    return ", ".join(f"{name} {set_to}" for name, set_to in said if set_to not in (None, "", False))
