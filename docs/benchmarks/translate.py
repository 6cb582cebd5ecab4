"""Measures what translating costs: ``uv run python docs/benchmarks/translate.py`` prints one table.

CPU time only, of this process, from the client's bytes to the provider's and back; no network, no proxy. The
conversation is made up here, in the shape of what coding agents send: two thirds are tool results and tool schemas.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from cliproxy.translators import ir, names, repair, wire
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.losses import fatal, losses
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import StreamTranslator

ROUNDS = 40
STREAMS = 9
READ = 16 * 1024
MODELS = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-2.5-pro"}
TURNS = 30
"""Of the model's; each calls a tool, so that there are twice as many in all."""
TOOLS = 30
CODE = "def found(line: int) -> bool:\n    return line in seen and not lines[line].startswith('#')  # as before\n"
WORDS = "The model reads a file — finds the “fault” in line 42, and writes it anew.\n"
"""What people write has characters beyond ASCII in it, as the instructions of all agents do; files mostly have not."""


def model(fmt: Format) -> str:
    return MODELS.get(fmt.NAME, "gpt-5.1")


def prose(size: int, of: str = WORDS) -> str:
    return (of * (size // len(of) + 1))[:size]


# -- a request of an agent ----------------------------------------------------------------


def tool(number: int) -> ir.Tool:
    properties = {
        f"field_{i}": {"type": "string", "description": prose(110), "enum": ["one", "two", "three"]} for i in range(4)
    }
    nested = {"type": "array", "items": {"type": "object", "properties": {"old": {"type": "string"}}}}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {**properties, "edits": nested, "count": {"type": "integer", "minimum": 0}},
        "required": ["field_0"],
        "additionalProperties": False,
    }
    return ir.Tool(f"tool_{number}", prose(900), schema)


def turn(number: int) -> tuple[ir.Message, ...]:
    calls = [
        ir.ToolCall(f"toolu_{number}_{i}", f"tool_{(number + i) % TOOLS}", wire.dumps(arguments(number, i)).decode())
        for i in range(1 + number % 2)
    ]
    results = (ir.ToolResult(call.id, (ir.Text(prose(2500, CODE)),), name=call.name) for call in calls)
    return (
        ir.Message("assistant", (ir.Text(prose(200)), *calls)),
        ir.Message("tool", tuple(results)),
    )


def arguments(number: int, call: int) -> ir.Json:
    return {"field_0": f"/src/file_{number}.py", "edits": [{"old": prose(200, CODE)}], "count": call}


def conversation() -> ir.Request:
    system = ir.Message("system", (ir.Text(prose(6000)), ir.Text(prose(4000), cache=ir.Cache())))
    ask = ir.Message("user", (ir.Text(prose(800)), ir.Text("Fix it.")))
    messages = (system, ask, *(message for number in range(TURNS) for message in turn(number)))
    tools = tuple(tool(number) for number in range(TOOLS))
    return ir.Request("m", messages, stream=True, max_tokens=32000, tools=tools, tool_choice=ir.ToolChoice("auto"))


def text_conversation() -> ir.Request:
    """The same amount for a format that has text only."""
    return ir.Request("m", (ir.Message("user", (ir.Text(prose(200_000)),)),), stream=True, max_tokens=500)


def said(client: Format, upstream: Format) -> ir.Request:
    texts = "openai_completions" in (client.NAME, upstream.NAME)
    return replace(text_conversation() if texts else conversation(), model=model(client))


def translated(client: Format, upstream: Format, body: bytes, path: str) -> bytes:
    request = client.parse_request(wire.loads(body), path)
    request = replace(request, model=model(upstream))
    assert not fatal(losses(request, upstream))
    request = replace(request, messages=repair.repaired(request.messages))
    request = names.renamed(request, names.aliases(request, upstream.TOOL_NAME))
    return wire.dumps(upstream.render_request(request))


# -- an answer, streamed ------------------------------------------------------------------


def answer(upstream: Format) -> list[ir.Event]:
    events: list[ir.Event] = [ir.Start("id_1", model(upstream), 1_700_000_000)]
    if upstream.NAME != "openai_completions":
        events += (ir.ReasoningDelta(WORDS[:24]) for _ in range(300))
        events += [ir.ReasoningEnd()]
    events += (ir.TextDelta(WORDS[:24]) for _ in range(700))
    if upstream.NAME != "openai_completions":
        events += [ir.ToolCallStart(0, "call_1", "tool_1"), ir.ToolCallDelta(0, '{"field_0":"')]
        events += (ir.ToolCallDelta(0, "src/file_") for _ in range(300))
        events += [ir.ToolCallDelta(0, '"}'), ir.ToolCallEnd(0)]
    reason: ir.FinishReason = "stop" if upstream.NAME == "openai_completions" else "tool_calls"
    return [*events, ir.Finish(reason, ir.Usage(50_000, 1300, 40_000, 0, 300))]


def streamed(upstream: Format) -> list[bytes]:
    """As the provider writes it: one piece for each event."""
    renderer = upstream.StreamRenderer(context(upstream))
    return [piece for event in answer(upstream) for piece in renderer.feed(event)]


def context(fmt: Format) -> ir.Context:
    return ir.Context("abc123", 1_700_000_000, ir.Request(model(fmt), stream=True, include_usage=True))


def relayed(upstream: Format, client: Format, pieces: Iterable[bytes]) -> None:
    translator = StreamTranslator(upstream, client, context(client), Restorer())
    for piece in pieces:
        translator.feed(piece)
    translator.feed(b"")


def reads(pieces: list[bytes]) -> list[bytes]:
    whole = b"".join(pieces)
    return [whole[at : at + READ] for at in range(0, len(whole), READ)]


# -- measuring ----------------------------------------------------------------------------


def median_ms(work: Callable[[], object], rounds: int) -> float:
    work()
    spent = []
    gc.collect()
    for _ in range(rounds):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return statistics.median(spent) * 1000


def request_ms(client: Format, upstream: Format) -> tuple[float, int]:
    request = said(client, upstream)
    body, path = wire.dumps(client.render_request(request)), client.endpoint(request)
    return median_ms(lambda: translated(client, upstream, body, path), ROUNDS), len(body)


def event_us(upstream: Format, client: Format) -> tuple[float, float]:
    """For each event of the provider's: fed one by one, and in reads of READ bytes."""
    pieces = streamed(upstream)
    large = reads(pieces)
    single = median_ms(lambda: relayed(upstream, client, pieces), STREAMS)
    return single * 1000 / len(pieces), median_ms(lambda: relayed(upstream, client, large), STREAMS) * 1000 / len(
        pieces
    )


def table() -> Iterable[str]:
    yield "| client → upstream | request | KB | answer, event by event | answer, 16 KB reads |"
    yield "|---|--:|--:|--:|--:|"
    for client in FORMATS.values():
        for upstream in FORMATS.values():
            if client is upstream:
                continue
            spent, size = request_ms(client, upstream)
            single, large = event_us(upstream, client)
            pair = f"{client.NAME} → {upstream.NAME}"
            yield f"| {pair} | {spent:.2f} ms | {size // 1000} | {single:.1f} µs | {large:.1f} µs |"


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)  # noqa: T201
