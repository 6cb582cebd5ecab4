"""What becomes of each part of an answer on the way from each upstream format to each client format: done and seen.

An answer is said in the upstream's format, whole and streamed, read, told to the client as the gateway does it, and
read again there. No SUPPORTS stands behind this side: what is lost is what a client's format has no place for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from feature_requests import PNG, SOURCE, resent
from format_matrix import SEAL, SEALS, Cell, model, plain

from cliproxy.translators import ir, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import Format
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

START = ir.Start("id_1", "m", 1_700_000_000)
USAGE = ir.Usage(30, 12, 10, 4, 5)
STOP = ir.Finish("stop", USAGE)
CALLS: tuple[ir.Event, ...] = (
    ir.ToolCallStart(0, "call_1", "look"),
    ir.ToolCallStart(1, "call_2", "look"),
    ir.ToolCallDelta(0, '{"at":'),
    ir.ToolCallDelta(1, '{"at":'),
    ir.ToolCallDelta(0, '"sky"}'),
    ir.ToolCallDelta(1, '"sea"}'),
)
LOGPROB = ir.TokenLogprob("hi", -0.5, (104, 105), (ir.TokenLogprob("hi", -0.5, (104, 105)),))
SEARCHED = ir.BuiltinResult("srvtoolu_1", "web_search", (SOURCE,))

type Found = Any
type Look = Callable[[ir.Response], Found]


@dataclass(frozen=True)
class Case:
    """`events`: the answer; `look`: what of it the case is about. `whole`: whether it can come in one piece, too."""

    events: tuple[ir.Event, ...]
    look: Look
    whole: bool = True


def parts(*kinds: type) -> Look:
    def look(response: ir.Response) -> Found:
        return [_plain(part) for part in response.parts if isinstance(part, kinds) and part != ir.Text("")]

    return look


def _plain(part: ir.Part) -> ir.Part:
    match part:
        case ir.ToolCall():
            return ir.ToolCall(part.id, part.name, json.dumps(json.loads(part.arguments or "{}")))
        case ir.Text():
            return ir.Text(part.text)
        case ir.Reasoning():
            return ir.Reasoning(part.text)
    return plain(part)  # type: ignore[no-any-return]


def sources(response: ir.Response) -> Found:
    texts = (part for part in response.parts if isinstance(part, ir.Text))
    return [(source.url, source.title) for text in texts for source in text.citations]


def logprobs(response: ir.Response) -> Found:
    texts = (part for part in response.parts if isinstance(part, ir.Text))
    return [(one.token, one.logprob, [top.token for top in one.top]) for text in texts for one in text.logprobs]


def searches(response: ir.Response) -> Found:
    calls = [part.arguments for part in response.parts if isinstance(part, ir.BuiltinCall)]
    found = [part.sources for part in response.parts if isinstance(part, ir.BuiltinResult)]
    return calls, [source.url for one in found for source in one]


def reason(response: ir.Response) -> Found:
    return response.finish and response.finish.reason


def usage(field: str) -> Look:
    return lambda response: response.finish and response.finish.usage and getattr(response.finish.usage, field)


def finish(field: str) -> Look:
    return lambda response: response.finish and getattr(response.finish, field)


def broken(response: ir.Response) -> Found:
    return response.error and response.error.message


def answer(*events: ir.Event, end: ir.Event = STOP) -> tuple[ir.Event, ...]:
    return (START, *events, end)


_TEXT = ir.TextDelta("hello")
_CALLED = ir.Finish("tool_calls", USAGE)
ANSWERS: dict[str, Case] = {
    "text": Case(answer(_TEXT), parts(ir.Text)),
    "reasoning": Case(answer(ir.ReasoningDelta("I ponder"), ir.ReasoningEnd(), _TEXT), parts(ir.Reasoning)),
    "a tool call": Case(answer(*CALLS[0:1], *CALLS[2:5:2], end=_CALLED), parts(ir.ToolCall)),
    "parallel tool calls, interleaved": Case(answer(_TEXT, *CALLS, end=_CALLED), parts(ir.Text, ir.ToolCall)),
    "a refusal": Case(answer(ir.RefusalDelta("I decline")), parts(ir.Refusal)),
    "citations": Case(answer(ir.TextDelta("it is so"), ir.Cite(replace(SOURCE, start=0, end=8))), sources),
    "the provider's own web search": Case(
        answer(ir.Block(ir.BuiltinCall("srvtoolu_1", "web_search", '{"query":"sky"}')), ir.Block(SEARCHED), _TEXT),
        searches,
    ),
    "an image": Case(answer(_TEXT, ir.Block(ir.Media("image", "image/png", PNG))), parts(ir.Media)),
    "log-probabilities": Case(answer(ir.TextDelta("hi", (LOGPROB,))), logprobs),
    "end: stop": Case(answer(_TEXT), reason),
    "end: tool calls": Case(answer(*CALLS, end=_CALLED), reason),
    "end: length": Case(answer(_TEXT, end=ir.Finish("length", USAGE)), reason),
    "end: content filter": Case(answer(_TEXT, end=ir.Finish("content_filter", USAGE)), reason),
    "end: pause of a long turn": Case(answer(_TEXT, end=ir.Finish("pause", USAGE)), reason),
    "end: the provider's failure": Case(answer(_TEXT, end=ir.Finish("error", USAGE)), reason),
    "the stop sequence that hit": Case(answer(_TEXT, end=ir.Finish("stop", USAGE, "END")), finish("stop_sequence")),
    "the service tier that served": Case(
        answer(_TEXT, end=ir.Finish("stop", USAGE, service_tier="priority")), finish("service_tier")
    ),
    **{
        f"usage: {words}": Case(answer(_TEXT), usage(field))
        for field, words in {
            "input": "input tokens",
            "output": "output tokens",
            "cache_read": "of these read from the cache",
            "cache_write": "of these written to the cache",
            "reasoning": "of the output, reasoning",
        }.items()
    },
    "an error within the stream": Case((START, _TEXT, ir.Error(529, "overloaded")), broken, whole=False),
    "a stream that breaks off": Case((START, _TEXT), lambda response: bool(response.error), whole=False),
}
SEALED, REFUSED = "sealed reasoning, and back", "an error in place of an answer"
ROWS = ("text", "reasoning", SEALED, *list(ANSWERS)[2:], REFUSED)

LOOKS_LIKE = {
    "a refusal": "I decline",
    "reasoning": "I ponder",
    "citations": SOURCE.url,
    "the provider's own web search": SOURCE.url,
}
"""Words that stay where the client's format has no place of their own for them."""


def cell(client: Format, upstream: Format, name: str) -> Cell:
    if client is upstream:
        return Cell("same")
    if name == SEALED:
        return _seal(client, upstream)
    if name == REFUSED:
        return _refusal(client, upstream)
    case = ANSWERS[name]
    ways = [streamed(client, upstream, case)]
    if case.whole:
        ways.append(whole(client, upstream, case))
    return _joined(name, [way for way in ways if way])


@dataclass(frozen=True)
class Way:
    """An answer that went one way, `stream` or `whole`; `sent` is what the client got."""

    name: str
    carried: bool
    sent: bytes


def _joined(name: str, ways: list[Way]) -> Cell:
    if not ways:
        return Cell("unsaid")
    if all(way.carried for way in ways):
        return Cell("carried")
    if any(way.carried for way in ways):
        return Cell("lossy", " and ".join(way.name for way in ways if not way.carried))
    mark = LOOKS_LIKE.get(name)
    stays = bool(mark) and all(str(mark).encode() in way.sent for way in ways)
    return Cell("lossy", "its words stay" if stays else "")


def streamed(client: Format, upstream: Format, case: Case) -> Way | None:
    """None where the upstream's format can't say it."""
    renderer = upstream.StreamRenderer(context(upstream))
    said = b"".join(piece for event in case.events for piece in renderer.feed(event))
    if case.look(read(upstream, said)) != case.look(collect(case.events)):
        return None
    translator = StreamTranslator(upstream, client, context(client), Restorer())
    sent = b"".join((*translator.feed(said), *translator.feed(b"")))
    return Way("streamed", case.look(read(client, sent)) == case.look(read(upstream, said)), sent)


def whole(client: Format, upstream: Format, case: Case) -> Way | None:
    made = collect(case.events)
    said = collect(upstream.parse_response(_body(upstream, made)))
    if case.look(said) != case.look(made):
        return None
    body = _body(client, said)
    return Way("whole", case.look(collect(client.parse_response(body))) == case.look(said), wire.dumps(body))


def read(fmt: Format, sent: bytes) -> ir.Response:
    observer = Observer(fmt)
    return collect([*observer.feed(sent), *observer.feed(b"")])


def _body(fmt: Format, response: ir.Response) -> ir.Json:
    return wire.loads(wire.dumps(fmt.render_response(response, context(fmt))))  # type: ignore[no-any-return]


def context(fmt: Format) -> ir.Context:
    """Of a request that asks for all that an answer can hold."""
    asked = ir.Request(
        model(fmt),
        stream=True,
        include_usage=True,
        logprobs=True,
        top_logprobs=2,
        thinking=ir.Thinking("high", show=True),
        sealed_reasoning=True,
    )
    return ir.Context("abc123", 1_700_000_000, asked)


def _seal(client: Format, upstream: Format) -> Cell:
    """The seal goes to the client in the answer, and must come back in the next request as it was."""
    seal = ir.Opaque(upstream.NAME, SEALS.get(upstream.NAME, SEAL))
    events = answer(ir.ReasoningDelta("I ponder"), ir.ReasoningEnd(seal), _TEXT)
    said = collect(upstream.parse_response(_body(upstream, collect(events))))
    if _seals(said.parts) != [seal.data]:
        return Cell("unsaid")
    back = client.parse_request(resent(client.NAME, _body(client, said)), client.endpoint(context(client).request))
    home = _seals(part for message in back.messages for part in message.parts)
    return Cell("carried" if home == [seal.data] else "lossy")


def _seals(parts: Iterable[ir.Part]) -> list[str]:
    return [part.opaque.data for part in parts if isinstance(part, ir.Reasoning) and part.opaque]


def _refusal(client: Format, upstream: Format) -> Cell:
    """Status, message, and how long to wait."""
    errors = [ir.Error(status, "slow down") for status in (400, 401, 403, 404, 413, 429, 500, 503, 529)]
    said = [upstream.parse_error(error.status, _error(upstream, error)) for error in errors]
    told = [client.parse_error(error.status, _error(client, error)) for error in said]
    same = [(error.status, error.message) for error in told] == [(error.status, error.message) for error in errors]
    return Cell("carried" if same else "lossy")


def _error(fmt: Format, error: ir.Error) -> object:
    return wire.loads(wire.dumps(fmt.render_error(error)))
