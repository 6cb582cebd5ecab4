"""Writes a generateContent request."""

from __future__ import annotations

from .. import ir, thinking, wire
from ..ir import Json
from .render_contents import render_contents, render_system
from .schemas import openapi_schema, wants_openapi
from .words import BUILTIN_KEYS, NAME, clamped, generation, levels, merged

MAX_STOPS = 5
""""The set of character sequences (up to 5) that will stop output generation": further ones are not sent."""


def render_request(request: ir.Request) -> Json:
    system, messages = render_system(request.messages)
    config = _config(request)
    body = wire.compact({
        "systemInstruction": system,
        "contents": render_contents(messages, request.model),
        "generationConfig": config or None,
        "tools": _tools(request) or None,
        "toolConfig": _tool_config(request),
    })  # fmt: skip
    return merged(body, wire.extra_of(request.extra, NAME))


# -- generationConfig -------------------------------------------------------------------


def _config(request: ir.Request) -> Json:
    return wire.compact({
        "maxOutputTokens": request.max_tokens,
        "temperature": request.temperature,
        "topP": request.top_p,
        "topK": request.top_k,
        "stopSequences": list(request.stop[:MAX_STOPS]) or None,
        "seed": request.seed,
        "presencePenalty": request.presence_penalty,
        "frequencyPenalty": request.frequency_penalty,
        "candidateCount": request.n if request.n == 1 else None,
        "responseLogprobs": request.logprobs,
        "logprobs": request.top_logprobs,
        "thinkingConfig": _thinking(request.thinking, request.model) if request.thinking else None,
        **_format(request.response_format, request.model),
    })  # fmt: skip


def _thinking(asked: ir.Thinking, model: str) -> Json | None:
    """Levels from Gemini 3 on, budgets before ("thinking_budget and thinking_level are not supported together").

    gemini-1.x and 2.0 do not think and refuse the field.
    """
    number = generation(model)
    if number and ("gemini-1" in model or "gemini-2.0" in model) and "thinking" not in model:
        return None
    config: Json = {"includeThoughts": asked.show if asked.show is not None else True if asked.summary else None}
    if number >= 3:
        effort = thinking.effort_of(asked)
        config["thinkingLevel"] = thinking.nearest(effort, levels(model)).upper() if effort else None
    else:
        budget = -1 if asked.adaptive and asked.effort is None else thinking.budget_of(asked)
        config["thinkingBudget"] = clamped(budget, model) if budget is not None else None
    return wire.compact(config) or None


def _format(asked: ir.ResponseFormat | None, model: str) -> Json:
    if not asked:
        return {}
    fields: Json = {"responseMimeType": "application/json"}
    if asked.schema is not None and wants_openapi(model):
        fields["responseSchema"] = openapi_schema(asked.schema)
    elif asked.schema is not None:
        fields["responseJsonSchema"] = asked.schema
    return fields


# -- tools ------------------------------------------------------------------------------


def _tools(request: ir.Request) -> list[Json]:
    """All functions in one tool, at the place of the first."""
    functions: list[Json] = []
    tools: list[Json] = []
    for tool in request.tools:
        match tool:
            case ir.Tool():
                if not functions:
                    tools.append({"functionDeclarations": functions})
                functions.append(_declaration(tool, request.model))
            case ir.BuiltinTool():
                tools.append({BUILTIN_KEYS[tool.tool]: wire.extra_of(tool.extra, NAME)})
            case ir.ForeignTool() if tool.format == NAME:
                tools.append(tool.value)
    return tools


def _declaration(tool: ir.Tool, model: str) -> Json:
    declaration: Json = {"name": tool.name}
    if description := _description(tool):
        declaration["description"] = description
    schema = _INPUT if tool.kind == "custom" else tool.parameters
    if schema is not None and wants_openapi(model):
        subset = openapi_schema(schema)
        declaration |= {"parameters": subset} if subset else {}
    elif schema is not None:
        declaration["parametersJsonSchema"] = schema
    return merged(declaration, wire.extra_of(tool.extra, NAME))


_INPUT: Json = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
"""A custom tool as a function: its one argument is the free text."""


def _description(tool: ir.Tool) -> str:
    grammar = tool.grammar or {}
    definition = grammar.get("definition")
    if tool.kind != "custom" or not isinstance(definition, str):
        return tool.description
    syntax = grammar.get("syntax") or grammar.get("type") or ""
    return f"{tool.description}\n\nThe input must fit this grammar ({syntax}):\n{definition}".strip()


def _tool_config(request: ir.Request) -> Json | None:
    config: Json = {}
    if request.tools and request.tool_choice:
        config["functionCallingConfig"] = _calling(request)
    functions = any(isinstance(tool, ir.Tool) for tool in request.tools)
    if functions and any(isinstance(tool, ir.BuiltinTool) for tool in request.tools) and generation(request.model) >= 3:
        # "Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling."
        config["includeServerSideToolInvocations"] = True
    return config or None


def _calling(request: ir.Request) -> Json:
    """ "allowedFunctionNames … should only be set when the Mode is ANY or VALIDATED"."""
    choice = request.tool_choice
    assert choice
    # VALIDATED without names is auto in the IR, and the word itself left over.
    own = wire.extra_of(request.extra, NAME).get("toolConfig", {}).get("functionCallingConfig", {})
    modes = {"auto": own.get("mode") or ("VALIDATED" if choice.names else "AUTO"), "none": "NONE"}
    calling: Json = {"mode": modes.get(choice.mode, "ANY")}
    if choice.names and choice.mode != "none":
        calling["allowedFunctionNames"] = list(choice.names)
    return calling
