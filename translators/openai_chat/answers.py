"""Reads and writes whole chat answers."""

from __future__ import annotations

from collections.abc import Iterable

from .. import ir
from ..lenient import items, mapping
from ..openai_usage import render_usage
from .answer_fields import render_audio, render_citation, render_image, render_logprobs
from .render_messages import render_call
from .stream_parser import StreamParser
from .thoughts import render_thoughts
from .words import REASON, TIERS, settle

_INSTEAD = {"tool_calls", "function_call", "images", "audio"}
"""Where one of these is the answer, `content` is null."""


def parse_response(body: ir.Json) -> Iterable[ir.Event]:
    """Read as one big chunk, so that whole and streamed answers can't be read differently."""
    if type(body) is not dict:
        raise ir.BadAnswer("The answer is no JSON object.")
    failed = body.get("error") or body.get("object") == "error"
    choices = [choice for choice in items(body.get("choices")) if type(choice) is dict]
    if not failed and not any(mapping(choice.get("message")) or choice.get("error") for choice in choices):
        raise ir.BadAnswer("The answer has no choices with a message.")
    parser = StreamParser()
    yield from parser.chunk({**body, "choices": [_as_chunk(choice) for choice in choices]})
    yield from parser.done()


def _as_chunk(choice: ir.Json) -> ir.Json:
    """Calls in a whole answer are whole: their place in the list tells them apart, not the index some servers send."""
    message = mapping(choice.get("message"))
    calls = [{**mapping(call), "index": index} for index, call in enumerate(items(message.get("tool_calls")))]
    return {**choice, "delta": {**message, "tool_calls": calls}}


def render_response(response: ir.Response, context: ir.Context) -> ir.Json:
    finish = response.finish or ir.Finish("stop")
    message = _message(response.parts, context)
    called = "tool_calls" in message or "function_call" in message
    reason = REASON[settle(finish.reason, called)]
    if reason == "tool_calls" and context.request.legacy_functions:
        reason = "function_call"
    logprobs = tuple(token for part in response.parts if isinstance(part, ir.Text) for token in part.logprobs)
    rendered: ir.Json = {
        "id": response.id or f"chatcmpl-{context.id}",
        "object": "chat.completion",
        "created": context.created if response.created is None else response.created,
        "model": response.model or context.request.model,
        "choices": [{"index": 0, "message": message, "logprobs": render_logprobs(logprobs), "finish_reason": reason}],
    }
    if finish.usage:
        rendered["usage"] = render_usage(finish.usage)
    if tier := TIERS.get(finish.service_tier):
        rendered["service_tier"] = tier
    return rendered


def _message(parts: tuple[ir.Part, ...], context: ir.Context) -> ir.Json:
    texts = [part.text for part in parts if isinstance(part, ir.Text)]
    refusal = "".join(part.text for part in parts if isinstance(part, ir.Refusal))
    message: ir.Json = {"role": "assistant", "content": "".join(texts), "refusal": refusal or None}
    message |= render_thoughts([part for part in parts if isinstance(part, ir.Reasoning)], foreign=True)
    message |= _calls(parts, context)
    if annotations := _annotations(parts):
        message["annotations"] = annotations
    if images := [render_image(part) for part in parts if isinstance(part, ir.Media) and part.kind == "image"]:
        message["images"] = images
    for part in parts:
        if isinstance(part, ir.Media) and part.kind == "audio":
            message["audio"] = render_audio(part, context.id)
    if not message["content"] and (refusal or message.keys() & _INSTEAD):
        message["content"] = None
    return message


def _calls(parts: tuple[ir.Part, ...], context: ir.Context) -> ir.Json:
    calls = [part for part in parts if isinstance(part, ir.ToolCall)]
    if not calls:
        return {}
    if context.request.legacy_functions:
        return {"function_call": {"name": calls[0].name, "arguments": calls[0].arguments}}
    return {"tool_calls": [render_call(call, foreign=True) for call in calls]}


def _annotations(parts: tuple[ir.Part, ...]) -> list[ir.Json]:
    """Offsets count in the whole message here, in their own text in ours."""
    rendered: list[ir.Json] = []
    base = 0
    for part in parts:
        if isinstance(part, ir.Text):
            rendered += [render_citation(citation, base) for citation in part.citations]
            base += len(part.text)
    return rendered
