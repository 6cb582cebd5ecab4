"""What servers that imitate OpenAI can't read, and how it is said to them: rewrites a rendered chat request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..ir import Json, Request, Thinking
from ..lenient import items, mapping
from ..thinking import budget_of, effort_of
from ..wire import dumps


@dataclass(frozen=True, slots=True)
class Dialect:
    """`max_tokens`: knows the old word only. `thoughts`: the field for earlier reasoning, "" for none.

    `details`: reads ``reasoning_details``. `cache`: reads ``cache_control``. `custom`: has freeform tools;
    elsewhere they are functions of one string. `lists`: takes text content in parts, where one string would do.
    `switch`: reasoning is switched on and off, with a budget, in place of an effort.
    """

    max_tokens: bool = True
    thoughts: str = "reasoning_content"
    details: bool = False
    cache: bool = False
    custom: bool = False
    lists: bool = True
    switch: bool = False


COMPATIBLE = Dialect()
"""A server of which nothing is known."""
DIALECTS: dict[str, Dialect] = {
    "openai": Dialect(max_tokens=False, thoughts="", custom=True),
    "openrouter": Dialect(max_tokens=False, details=True, cache=True),
    "qwen": Dialect(cache=True, switch=True),
    "deepseek": Dialect(lists=False),
    "groq": Dialect(thoughts="reasoning"),
    "cerebras": Dialect(thoughts="reasoning", lists=False),
    "mistral": Dialect(thoughts=""),
    "zai": Dialect(lists=False),
}
"""Groq, Cerebras and Mistral answer 400 or 422 to a field that they do not know; OpenAI passes over it
(github.com/BerriAI/litellm/issues/8111, QwenLM/qwen-code/issues/11045, vectorize-io/hindsight/issues/852).
Qwen's switch: help.aliyun.com/en/model-studio/deep-thinking."""
_INPUT = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


def lacks(dialect: Dialect, request: Request) -> frozenset[str]:
    """The features of this format that such a server has no words for: `adapted` leaves them out."""
    thinks = request.thinking is not None and effort_of(request.thinking) != "none"
    # Some of Qwen's models answer 400 to reasoning that is switched on for an answer that comes whole.
    absent = {
        "reasoning": not dialect.thoughts,
        "cache": not dialect.cache,
        "thinking": dialect.switch and thinks and not request.stream,
    }
    return frozenset(name for name, lacking in absent.items() if lacking)


def adapted(body: Json, dialect: Dialect, thinking: Thinking | None = None) -> Json:
    """The request as this server can read it. What it was made of stays as it was."""
    rewritten = {**body, "messages": [_message(mapping(one), dialect) for one in items(body.get("messages"))]}
    if dialect.max_tokens and "max_completion_tokens" in body:
        rewritten["max_tokens"] = rewritten.pop("max_completion_tokens")
    if tools := items(body.get("tools")):
        rewritten["tools"] = [_tool(tool, dialect) for tool in tools]
    if dialect.switch and "reasoning_effort" in body:
        rewritten |= _switched(rewritten.pop("reasoning_effort"), bool(body.get("stream")), thinking)
    choice = mapping(body.get("tool_choice"))
    if not dialect.custom and choice.get("type") == "custom":
        rewritten["tool_choice"] = {"type": "function", "function": choice["custom"]}
    return rewritten


def _switched(effort: Any, stream: bool, thinking: Thinking | None) -> Json:
    if effort == "none":
        return {"enable_thinking": False}
    if not stream:
        return {}
    budget = budget_of(thinking) if thinking else None
    return {"enable_thinking": True, **({"thinking_budget": budget} if budget and budget > 0 else {})}


def _message(message: Json, dialect: Dialect) -> Json:
    rewritten = dict(message)
    if "reasoning_content" in message and dialect.thoughts != "reasoning_content":
        thought = rewritten.pop("reasoning_content")
        if dialect.thoughts:
            rewritten[dialect.thoughts] = thought
    if not dialect.details:
        rewritten.pop("reasoning_details", None)
    if calls := items(message.get("tool_calls")):
        rewritten["tool_calls"] = [_call(call, dialect) for call in calls]
    if type(message.get("content")) is list:
        rewritten["content"] = _content([_uncached(part, dialect) for part in message["content"]], dialect)
    return _uncached(rewritten, dialect)


def _content(parts: list[Any], dialect: Dialect) -> Any:
    if dialect.lists or any(part.get("type") != "text" for part in parts):
        return parts
    return "\n\n".join(part["text"] for part in parts)


def _call(call: Json, dialect: Dialect) -> Json:
    return _uncached(_as_function(call, dialect, _call_of), dialect)


def _tool(tool: Json, dialect: Dialect) -> Json:
    return _uncached(_as_function(tool, dialect, _function_of), dialect)


def _as_function(value: Json, dialect: Dialect, function: Callable[[Json], Json]) -> Json:
    if dialect.custom or value.get("type") != "custom":
        return value
    rest = {key: inner for key, inner in value.items() if key != "custom"}
    return {**rest, "type": "function", "function": function(value["custom"])}


def _call_of(custom: Json) -> Json:
    return {"name": custom["name"], "arguments": dumps({"input": custom["input"]}).decode()}


def _function_of(custom: Json) -> Json:
    grammar = mapping(mapping(custom.get("format")).get("grammar"))
    said = [custom.get("description") or ""]
    if grammar:
        said += [f"The input must fit this {grammar.get('syntax')} grammar:", grammar.get("definition") or ""]
    return {"name": custom["name"], "description": "\n\n".join(filter(None, said)), "parameters": _INPUT}


def _uncached(value: Json, dialect: Dialect) -> Json:
    if dialect.cache or "cache_control" not in value:
        return value
    return {key: inner for key, inner in value.items() if key != "cache_control"}
