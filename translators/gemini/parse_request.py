"""Reads a generateContent request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ir
from ..ir import Json
from ..wire import Fields
from .parse_contents import parse_contents, parse_system
from .paths import read_path
from .reading import each, extra, fields, inner, left
from .schemas import json_schema
from .words import BUILTINS, LEVELS, NAME

_MODES = ("AUTO", "ANY", "NONE", "VALIDATED")


def parse_request(body: Json, path: str) -> ir.Request:
    """Model, verb and `alt` stand in the path. Raises `ir.BadRequest`."""
    place = read_path(path)
    left_body = fields(body)
    named = left_body.text("model", "")
    messages = (*parse_system(left_body), *parse_contents(left_body))
    tools = tuple(_parse_tools(left_body))
    choice, tool_config = _parse_choice(inner(left_body, "toolConfig"))
    asked, config = _parse_config(inner(left_body, "generationConfig"))
    return ir.Request(
        model=(place.model or named).removeprefix("models/"),
        messages=messages,
        stream=place.stream,
        json_array=place.json_array,
        tools=tools,
        tool_choice=choice,
        extra=extra(left(left_body, generationConfig=config, toolConfig=tool_config)),
        **asked,
    )


# -- generationConfig -------------------------------------------------------------------


def _parse_config(config: Fields | None) -> tuple[dict[str, Any], Json]:
    """What it asks, in the IR's words, and what it says beyond."""
    if not config:
        return {}, {}
    thinking, thinking_rest = _parse_thinking(inner(config, "thinkingConfig"))
    asked = {
        "max_tokens": config.integer("maxOutputTokens"),
        "temperature": config.number("temperature"),
        "top_p": config.number("topP"),
        "top_k": config.integer("topK"),
        "stop": config.texts("stopSequences"),
        "seed": config.integer("seed"),
        "presence_penalty": config.number("presencePenalty"),
        "frequency_penalty": config.number("frequencyPenalty"),
        "n": config.integer("candidateCount"),
        "logprobs": config.flag("responseLogprobs"),
        "top_logprobs": config.integer("logprobs"),
        "thinking": thinking,
        "response_format": _parse_format(config),
    }
    if config.left().get("responseModalities") in (["TEXT"], ["text"], ["Text"]):
        config.take("responseModalities")  # the default: says nothing
    count = asked["n"] if asked["n"] not in (None, 1) else None  # only the first candidate is ever translated
    return asked, left(config, thinkingConfig=thinking_rest, candidateCount=count)


def _parse_thinking(config: Fields | None) -> tuple[ir.Thinking | None, Json]:
    if not config:
        return None, {}
    level = config.text("thinkingLevel", "").upper()
    if level and level not in LEVELS and level != "THINKING_LEVEL_UNSPECIFIED":
        raise config.fault("thinkingLevel", "one of " + ", ".join(LEVELS), level)
    budget, show = config.integer("thinkingBudget"), config.flag("includeThoughts")
    thinking = ir.Thinking(LEVELS.get(level), budget, budget is not None and budget < 0, show)
    return (None if thinking == ir.Thinking() else thinking), left(config)


def _parse_format(config: Fields) -> ir.ResponseFormat | None:
    """JSON, with or without a schema. Other MIME types (``text/x.enum``) have no word elsewhere: they are left over."""
    media_type = config.left().get("responseMimeType")
    if media_type not in (None, "", "application/json", "text/plain"):
        config.text("responseMimeType")  # a fault if it is no text
        config.left()["responseMimeType"] = media_type
        return None
    config.take("responseMimeType")
    schema = config.json("responseJsonSchema")
    if schema is None:
        schema = json_schema(config.json("responseSchema"))
    if schema is not None:
        return ir.ResponseFormat(schema)
    return ir.ResponseFormat() if media_type == "application/json" else None


# -- tools ------------------------------------------------------------------------------


def _parse_tools(body: Fields) -> Iterator[ir.Tool | ir.BuiltinTool | ir.ForeignTool]:
    for tool in each(body, "tools"):
        for declaration in each(tool, "functionDeclarations"):
            yield _parse_declaration(declaration)
        for key, value in left(tool).items():
            if builtin := BUILTINS.get(key):
                found = inner(tool, key)
                yield ir.BuiltinTool(builtin, extra=extra(left(found)))
            else:
                yield ir.ForeignTool(NAME, key, {key: value})


def _parse_declaration(declaration: Fields) -> ir.Tool:
    name, description = declaration.text("name"), declaration.text("description", "")
    schema = declaration.json("parametersJsonSchema")
    if schema is None:
        schema = json_schema(declaration.json("parameters"))
    return ir.Tool(name, description, schema, extra=extra(left(declaration)))


def _parse_choice(config: Fields | None) -> tuple[ir.ToolChoice | None, Json]:
    calling = inner(config, "functionCallingConfig") if config else None
    if not calling:
        return None, left(config)
    mode, names = calling.text("mode", "").upper(), calling.texts("allowedFunctionNames")
    choice = _choice(mode, names)
    if mode and not choice and mode != "MODE_UNSPECIFIED":
        raise calling.fault("mode", "one of " + ", ".join(_MODES), mode)
    rest = left(calling)
    if mode == "VALIDATED" and not names:
        rest["mode"] = mode
    return choice, left(config, functionCallingConfig=rest)


def _choice(mode: str, names: tuple[str, ...]) -> ir.ToolChoice | None:
    match mode:
        case "ANY" if len(names) == 1:
            return ir.ToolChoice("tool", names)
        case "ANY":
            return ir.ToolChoice("required", names)
        case "AUTO" | "VALIDATED":
            return ir.ToolChoice("auto", names)
        case "NONE":
            return ir.ToolChoice("none")
    return ir.ToolChoice("auto", names) if names and not mode else None
