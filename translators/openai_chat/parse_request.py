"""Reads a chat completion request."""

from __future__ import annotations

import re
from typing import Any, cast

from .. import ir
from ..lenient import mapping
from ..openai_usage import include_usage
from ..thinking import EFFORTS
from ..wire import Fields
from .parse_messages import parse_messages
from .parse_tools import parse_tool_choice, parse_tools
from .words import NAME

_NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_INTEGERS = ("top_k", "seed", "n", "top_logprobs")
_FLAGS = ("logprobs", "parallel_tool_calls", "store")
_TEXTS = ("verbosity", "service_tier", "prompt_cache_key")
_REASONING = {"effort", "max_tokens", "exclude", "enabled"}
_DEPLOYMENT = re.compile(r"/deployments/([^/?]+)/")
_SCHEMA = {"name", "description", "schema", "strict"}


def parse_request(body: ir.Json, path: str) -> ir.Request:
    fields = Fields(body)
    model, stream = _model(fields, path), bool(fields.flag("stream"))
    usage = include_usage(fields)
    legacy = bool(fields.left().get("functions")) and not fields.left().get("tools")
    tools, choice = tuple(parse_tools(fields)), parse_tool_choice(fields)
    if fields.left().get("messages") is None:
        raise fields.fault("messages", "a list", None)
    return ir.Request(
        model,
        parse_messages(fields.each("messages")),
        stream,
        usage,
        max_tokens=_max_tokens(fields),
        stop=fields.texts("stop"),
        thinking=_thinking(fields),
        tools=tools,
        tool_choice=choice,
        response_format=_response_format(fields),
        user=_user(fields),
        metadata=_metadata(fields),
        legacy_functions=legacy,
        **_settings(fields),
        extra=fields.rest(NAME),
    )


def _model(fields: Fields, path: str) -> str:
    """Azure names its deployment in the path, and may have no model in the body."""
    deployed = _DEPLOYMENT.search(path)
    return fields.text("model", deployed[1]) if deployed else fields.text("model")


def _settings(fields: Fields) -> dict[str, Any]:
    return {
        **{name: fields.number(name) for name in _NUMBERS},
        **{name: fields.integer(name) for name in _INTEGERS},
        **{name: fields.flag(name) for name in _FLAGS},
        **{name: fields.text(name, "") for name in _TEXTS},
    }


def _max_tokens(fields: Fields) -> int | None:
    """``max_tokens`` is the old word for ``max_completion_tokens``; where both stand the new one counts."""
    new, old = fields.integer("max_completion_tokens"), fields.integer("max_tokens")
    return old if new is None else new


def _thinking(fields: Fields) -> ir.Thinking | None:
    """``reasoning_effort``, or OpenRouter's ``reasoning`` if it says no more than we have words for."""
    effort = fields.left().get("reasoning_effort")
    if effort in EFFORTS:
        fields.take("reasoning_effort")
        return ir.Thinking(cast(ir.Effort, effort))
    said = mapping(fields.left().get("reasoning"))
    effort, budget, exclude = said.get("effort"), said.get("max_tokens"), said.get("exclude")
    if not said or said.keys() - _REASONING or effort not in (*EFFORTS, None) or type(budget) not in (int, type(None)):
        return None
    fields.take("reasoning")
    if said.get("enabled") is False:
        return ir.Thinking("none")
    return ir.Thinking(effort, budget, adaptive=effort is budget is None, show=None if exclude is None else not exclude)


def _response_format(fields: Fields) -> ir.ResponseFormat | None:
    """What fits is taken; other kinds (a grammar, a regular expression) stay as they are."""
    format = fields.left().get("response_format")
    parsed: ir.ResponseFormat | None = None
    match format:
        case {"type": "text", **rest} if not rest:
            pass
        case {"type": "json_object", **rest} if not rest:
            parsed = ir.ResponseFormat()
        case {"type": "json_schema", "json_schema": dict(said), **rest} if not rest and not said.keys() - _SCHEMA:
            at = Fields(said, "response_format.json_schema")
            schema = at.json("schema") or {}
            parsed = ir.ResponseFormat(schema, at.text("name", ""), at.text("description", ""), at.flag("strict"))
        case None | dict():
            return None
        case _:
            raise fields.fault("response_format", "an object", format)
    fields.take("response_format")
    return parsed


def _user(fields: Fields) -> str:
    """``safety_identifier`` replaces ``user``; where both stand the old one stays as it is."""
    return fields.text("safety_identifier", "") or fields.text("user", "")


def _metadata(fields: Fields) -> tuple[tuple[str, str], ...]:
    """OpenAI's metadata are strings; anything else is not ours to read."""
    said = mapping(fields.left().get("metadata"))
    if not said or not all(isinstance(value, str) for value in said.values()):
        return ()
    fields.take("metadata")
    return tuple(said.items())
