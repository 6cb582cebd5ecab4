"""What a request asks that a target format can't say: computed from the request and the target's SUPPORTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from . import ir

_SETTINGS = (
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "thinking",
    "parallel_tool_calls",
    "verbosity",
    "user",
    "metadata",
    "service_tier",
    "prompt_cache_key",
    "store",
    "previous_response_id",
)
"""Request fields that are one feature each, under the field's own name."""

FEATURES: dict[str, str] = {
    **{name: f"`{name}`" for name in _SETTINGS},
    "n": "more than one answer",
    "system": "system and developer messages before the first turn",
    "system.mid": "system and developer messages between turns",
    "message.name": "a participant's name on a message",
    "tools": "function tools",
    "tools.strict": "`strict` on a function tool, whether true or false",
    "tools.custom": "freeform (custom) tools, their calls and results",
    "tools.namespace": "tools grouped in namespaces",
    "tools.web_search": "the provider's own web search",
    "tools.web_fetch": "the provider's own web fetch",
    "tools.code_execution": "the provider's own code execution",
    "tool_choice.auto": "tool choice: the model decides",
    "tool_choice.none": "tool choice: no tool",
    "tool_choice.required": "tool choice: some tool",
    "tool_choice.tool": "tool choice: this one tool",
    "tool_choice.names": "tool choice narrowed to some of the tools",
    "response_format.json": "an answer in any JSON",
    "response_format.schema": "an answer in JSON that fits a schema",
    "image": "images in base64",
    "image.url": "images by URL",
    "image.file_id": "images by the provider's file id",
    "image.detail": "the resolution an image is read at",
    "document": "documents (PDF …) in base64",
    "document.url": "documents by URL",
    "document.file_id": "documents by the provider's file id",
    "document.text": "documents as plain text",
    "audio": "sound in base64",
    "audio.url": "sound by URL",
    "audio.file_id": "sound by the provider's file id",
    "video": "film in base64",
    "video.url": "film by URL",
    "video.file_id": "film by the provider's file id",
    "tool_result": "results of tool calls",
    "tool_result.error": "a tool result marked as an error",
    "tool_result.image": "images in tool results",
    "tool_result.document": "documents in tool results",
    "reasoning": "the text of earlier reasoning",
    "reasoning.opaque": "sealed reasoning (signature, encrypted content) of another format",
    "refusal": "an earlier refusal",
    "citations": "sources of an earlier answer",
    "cache": "prompt-cache breakpoints",
    "builtin.web_search": "earlier web searches of the provider",
    "builtin.web_fetch": "earlier web fetches of the provider",
    "builtin.code_execution": "earlier code executions of the provider",
}
"""Every feature, in words."""

FATAL = frozenset({
    "n",
    "tools",
    "tools.custom",
    "tool_result",
    "previous_response_id",
    *(f"{kind}{way}" for kind in ("image", "document", "audio", "video") for way in ("", ".url", ".file_id")),
    "document.text",
})  # fmt: skip
"""Without these the answer would be to another question: the request is refused."""
FATAL_FIELDS = frozenset({
    "openai_completions:messages.content.prompt", "openai_completions:suffix", "anthropic:thread",
})  # fmt: skip
"""The like among what only one format has words for: several prompts, tokens for a prompt, a text to end in, a
conversation that the provider holds."""


class Target(Protocol):
    @property
    def NAME(self) -> str: ...
    @property
    def SUPPORTS(self) -> frozenset[str]: ...


UNREAD, LONGEST = 50, 100
"""So many fields are named, and so much of each name: clients choose them, and all this goes into headers and logs."""
MORE = "more"
"""Stands for those that are not named."""


def losses(request: ir.Request, target: Target) -> list[str]:
    """What `target` can't be told, sorted: names of FEATURES, and fields as ``format:path.to.field``."""
    unread = sorted(set(map(_plain, _unread(request, target.NAME))))
    more = [MORE] if len(unread) > UNREAD else []
    return sorted({*(set(features(request, target.NAME)) - target.SUPPORTS), *unread[:UNREAD], *more})


def fatal(lost: list[str]) -> list[str]:
    """Those of the losses that change the question itself."""
    return [name for name in lost if name in FATAL or name in FATAL_FIELDS]


def features(request: ir.Request, target: str = "") -> Iterator[str]:
    """The features that a request uses. Sealed reasoning of `target`'s own is none: it can be said there."""
    yield from (name for name in _SETTINGS if getattr(request, name) not in (None, (), ""))
    if request.n not in (None, 1):
        yield "n"
    if request.response_format:
        yield "response_format.json" if request.response_format.schema is None else "response_format.schema"
    if choice := request.tool_choice:
        yield f"tool_choice.{choice.mode}"
        if choice.names and choice.mode != "tool":
            yield "tool_choice.names"
    for tool in request.tools:
        yield from _tool_features(tool)
    yield from _message_features(request.messages, target)


def _tool_features(tool: ir.Tool | ir.BuiltinTool | ir.ForeignTool) -> Iterator[str]:
    match tool:
        case ir.Tool():
            yield "tools" if tool.kind == "function" else "tools.custom"
            if tool.strict is not None:
                yield "tools.strict"
            if tool.namespace:
                yield "tools.namespace"
            if tool.cache:
                yield "cache"
        case ir.BuiltinTool():
            yield f"tools.{tool.tool}"


def _message_features(messages: tuple[ir.Message, ...], target: str) -> Iterator[str]:
    begun = False
    for message in messages:
        if message.role in ("system", "developer"):
            yield "system.mid" if begun else "system"
        else:
            begun = True
        if message.name:
            yield "message.name"
        for part in message.parts:
            if getattr(part, "cache", None):
                yield "cache"
            yield from _PARTS[type(part)](part, target)


def _text_features(part: ir.Text, target: str) -> Iterable[str]:
    return ("citations",) if part.citations else ()


def _call_features(part: ir.ToolCall, target: str) -> Iterator[str]:
    if part.kind == "custom":
        yield "tools.custom"
    if part.opaque and part.opaque.format != target:
        yield "reasoning.opaque"


def _media_features(part: ir.Media, target: str) -> Iterator[str]:
    way = ".url" if part.url else ".file_id" if part.file_id else ".text" if part.text else ""
    yield part.kind + way
    if part.detail:
        yield "image.detail"


def _reasoning_features(part: ir.Reasoning, target: str) -> Iterator[str]:
    own = part.opaque is not None and part.opaque.format == target
    if part.text and not own:
        yield "reasoning"
    if part.opaque and not own:
        yield "reasoning.opaque"


def _result_features(part: ir.ToolResult, target: str) -> Iterator[str]:
    yield "tools.custom" if part.kind == "custom" else "tool_result"
    if part.is_error:
        yield "tool_result.error"
    for inner in part.parts:
        if isinstance(inner, ir.Media):
            kind = inner.kind if inner.kind in ("image", "document") else ""
            yield f"tool_result.{kind}" if kind else inner.kind
        if inner.cache:
            yield "cache"


_PARTS: dict[type[ir.Part], Callable[[Any, str], Iterable[str]]] = {
    ir.Text: _text_features,
    ir.Refusal: lambda part, target: ("refusal",),
    ir.Media: _media_features,
    ir.Reasoning: _reasoning_features,
    ir.ToolCall: _call_features,
    ir.ToolResult: _result_features,
    ir.BuiltinCall: lambda part, target: (f"builtin.{part.tool}",),
    ir.BuiltinResult: lambda part, target: (f"builtin.{part.tool}",),
    ir.Foreign: lambda part, target: (),
}


def _plain(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:LONGEST])


def _unread(request: ir.Request, target: str) -> Iterator[str]:
    """Fields and blocks that only another format has words for."""
    for path, node in _nodes(request):
        extra: ir.Extra | None = getattr(node, "extra", None)
        if extra and extra.format != target:
            yield from (f"{extra.format}:{path}{key}" for key in extra.fields)
        if isinstance(node, ir.Foreign | ir.ForeignTool) and node.format != target:
            yield f"{node.format}:{path}{node.type}"


def _nodes(request: ir.Request) -> Iterator[tuple[str, object]]:
    """All that may hold such fields, each behind the path to it."""
    yield "", request
    for tool in request.tools:
        yield "tools.", tool
    for message in request.messages:
        yield "messages.", message
        for part in message.parts:
            yield "messages.content.", part
            if isinstance(part, ir.ToolResult):
                for inner in part.parts:
                    yield "messages.content.content.", inner
