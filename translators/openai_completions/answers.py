"""Reads and writes whole completion answers, and the parts that streamed ones share with them."""

from __future__ import annotations

from collections.abc import Iterable

from .. import ir
from ..lenient import items
from ..openai_usage import render_usage
from .stream_parser import StreamParser
from .words import REASON


def parse_response(body: ir.Json) -> Iterable[ir.Event]:
    """A whole answer looks like a chunk, and is read as one."""
    if type(body) is not dict:
        raise ir.BadAnswer("The answer is no JSON object.")
    choices = [choice for choice in items(body.get("choices")) if type(choice) is dict]
    if not choices and not body.get("error") and body.get("object") != "error":
        raise ir.BadAnswer("The answer has no choices.")
    parser = StreamParser()
    yield from parser.chunk(body)
    yield from parser.done()


def render_response(response: ir.Response, context: ir.Context) -> ir.Json:
    finish = response.finish or ir.Finish("stop")
    said, logprobs = "", tuple[ir.TokenLogprob, ...]()
    for part in response.parts:
        if isinstance(part, ir.Text | ir.Refusal):
            said += part.text
        if isinstance(part, ir.Text):
            logprobs += part.logprobs
    rendered: ir.Json = {
        "id": response.id or f"cmpl-{context.id}",
        "object": "text_completion",
        "created": context.created if response.created is None else response.created,
        "model": response.model or context.request.model,
        "choices": [
            {
                "text": said,
                "index": 0,
                "logprobs": render_logprobs(logprobs, 0),
                "finish_reason": REASON[finish.reason],
            }
        ],
    }
    if finish.usage:
        rendered["usage"] = render_usage(finish.usage)
    return rendered


def render_logprobs(logprobs: tuple[ir.TokenLogprob, ...], offset: int) -> ir.Json | None:
    """Four lists side by side; `offset`: characters that stand before the first of these tokens."""
    if not logprobs:
        return None
    offsets: list[int] = []
    for token in logprobs:
        offsets.append(offset)
        offset += len(token.token)
    return {
        "tokens": [token.token for token in logprobs],
        "token_logprobs": [token.logprob for token in logprobs],
        "top_logprobs": [{one.token: one.logprob for one in token.top} for token in logprobs],
        "text_offset": offsets,
    }
