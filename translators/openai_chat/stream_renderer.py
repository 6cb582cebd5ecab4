"""Writes a streamed chat answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import ir, sse
from ..openai_errors import render_error
from ..openai_usage import render_usage
from ..wire import dumps
from .answer_fields import render_audio, render_citation, render_image, render_logprobs
from .render_messages import call_body, seal_of_call
from .thoughts import render_seal
from .words import REASON, TIERS, settle

_DONE = b"data: [DONE]\n\n"


class StreamRenderer:
    """A chunk with the role, then one for each piece, then the finish reason, the usage if asked for, ``[DONE]``.

    After an error there is no ``[DONE]``: it would say that the answer is complete.
    """

    def __init__(self, context: ir.Context) -> None:
        self._context = context
        self._old = context.request.legacy_functions
        self._head = b""
        self._tier = b""
        self._calls: dict[int, ir.ToolKind] = {}
        self._thought: list[str] = []
        self._summary = False
        self._thoughts = 0
        self._counts: dict[str, int] = {}
        self._text = self._base = 0
        self._in_text = False

    def feed(self, event: ir.Event) -> Iterable[bytes]:
        match event:
            case ir.TextDelta():
                return self._say(event)
            case ir.ToolCallDelta():
                return self._delta(self._arguments(event)) if event.arguments else ()
            case ir.ReasoningDelta():
                return self._think(event)
            case ir.Start():
                return self._begin(event)
            case ir.Finish():
                return self._finish(event)
            case ir.Error():
                return (b"data: %b\n\n" % dumps(render_error(event)),)
            case ir.Ping():
                return (sse.COMMENT,)
            case _:
                return self._other(event)

    def _other(self, event: ir.Event) -> Iterable[bytes]:
        if not isinstance(event, ir.Cite | ir.ToolCallEnd):
            self._in_text = False
        match event:
            case ir.RefusalDelta():
                return self._delta({"refusal": event.text})
            case ir.ToolCallStart():
                return self._delta(self._call(event))
            case ir.ReasoningEnd():
                return self._end_thought(event)
            case ir.Cite():
                return self._delta(self._listed("annotations", [render_citation(event.citation, self._base)]))
            case ir.Block(part=ir.Media(kind="image") as image):
                return self._delta(self._listed("images", [render_image(image)]))
            case ir.Block(part=ir.Media(kind="audio") as audio):
                return self._delta({"audio": render_audio(audio, self._context.id)})
            case _:
                return ()

    def _begin(self, start: ir.Start) -> Iterator[bytes]:
        """Every chunk repeats id, time and model: written once, as bytes."""
        if self._head:
            return
        created = self._context.created if start.created is None else start.created
        head = {
            "id": start.id or f"chatcmpl-{self._context.id}",
            "object": "chat.completion.chunk",
            "created": created,
            "model": start.model or self._context.request.model,
        }
        self._head = b"data: " + dumps(head)[:-1] + b',"choices":['
        yield self._chunk({"role": "assistant", "content": ""})

    def _delta(self, delta: ir.Json | None, logprobs: bytes = b"null") -> Iterator[bytes]:
        if delta is None:
            return
        if not self._head:
            yield from self._begin(ir.Start("", ""))
        yield self._chunk(delta, logprobs)

    def _chunk(self, delta: ir.Json, logprobs: bytes = b"null", reason: bytes = b"null") -> bytes:
        return b'%b{"index":0,"delta":%b,"logprobs":%b,"finish_reason":%b}]%b}\n\n' % (
            self._head,
            dumps(delta),
            logprobs,
            reason,
            self._tier,
        )

    def _say(self, event: ir.TextDelta) -> Iterator[bytes]:
        if not self._in_text:
            self._in_text, self._base = True, self._text
        self._text += len(event.text)
        logprobs = dumps(render_logprobs(event.logprobs)) if event.logprobs else b"null"
        yield from self._delta({"content": event.text}, logprobs)

    def _think(self, event: ir.ReasoningDelta) -> Iterator[bytes]:
        self._in_text = False
        opening = "\n\n" if self._thoughts and not self._thought else ""
        self._thought.append(event.text)
        self._summary = event.summary
        yield from self._delta({"reasoning_content": opening + event.text})

    def _end_thought(self, event: ir.ReasoningEnd) -> Iterator[bytes]:
        """A thought with a seal is told once more as a whole, for only so a client can bring it back."""
        thought = ir.Reasoning("".join(self._thought), event.opaque, self._summary)
        self._thoughts += bool(self._thought)
        self._thought, self._summary = [], False
        if details := render_seal(thought, self._counts.get("reasoning_details", 0)):
            yield from self._delta(self._listed("reasoning_details", details))

    def _listed(self, key: str, entries: list[ir.Json]) -> ir.Json:
        """OpenAI's SDKs join lists in deltas by an `index` in each entry, and raise where it is missing."""
        count = self._counts.get(key, 0)
        self._counts[key] = count + len(entries)
        return {key: [{**entry, "index": count + place} for place, entry in enumerate(entries)]}

    def _call(self, event: ir.ToolCallStart) -> ir.Json | None:
        first = not self._calls
        self._calls[event.index] = event.kind
        if self._old:  # one call is all that it can say
            return {"function_call": {"name": event.name, "arguments": ""}} if first else None
        call: ir.Json = {
            "index": event.index,
            "id": event.id,
            "type": event.kind,
            event.kind: call_body(event.kind, event.name, ""),
        }
        if event.opaque:
            call["extra_content"] = seal_of_call(event.opaque)
        return {"tool_calls": [call]}

    def _arguments(self, event: ir.ToolCallDelta) -> ir.Json | None:
        if self._old:
            return {"function_call": {"arguments": event.arguments}} if event.index == min(self._calls) else None
        kind = self._calls.get(event.index, "function")
        inner = {"arguments" if kind == "function" else "input": event.arguments}
        return {"tool_calls": [{"index": event.index, kind: inner}]}

    def _finish(self, event: ir.Finish) -> Iterator[bytes]:
        if not self._head:
            yield from self._begin(ir.Start("", ""))
        reason = REASON[settle(event.reason, bool(self._calls))]
        if reason == "tool_calls" and self._old:
            reason = "function_call"
        if tier := TIERS.get(event.service_tier):
            self._tier = b',"service_tier":' + dumps(tier)
        yield self._chunk({}, reason=dumps(reason))
        if event.usage and self._context.request.include_usage:
            yield b'%b],"usage":%b%b}\n\n' % (self._head, dumps(render_usage(event.usage)), self._tier)
        yield _DONE
