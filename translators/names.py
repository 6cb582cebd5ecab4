"""Names and ids that another format's rules do not allow, respelled so that the way back is known."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from . import ir

MAX_NAME = 64
MAX_ID = 64
_ILLEGAL_IN_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def legal_id(id: str) -> str:
    """A call id of letters, digits, ``_`` and ``-``, at most 64 long: the same for the same id, on call and result."""
    return id if _ID.fullmatch(id) else _respelled(id, MAX_ID)


def flattened(request: ir.Request) -> tuple[ir.Request, dict[str, tuple[str, str]]]:
    """The request for a format without namespaces, and the way back: name there → namespace and name here.

    Two namespaces may hold tools of one name: each tool is called by both, as Codex itself joins them.
    """
    joined: dict[tuple[str, str], str] = {}
    plain = {tool.name for tool in request.tools if isinstance(tool, ir.Tool) and not tool.namespace}
    for namespace, name in dict.fromkeys(_in_namespaces(request)):
        whole = f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"
        joined[namespace, name] = whole if whole not in plain else _respelled(f"{namespace}.{name}", MAX_NAME)
    if not joined:
        return request, {}
    choice = request.tool_choice
    if choice:
        only = {name: whole for (_, name), whole in reversed(joined.items()) if name not in plain}
        choice = replace(choice, names=tuple(only.get(name, name) for name in choice.names))
    tools = tuple(_flat(tool, joined) if isinstance(tool, ir.Tool) else tool for tool in request.tools)
    messages = tuple(
        replace(message, parts=tuple(_flat(p, joined) if isinstance(p, ir.ToolCall) else p for p in message.parts))
        for message in request.messages
    )
    flat = replace(request, tools=tools, tool_choice=choice, messages=messages)
    return flat, {whole: place for place, whole in joined.items()}


def _in_namespaces(request: ir.Request) -> Iterable[tuple[str, str]]:
    yield from ((tool.namespace, tool.name) for tool in request.tools if isinstance(tool, ir.Tool) and tool.namespace)
    for message in request.messages:
        yield from ((p.namespace, p.name) for p in message.parts if isinstance(p, ir.ToolCall) and p.namespace)


def _flat[T: (ir.Tool, ir.ToolCall)](named: T, joined: Mapping[tuple[str, str], str]) -> T:
    return replace(named, name=joined[named.namespace, named.name], namespace="") if named.namespace else named


def aliases(request: ir.Request, legal: re.Pattern[str]) -> dict[str, str]:
    """The client's tool names that are not `legal` → names that are. No two tools share one."""
    names = dict.fromkeys(_names(request))
    taken = {name for name in names if legal.fullmatch(name)}
    renamed: dict[str, str] = {}
    for name in names:
        if name in taken:
            continue
        renamed[name] = alias = _respelled(name, MAX_NAME)
        taken.add(alias)
    return renamed


def _respelled(name: str, limit: int) -> str:
    """Cut and marked with a digest of the whole, so that names with one beginning stay apart."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    start = _ILLEGAL_IN_NAME.sub("_", name)[: limit - 9]
    if not start or not (start[0].isalpha() or start[0] == "_"):
        start = f"_{start}"[: limit - 9]
    return f"{start}_{digest}"


def _names(request: ir.Request) -> Iterable[str]:
    for tool in request.tools:
        if isinstance(tool, ir.Tool):
            yield tool.name
    if request.tool_choice:
        yield from request.tool_choice.names
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, ir.ToolCall) or (isinstance(part, ir.ToolResult) and part.name):
                yield part.name


def renamed(request: ir.Request, names: Mapping[str, str]) -> ir.Request:
    """The request with its tools under other names."""
    if not names:
        return request
    tools = tuple(replace(t, name=names.get(t.name, t.name)) if isinstance(t, ir.Tool) else t for t in request.tools)
    choice = request.tool_choice
    if choice:
        choice = replace(choice, names=tuple(names.get(name, name) for name in choice.names))
    messages = tuple(
        replace(message, parts=tuple(_renamed(part, names) for part in message.parts)) for message in request.messages
    )
    return replace(request, tools=tools, tool_choice=choice, messages=messages)


def _renamed(part: ir.Part, names: Mapping[str, str]) -> ir.Part:
    if isinstance(part, ir.ToolCall | ir.ToolResult) and part.name in names:
        return replace(part, name=names[part.name])
    return part
