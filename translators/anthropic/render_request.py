"""Writes a Messages request."""

from __future__ import annotations

from .. import ir
from ..ir import Json
from ..wire import compact, extra_of
from .caching import bound_breakpoints
from .conversation import render_messages, render_system, split
from .models import model_of
from .refusals import refusals
from .schemas import closed_schema
from .thinking import Plan, max_tokens, plan
from .tools import render_tool_choice, render_tools
from .words import NAME, PATH, SERVICE_TIER_OUT


def endpoint(request: ir.Request) -> str:
    return PATH


def render_request(request: ir.Request) -> Json:
    model = model_of(request.model)
    planned = plan(request, model)
    lost = frozenset(refusals(request, model, planned))
    leading, rest = split(request.messages)
    body = compact(
        {
            "model": request.model,
            "max_tokens": max_tokens(request, planned, model),
            "system": render_system(leading) or None,
            "messages": render_messages(rest, model),
            "tools": render_tools(request.tools) or None,
            "tool_choice": render_tool_choice(request),
            "thinking": planned.thinking,
            "output_config": _output_config(request, planned, lost),
            **_sampling(request, lost),
            "stop_sequences": [stop for stop in request.stop if stop.strip()] or None,
            "metadata": {"user_id": request.user} if request.user else None,
            "service_tier": SERVICE_TIER_OUT.get(request.service_tier),
            "stream": request.stream or None,
        }
    )
    _merge(body, extra_of(request.extra, NAME))
    bound_breakpoints(body)
    return body


def _sampling(request: ir.Request, lost: frozenset[str]) -> Json:
    """Others count temperature up to 2; here 1 is the warmest, and more is refused."""
    temperature = None if request.temperature is None else min(request.temperature, 1)
    said = {"temperature": temperature, "top_p": request.top_p, "top_k": request.top_k}
    return {name: value for name, value in said.items() if name not in lost}


def _output_config(request: ir.Request, planned: Plan, lost: frozenset[str]) -> Json | None:
    config: Json = {"effort": planned.effort} if planned.effort else {}
    wanted = request.response_format
    if wanted and wanted.schema is not None and "response_format.schema" not in lost:
        config["format"] = {"type": "json_schema", "schema": closed_schema(wanted.schema)}
    return config or None


def _merge(body: Json, extra: Json) -> None:
    """What was left of an object that was read in part goes into that object."""
    for key, value in extra.items():
        known = body.get(key)
        body[key] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
