"""Reads a Messages request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import ir
from ..ir import Json
from ..lenient import mapping
from ..wire import Fields
from .parse_blocks import parse_content, with_call_seals
from .thinking import parse_thinking
from .tools import parse_tool_choice, parse_tools
from .words import NAME, ROLES, SERVICE_TIER

_IN_PATH = re.compile(r"/models/([^/:?]+):(stream)?rawPredict", re.I)
"""Vertex says the model, and whether to stream, in the path."""
_SCHEMA = {"type", "schema"}


def parse_request(body: Json, path: str) -> ir.Request:
    """`path`: only Vertex's says something: ``…/models/claude-x:streamRawPredict``. Raises `ir.BadRequest`."""
    fields = Fields(body)
    in_path = _IN_PATH.search(path)
    model = fields.text("model", in_path[1]) if in_path else fields.text("model")
    stream = bool(fields.flag("stream")) or bool(in_path and in_path[2])
    config = fields.fields("output_config")
    thinking, response_format = parse_thinking(fields, config), _response_format(fields, config)
    _keep_rest(fields, "output_config", config)
    choice, parallel = parse_tool_choice(fields)
    return ir.Request(
        model,
        (*_parse_system(fields), *_parse_messages(fields)),
        stream,
        max_tokens=fields.integer("max_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.integer("top_k"),
        stop=fields.texts("stop_sequences"),
        thinking=thinking,
        tools=tuple(parse_tools(fields)),
        tool_choice=choice,
        parallel_tool_calls=parallel,
        response_format=response_format,
        user=_user(fields),
        service_tier=_service_tier(fields),
        extra=fields.rest(NAME),
    )


# -- messages ---------------------------------------------------------------------------


def _parse_system(fields: Fields) -> Iterator[ir.Message]:
    if parts := tuple(part for part in parse_content(fields, "system") if part != ir.Text("")):
        yield ir.Message("system", parts)


def _parse_messages(fields: Fields) -> Iterator[ir.Message]:
    if fields.left().get("messages") is None:
        raise fields.fault("messages", "a list", None)
    for message in fields.each("messages"):
        role = message.word("role", ROLES)
        parts = list(parse_content(message))
        yield from _split(role, parts, message.rest(NAME))


def _split(role: ir.Role, parts: list[ir.Part], extra: ir.Extra | None) -> Iterator[ir.Message]:
    """Tool results of a user turn come in a message of their own, before what else the user says."""
    results = [part for part in parts if isinstance(part, ir.ToolResult)]
    if results:
        parts = [part for part in parts if not isinstance(part, ir.ToolResult)]
        yield ir.Message("tool", tuple(results), extra=None if parts else extra)
    if parts or not results:
        yield ir.Message(role, with_call_seals(parts) if role == "assistant" else tuple(parts), extra=extra)


# -- settings ---------------------------------------------------------------------------


def _keep_rest(fields: Fields, key: str, nested: Fields | None) -> None:
    """What is left of an object goes back to where it stood."""
    if nested and (rest := nested.rest(NAME)):
        fields.left()[key] = rest.fields


def _response_format(fields: Fields, config: Fields | None) -> ir.ResponseFormat | None:
    """``output_config.format``, or as it was called in the beta, ``output_format``."""
    for at, key in ((config, "format"), (fields, "output_format")):
        said = mapping(at.left().get(key)) if at else {}
        if at and said.get("type") == "json_schema" and type(said.get("schema")) is dict and not said.keys() - _SCHEMA:
            at.take(key)
            return ir.ResponseFormat(said["schema"])
    return None


def _user(fields: Fields) -> str:
    metadata = fields.fields("metadata")
    user = metadata.text("user_id", "") if metadata else ""
    _keep_rest(fields, "metadata", metadata)
    return user


def _service_tier(fields: Fields) -> str:
    """Unknown words stay as they are."""
    said = fields.left().get("service_tier")
    if isinstance(said, str) and said in SERVICE_TIER:
        fields.take("service_tier")
        return SERVICE_TIER[said]
    return ""
