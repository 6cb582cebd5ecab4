"""Reads a request to ``POST /responses``."""

from __future__ import annotations

from ..ir import Extra, Json, Message, Request, ResponseFormat, Text, Thinking, Tool
from ..thinking import EFFORTS
from ..wire import Fields
from .parse_input import parse_input
from .parse_tools import AnyTool, parse_tool_choice, parse_tools
from .words import LOGPROBS, NAME, SEALED


def parse_request(body: Json, path: str) -> Request:
    """The request of this body; `path` says nothing here. Raises `BadRequest`."""
    fields = Fields(body)
    store = fields.flag("store")
    instructions = fields.text("instructions", "")
    messages, added = parse_input(fields, store is not False)
    if instructions:
        messages = (Message("system", (Text(instructions),)), *messages)
    include = _parse_include(fields)
    text_format, verbosity = _parse_text(fields)
    return Request(
        model=fields.text("model", ""),
        messages=messages,
        stream=fields.flag("stream") or False,
        max_tokens=fields.integer("max_output_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        logprobs=True if LOGPROBS in include else None,
        top_logprobs=fields.integer("top_logprobs"),
        thinking=_parse_thinking(fields),
        tools=_merged(tuple(parse_tools(fields)), added),
        tool_choice=parse_tool_choice(fields),
        parallel_tool_calls=fields.flag("parallel_tool_calls"),
        response_format=text_format,
        verbosity=verbosity,
        user=_parse_user(fields),
        metadata=_parse_metadata(fields),
        service_tier=fields.text("service_tier", ""),
        prompt_cache_key=fields.text("prompt_cache_key", ""),
        sealed_reasoning=SEALED in include,
        store=store,
        previous_response_id=fields.text("previous_response_id", ""),
        # Be it empty: it says that this format spoke, in which an unsaid `store` is not a no.
        extra=fields.rest(NAME) or Extra(NAME, {}),
    )


def _parse_include(fields: Fields) -> tuple[str, ...]:
    include = fields.texts("include")
    if left := [word for word in include if word not in (SEALED, LOGPROBS)]:
        fields.left()["include"] = left
    return include


def _parse_text(fields: Fields) -> tuple[ResponseFormat | None, str]:
    text = fields.fields("text")
    if text is None:
        return None, ""
    verbosity = text.text("verbosity", "")
    format = text.fields("format")
    parsed = _parse_format(format, text) if format else None
    if parsed and format:
        _put_back(text, "format", format)
    _put_back(fields, "text", text)
    return parsed, verbosity


def _parse_format(format: Fields, text: Fields) -> ResponseFormat | None:
    whole = format.left().copy()
    match format.text("type", "text"):
        case "text":
            return None
        case "json_object":
            return ResponseFormat()
        case "json_schema":
            schema, strict = format.json("schema", {}), format.flag("strict")
            return ResponseFormat(schema, format.text("name", ""), format.text("description", ""), strict)
        case _:
            text.left()["format"] = whole
            return None


def _parse_thinking(fields: Fields) -> Thinking | None:
    """An effort or summary that is not among ours stays in the extra: the words grow with the models."""
    reasoning = fields.fields("reasoning")
    if reasoning is None:
        return None
    word = reasoning.left().get("effort")
    effort = next((one for one in EFFORTS if one == word), None)
    if effort:
        reasoning.take("effort")
    old = reasoning.text("generate_summary", "")  # OpenAI: "Deprecated: use `summary` instead."
    summary = reasoning.text("summary", "") or old
    _put_back(fields, "reasoning", reasoning)
    if not effort and not summary:
        return None
    shown = summary not in ("", "none")
    return Thinking(effort, show=True if shown else None, summary=summary if shown else "")


def _put_back(fields: Fields, key: str, inner: Fields) -> None:
    if left := inner.rest(NAME):
        fields.left()[key] = left.fields


def _parse_user(fields: Fields) -> str:
    """OpenAI: `user` "is being replaced by `safety_identifier` and `prompt_cache_key`"."""
    identifier = fields.text("safety_identifier", "")
    return identifier or fields.text("user", "")


def _parse_metadata(fields: Fields) -> tuple[tuple[str, str], ...]:
    metadata = fields.fields("metadata")
    if metadata is None:
        return ()
    return tuple((key, metadata.text(key)) for key, value in tuple(metadata.left().items()) if value is not None)


def _merged(tools: tuple[AnyTool, ...], added: tuple[AnyTool, ...]) -> tuple[AnyTool, ...]:
    """A tool handed in twice counts once, as the request itself says it."""
    if not added:
        return tools
    merged = {_identity(tool): tool for tool in reversed(tools + added)}
    return tuple(reversed(merged.values()))


def _identity(tool: AnyTool) -> object:
    return ("named", tool.namespace, tool.name) if isinstance(tool, Tool) else repr(tool)
