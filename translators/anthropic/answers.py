"""Whole answers, both ways."""

from __future__ import annotations

from collections.abc import Iterable

from .. import ir
from ..ir import Json
from ..lenient import text
from .answer_blocks import blocks_of
from .stream_parser import StreamParser
from .usage import render_message_usage
from .words import stop_reason


def parse_response(body: Json) -> Iterable[ir.Event]:
    """The events that a stream of this message would have brought. Raises `ir.BadAnswer`."""
    if type(body) is not dict:
        raise ir.BadAnswer("The provider's answer is no JSON object.")
    if text(body.get("type")) != "error" and "error" not in body and type(body.get("content")) is not list:
        raise ir.BadAnswer("The provider's answer is no Anthropic message: it has no `content` list.")
    return StreamParser().read(body, "" if "error" in body else "message")


def render_response(response: ir.Response, context: ir.Context) -> Json:
    finish = response.finish or ir.Finish("error")
    called = any(isinstance(part, ir.ToolCall) for part in response.parts)
    declined = any(isinstance(part, ir.Refusal) for part in response.parts)
    return {
        "id": response.id or f"msg_{context.id}",
        "type": "message",
        "role": "assistant",
        "model": response.model or context.request.model,
        "content": [block for part in response.parts for block in blocks_of(part)],
        "stop_reason": stop_reason(finish, called, declined),
        "stop_sequence": finish.stop_sequence,
        "usage": render_message_usage(finish.usage, finish.service_tier),
    }
