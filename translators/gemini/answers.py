"""Whole Gemini answers, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from ..collect import events_of
from ..ir import Json
from .answer_parts import AnswerParts
from .logprobs import render_logprobs
from .stream_parser import StreamParser
from .usage import render_usage
from .words import FINISH_REASON


def parse_response(body: Json) -> Iterator[ir.Event]:
    """A whole answer is a stream of one chunk. Raises `ir.BadAnswer` for what has neither candidate nor refusal."""
    parser = StreamParser()
    events = [event for chunk in (body if isinstance(body, list) else [body]) for event in parser.read(chunk)]
    failed = bool(events) and isinstance(events[-1], ir.Error)
    if not parser.answered and not failed:
        raise ir.BadAnswer("The provider's answer has no candidates.")
    yield from events
    yield from parser.close(whole=True)


def render_response(response: ir.Response, context: ir.Context) -> Json:
    """The same parts that a stream would have brought, pieces of one put together."""
    finish = response.finish or ir.Finish("stop")
    answer = AnswerParts()
    parts: list[Json] = []
    for event in events_of(response):
        for part in answer.feed(event):
            _append(parts, part)
    for part in answer.flush():
        _append(parts, part)
    logprobs = tuple(token for part in response.parts if isinstance(part, ir.Text) for token in part.logprobs)
    candidate: Json = {
        "content": {"parts": parts or [{"text": ""}], "role": "model"},
        "finishReason": FINISH_REASON[finish.reason],
        "index": 0,
        **({"logprobsResult": render_logprobs(logprobs)} if logprobs else {}),
        **answer.grounding.fields(),
    }
    body: Json = {"candidates": [candidate]}
    if finish.usage:
        body["usageMetadata"] = render_usage(finish.usage)
    model = response.model or context.request.model
    return body | {"modelVersion": model, "responseId": response.id or context.id}


def _append(parts: list[Json], part: Json) -> None:
    """A seal without text goes onto the text or thought before it."""
    last = parts[-1] if parts else {}
    alone = part.get("text") == "" and "thoughtSignature" in part
    if alone and last.get("text") and "thoughtSignature" not in last and last.get("thought") == part.get("thought"):
        parts[-1] = last | {"thoughtSignature": part["thoughtSignature"]}
    else:
        parts.append(part)
