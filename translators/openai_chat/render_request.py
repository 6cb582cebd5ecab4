"""Writes a chat completion request in OpenAI's own dialect; `dialects` knows what other servers can't read."""

from __future__ import annotations

import hashlib
from typing import Any

from .. import ir
from ..thinking import effort_of, nearest
from ..wire import compact, extra_of
from .render_messages import render_messages
from .render_parts import merged, render_cache
from .words import MAX_ID, NAME, PATH, SERVICE_TIER


def endpoint(request: ir.Request) -> str:
    """Base URLs of OpenAI and its like end in ``/v1``."""
    return PATH


def render_request(request: ir.Request) -> ir.Json:
    own = extra_of(request.extra, NAME)
    tools = [_tool(tool) for tool in request.tools if not isinstance(tool, ir.BuiltinTool)]
    tools = [tool for tool in tools if tool is not None]
    rendered = compact({
        "model": request.model,
        "messages": list(render_messages(request.messages)),
        **_settings(request),
        "tools": tools or None,
        "tool_choice": _tool_choice(request) if tools else None,
        "parallel_tool_calls": request.parallel_tool_calls if tools else None,
        "web_search_options": _web_search(request),
        "response_format": _response_format(request.response_format),
        **_stream(request),
    })  # fmt: skip
    # The new word, for OpenAI's reasoning models refuse `max_tokens`. A provider that knows the old one alone is
    # served by `dialects`, or by an extra `max_tokens` of this format: then it stands, and the new one does not.
    if request.max_tokens is not None and "max_tokens" not in own:
        rendered["max_completion_tokens"] = request.max_tokens
    return merged(rendered, request.extra)


def _settings(request: ir.Request) -> ir.Json:
    """No `top_k`: OpenAI answers 400 to it, and every Gemini client sends it."""
    return {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
        "n": request.n,
        "logprobs": request.logprobs,
        "top_logprobs": request.top_logprobs,
        "reasoning_effort": _effort(request.thinking),
        "verbosity": request.verbosity or None,
        "user": _short(request.user),
        "metadata": dict(request.metadata) or None,
        "service_tier": SERVICE_TIER.get(request.service_tier, request.service_tier) or None,
        "prompt_cache_key": _short(request.prompt_cache_key),
        "store": request.store,
    }


def _stream(request: ir.Request) -> ir.Json:
    """Usage is always asked for: the gateway counts it, whether or not the client wants to see it."""
    if not request.stream:
        return {}
    return {"stream": True, "stream_options": {"include_usage": True}}


def _effort(thinking: ir.Thinking | None) -> str | None:
    """An effort as it was said; what a budget comes to only in the words that every reasoning model knows."""
    if thinking is None:
        return None
    effort = thinking.effort or effort_of(thinking)
    if effort is None or thinking.effort or effort == "none":
        return effort
    return nearest(effort, ("low", "medium", "high"))


def _short(id: str) -> str | None:
    """OpenAI refuses ids over 64 characters, and Claude Code's are longer: those are hashed, as OpenAI recommends."""
    if len(id) <= MAX_ID:
        return id or None
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


def _tool(tool: ir.Tool | ir.BuiltinTool | ir.ForeignTool) -> ir.Json | None:
    match tool:
        case ir.Tool(kind="custom"):
            custom = compact({
                "name": tool.name,
                "description": tool.description or None,
                "format": _grammar(tool.grammar),
            })  # fmt: skip
            rendered: ir.Json = {"type": "custom", "custom": custom}
        case ir.Tool():
            function = compact({
                "name": tool.name,
                "description": tool.description or None,
                "parameters": _object_schema(tool.parameters),
                "strict": tool.strict,
            })  # fmt: skip
            rendered = {"type": "function", "function": function}
        case ir.ForeignTool(format=format, value=value):
            return value if format == NAME else None
        case _:
            return None
    if tool.cache:
        rendered["cache_control"] = render_cache(tool.cache)
    return merged(rendered, tool.extra)


def _object_schema(schema: ir.Json | None) -> ir.Json | None:
    """OpenAI: an object schema at the root must have `type` and `properties`."""
    if schema is None or "properties" in schema or schema.keys() & {"$ref", "anyOf", "oneOf", "allOf"}:
        return schema
    return {**schema, "type": "object", "properties": {}} if schema.get("type", "object") == "object" else schema


def _grammar(grammar: ir.Json | None) -> ir.Json | None:
    if grammar is None or grammar.get("type") != "grammar":
        return grammar
    return {"type": "grammar", "grammar": {key: value for key, value in grammar.items() if key != "type"}}


def _tool_choice(request: ir.Request) -> Any:
    choice = request.tool_choice
    if choice is None:
        return None
    kinds = {tool.name: tool.kind for tool in request.tools if isinstance(tool, ir.Tool)}
    named = [
        {"type": kinds.get(name, "function"), kinds.get(name, "function"): {"name": name}} for name in choice.names
    ]
    if choice.mode == "tool":
        return named[0] if named else "required"
    if named and choice.mode != "none":
        return {"type": "allowed_tools", "allowed_tools": {"mode": choice.mode, "tools": named}}
    return choice.mode


def _web_search(request: ir.Request) -> ir.Json | None:
    for tool in request.tools:
        if isinstance(tool, ir.BuiltinTool) and tool.tool == "web_search":
            return dict(extra_of(tool.extra, NAME))
    return None


def _response_format(format: ir.ResponseFormat | None) -> ir.Json | None:
    if format is None:
        return None
    if format.schema is None:
        return {"type": "json_object"}
    schema = compact({
        "name": format.name or "response",
        "description": format.description or None,
        "schema": format.schema,
        "strict": format.strict,
    })  # fmt: skip
    return {"type": "json_schema", "json_schema": schema}
