"""Laws that every format keeps. A new format joins by being in FORMATS; it adds no test here."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from feature_requests import REQUESTS

from cliproxy.translators import ir
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.losses import FEATURES, features, losses
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

START = ir.Start("id_1", "m", 1_700_000_000)
USAGE = ir.Usage(30, 12, 10, 0, 5)
ANSWERS: dict[str, list[ir.Event]] = {
    "text": [START, ir.TextDelta("he"), ir.TextDelta("llo"), ir.Finish("stop", USAGE)],
    "length": [START, ir.TextDelta("he"), ir.Finish("length", USAGE)],
    "filtered": [START, ir.TextDelta("he"), ir.Finish("content_filter", USAGE)],
    "unicode": [START, ir.TextDelta("grüße 🙂\n\u2028"), ir.Finish("stop", USAGE)],
}  # fmt: skip
TALKS: dict[str, list[ir.Event]] = {
    "reasoning": [START, ir.ReasoningDelta("hm"), ir.ReasoningEnd(), ir.TextDelta("ok"), ir.Finish("stop", USAGE)],
    "call": [
        START, ir.TextDelta("so"), ir.ToolCallStart(0, "call_1", "look"), ir.ToolCallDelta(0, '{"at":'),
        ir.ToolCallDelta(0, '"sky"}'), ir.ToolCallEnd(0), ir.Finish("tool_calls", USAGE),
    ],
    "calls": [
        START, ir.ToolCallStart(0, "call_1", "look"), ir.ToolCallDelta(0, '{"at":"sky"}'),
        ir.ToolCallStart(1, "call_2", "look"), ir.ToolCallDelta(1, '{"at":"sea"}'), ir.Finish("tool_calls", USAGE),
    ],
    "interleaved calls": [
        START, ir.ToolCallStart(0, "call_1", "look"), ir.ToolCallStart(1, "call_2", "look"),
        ir.ToolCallDelta(0, '{"at":'), ir.ToolCallDelta(1, '{"at":'), ir.ToolCallDelta(0, '"sky"}'),
        ir.ToolCallDelta(1, '"sea"}'), ir.Finish("tool_calls", USAGE),
    ],
    "call without arguments": [START, ir.ToolCallStart(0, "call_1", "look"), ir.Finish("tool_calls", USAGE)],
}  # fmt: skip
"""Answers that a text completion has no words for."""

each_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
talking = {name: fmt for name, fmt in FORMATS.items() if name != "openai_completions"}
each_answer = pytest.mark.parametrize(
    "fmt, name",
    [(f, n) for key, f in FORMATS.items() for n in (*ANSWERS, *(TALKS if key in talking else ()))],
    ids=[f"{key}-{n}" for key, f in FORMATS.items() for n in (*ANSWERS, *(TALKS if key in talking else ()))],
)


def context(request: ir.Request | None = None) -> ir.Context:
    return ir.Context("abc123", 1_700_000_000, request or ir.Request("m", stream=True, include_usage=True))


def rendered(fmt: Format, events: Iterable[ir.Event]) -> bytes:
    renderer = fmt.StreamRenderer(context())
    return b"".join(piece for event in events for piece in renderer.feed(event))


def parsed(fmt: Format, *pieces: bytes) -> ir.Response:
    observer = Observer(fmt)
    events = [event for piece in (*pieces, b"") for event in observer.feed(piece)]
    assert not observer.lost, events[-1]
    return collect(events)


def meaning(response: ir.Response) -> tuple[object, ...]:
    """What an answer says: its text, calls, reason and usage; ids of the answer itself and seals aside."""
    parts = [_plain(part) for part in response.parts if not _empty(part)]
    finish = response.finish and (response.finish.reason, response.finish.usage)
    return parts, finish, response.error


def _plain(part: ir.Part) -> ir.Part:
    if isinstance(part, ir.Reasoning):
        return ir.Reasoning(part.text)
    if isinstance(part, ir.ToolCall):
        arguments = json.dumps(json.loads(part.arguments or "{}"), separators=(",", ":"))
        return ir.ToolCall(part.id, part.name, arguments)
    return part


def _empty(part: ir.Part) -> bool:
    return isinstance(part, ir.Text | ir.Reasoning) and not part.text


def events_of(name: str) -> list[ir.Event]:
    return ANSWERS.get(name) or TALKS[name]


def expected(fmt: Format, name: str) -> tuple[object, ...]:
    """Anthropic has no count of reasoning tokens and counts cached ones apart; others don't count cache writes."""
    return meaning(collect(events_of(name)))


def usage_said(answer: tuple[object, ...]) -> tuple[object, ...]:
    """Without the counts that not every format has a word for."""
    parts, finish, error = answer
    if isinstance(finish, tuple) and finish[1]:
        usage: ir.Usage = finish[1]
        finish = (finish[0], usage.input, usage.output)
    return parts, finish, error


@each_format
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_survives_exactly_what_the_format_supports(fmt: Format, name: str) -> None:
    request = REQUESTS[name]
    wanted = set(features(request, fmt.NAME))
    if not wanted <= fmt.SUPPORTS:
        assert losses(request, fmt)
    back = fmt.parse_request(json.loads(json.dumps(fmt.render_request(request))), path(fmt, request))
    found = set(features(back, fmt.NAME))
    respelled = RESPELLED.get(fmt.NAME, frozenset())
    assert found - DEFAULTS >= (wanted & fmt.SUPPORTS) - DEFAULTS - respelled, "claimed, but lost"
    assert not (found & (wanted - fmt.SUPPORTS - REFUSED)), "carried, but not claimed"
    assert back.stream == request.stream
    if name not in respelled and wanted <= fmt.SUPPORTS & EXACT - respelled:
        assert _parts(back) == _parts(request)


def _parts(request: ir.Request) -> list[ir.Part]:
    """All parts, without what only some formats repeat on a result, or guess of a URL."""
    parts = (part for message in request.messages for part in message.parts)
    plain = (replace(part, name="") if isinstance(part, ir.ToolResult) else part for part in parts)
    return [replace(part, media_type="") if isinstance(part, ir.Media) and part.url else part for part in plain]


RESPELLED = {
    "openai_completions": frozenset({"system", "system.mid", *(name for name in REQUESTS)}),
    "openai_chat": frozenset({"document.text", "tool_result.image", "tool_result.document"}),
    "anthropic": frozenset({"tools.custom"}),
    "gemini": frozenset({"tools.custom"}),
}
"""Carried in other words, which the format itself would not read as the same thing: a conversation as one text,
a text document as text, a tool's image or document in the user's name, a freeform tool as a function of a string."""
REFUSED = frozenset({"n", "document.url"})
"""Rendered, but never sent to another format: the request is refused before."""
DEFAULTS = frozenset({"max_tokens", "store", "thinking"})
"""What a format may have to say even if the client did not (Anthropic's max_tokens), or can only say by its absence."""
EXACT = frozenset({"system", "temperature", "tools", "tool_result", "image", "image.url", "document.url"})


def path(fmt: Format, request: ir.Request) -> str:
    return fmt.endpoint(request)


@each_format
def test_supports_names_features(fmt: Format) -> None:
    assert FEATURES.keys() >= fmt.SUPPORTS


@each_answer
def test_a_streamed_answer_survives(fmt: Format, name: str) -> None:
    assert usage_said(meaning(parsed(fmt, rendered(fmt, events_of(name))))) == usage_said(expected(fmt, name))


@each_answer
def test_a_whole_answer_survives(fmt: Format, name: str) -> None:
    body = fmt.render_response(collect(events_of(name)), context())
    back = collect(fmt.parse_response(json.loads(json.dumps(body))))
    assert usage_said(meaning(back)) == usage_said(expected(fmt, name))


@each_answer
def test_whole_and_streamed_say_the_same(fmt: Format, name: str) -> None:
    whole = collect(
        fmt.parse_response(json.loads(json.dumps(fmt.render_response(collect(events_of(name)), context()))))
    )
    assert meaning(whole) == meaning(parsed(fmt, rendered(fmt, events_of(name))))


@each_answer
def test_where_the_bytes_are_cut_does_not_matter(fmt: Format, name: str) -> None:
    wire = rendered(fmt, events_of(name))
    once = parsed(fmt, wire)
    for cut in range(1, len(wire), max(1, len(wire) // 400)):
        assert parsed(fmt, wire[:cut], wire[cut:]) == once
    assert parsed(fmt, *(wire[i : i + 1] for i in range(len(wire)))) == once


@each_answer
def test_a_stream_cut_short_is_an_error_not_an_answer(fmt: Format, name: str) -> None:
    events = events_of(name)
    assert parsed(fmt, rendered(fmt, events[:-1])).error


@each_format
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 529])
def test_an_error_survives(fmt: Format, status: int) -> None:
    error = ir.Error(status, "slow down")
    back = fmt.parse_error(status, json.loads(json.dumps(fmt.render_error(error))))
    assert (back.status, back.message) == (status, "slow down")
    streamed = parsed(fmt, rendered(fmt, [START, ir.TextDelta("he"), error])).error
    assert streamed and "slow down" in streamed.message


@each_format
def test_nothing_is_sent_after_the_end(fmt: Format) -> None:
    translator = StreamTranslator(fmt, fmt, context(), Restorer())
    translator.render(ANSWERS["text"])
    assert translator.render(ANSWERS["text"]) == []


PAIRS = [(u, c, n) for u in talking for c in talking for n in (*ANSWERS, *TALKS)]


@pytest.mark.parametrize("upstream, client, name", PAIRS, ids=["→".join(p) for p in PAIRS])
def test_every_pair(upstream: str, client: str, name: str) -> None:
    translator = StreamTranslator(FORMATS[upstream], FORMATS[client], context(), Restorer())
    wire, rng = rendered(FORMATS[upstream], events_of(name)), random.Random(1)
    out: list[bytes] = []
    while wire:
        cut = rng.randint(1, 60)
        out += translator.feed(wire[:cut])
        wire = wire[cut:]
    out += translator.feed(b"")
    assert usage_said(meaning(parsed(FORMATS[client], *out))) == usage_said(expected(FORMATS[client], name))


@pytest.mark.parametrize("client", FORMATS)
@pytest.mark.parametrize("upstream", talking)
def test_a_broken_stream_is_told_to_the_client(upstream: str, client: str) -> None:
    translator = StreamTranslator(FORMATS[upstream], FORMATS[client], context(), Restorer())
    wire = rendered(FORMATS[upstream], ANSWERS["text"])
    out = [*translator.feed(wire[: len(wire) // 2]), *translator.feed(b"")]
    assert parsed(FORMATS[client], *out).error
