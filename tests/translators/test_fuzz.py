"""Whatever a client or provider sends: a request or a clear 400, an answer or an error event; no exception, no hang."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from sys import monitoring
from types import CodeType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliproxy.translators import ir, names, repair, sse, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.losses import losses
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import Observer, StreamTranslator

ASKED = ir.Request("m", stream=True, include_usage=True)
CONTEXTS = [
    ir.Context("fresh", 1, ASKED),
    ir.Context("fresh", 1, replace(ASKED, legacy_functions=True, json_array=True)),
]
each_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=FORMATS)
unhurried = settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))

# -- what is thrown at them: any JSON, and JSON out of the formats' own words ----------------


def _words(text: str) -> list[str]:
    return text.split()


KEYS = _words("""
model messages role content type text system tools name input input_schema id tool_use_id source data
media_type url thinking signature tool_choice cache_control metadata output_config format schema stop
max_tokens tool_calls function arguments tool_call_id image_url refusal reasoning_content reasoning_details
response_format n stream stream_options logprobs top_logprobs audio file annotations call_id output summary
encrypted_content instructions include item response item_id output_index content_index delta sequence_number
part status error message code usage choices index finish_reason prompt echo suffix candidates parts
functionCall functionResponse args inlineData fileData thought thoughtSignature finishReason generationConfig
thinkingConfig systemInstruction contents functionDeclarations parameters usageMetadata promptFeedback
partialArgs jsonPath content_block stop_reason partial_json citations prompt_tokens completion_tokens
input_tokens output_tokens promptTokenCount groundingMetadata groundingChunks web action query results
namespace safety_identifier
""")
WORDS = _words("""
user assistant system developer tool model function text image document thinking redacted_thinking tool_use
tool_result base64 url file input_text output_text input_image input_file message function_call
function_call_output custom_tool_call custom_tool_call_output reasoning summary_text reasoning_text
web_search_call image_generation_call code_interpreter_call web_search custom auto none any required
tool_calls stop length end_turn STOP MAX_TOKENS message_start content_block_start content_block_delta
content_block_stop message_delta message_stop error ping text_delta thinking_delta signature_delta
input_json_delta citations_delta server_tool_use web_search_tool_result response.created response.in_progress
response.output_item.added response.output_item.done response.content_part.added response.output_text.delta
response.output_text.done response.output_text.annotation.added response.refusal.delta
response.function_call_arguments.delta response.function_call_arguments.done
response.custom_tool_call_input.delta response.reasoning_summary_text.delta response.reasoning_text.delta
response.completed response.incomplete response.failed image_url input_audio json_schema json_object ephemeral
enabled adaptive [DONE]
""")
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(WORDS)
    | st.sampled_from(["", "{", "{}", '{"a":1}', "[]", "\ud83d", "data:image/png;base64,AA==", "2024"])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)
OBJECT = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "system", "tool", "model", "developer"])},
    optional={
        "content": JSON | st.lists(OBJECT, max_size=3),
        "parts": st.lists(OBJECT, max_size=3) | JSON,
        "tool_calls": st.lists(OBJECT, max_size=2) | JSON,
        "type": st.sampled_from(WORDS),
        "tool_call_id": JSON,
    },
)
TURNS = st.lists(TURN | OBJECT, max_size=3)
BODY = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["m", "claude-opus-4-8", "gemini-3-pro-preview"]),
        "messages": TURNS,
        "input": TURNS,
        "contents": TURNS,
        "prompt": JSON,
    },
    optional={key: st.lists(OBJECT, max_size=2) | JSON for key in ("tools", "system", "tool_choice", "thinking")}
    | dict.fromkeys(("generationConfig", "systemInstruction", "response_format", "output_config", "text"), OBJECT),
)
CHUNK = OBJECT | st.fixed_dictionaries(
    {"type": st.sampled_from(WORDS)},
    optional={
        "choices": st.lists(st.fixed_dictionaries({"delta": OBJECT, "finish_reason": JSON}), max_size=2),
        "candidates": st.lists(st.fixed_dictionaries({"content": st.fixed_dictionaries({"parts": TURNS})}), max_size=2),
        "item": OBJECT,
        "delta": OBJECT | st.text(max_size=5),
        "content_block": OBJECT,
        "message": OBJECT,
        "response": OBJECT,
        "index": st.integers(-1, 2),
        "output_index": st.integers(-1, 2),
        "usage": OBJECT,
    },
)


def spelled(fmt: Format, body: Any) -> dict[str, Any]:
    """Only the format's own place for the conversation: the others would be mere extras."""
    places = {"openai_responses": "input", "gemini": "contents", "openai_completions": "prompt"}
    others = {"messages", "input", "contents", "prompt"} - {places.get(fmt.NAME, "messages")}
    return {key: value for key, value in body.items() if key not in others}


# -- requests -----------------------------------------------------------------------------


def said_everywhere(fmt: Format, body: Any) -> None:
    """A request of any JSON, in every other format, or a 400."""
    try:
        request = fmt.parse_request(body, "/v1beta/models/m:generateContent")
    except ir.BadRequest as fault:
        assert str(fault)
        return
    for target in FORMATS.values():
        if target is not fmt:
            losses(request, target)
            asked = replace(request, messages=repair.repaired(request.messages))
            asked = names.renamed(asked, names.aliases(asked, target.TOOL_NAME))
            wire.dumps(target.render_request(asked))
            assert target.endpoint(asked)
    wire.dumps(fmt.render_request(request))


@each_format
@unhurried
@given(body=JSON)
def test_any_json_is_a_request_or_a_bad_one(fmt: Format, body: Any) -> None:
    said_everywhere(fmt, body)


@each_format
@unhurried
@given(body=BODY)
def test_the_formats_own_words_in_any_order_too(fmt: Format, body: Any) -> None:
    said_everywhere(fmt, spelled(fmt, body))


def nested(depth: int, key: str) -> Any:
    deep: Any = "end"
    for _ in range(depth):
        deep = [deep] if key == "list" else {key: deep, "type": "object"}
    return deep


PLACES: dict[str, Callable[[Any], Any]] = {
    "content": lambda deep: {"messages": [{"role": "user", "content": deep}]},
    "blocks": lambda deep: {"messages": [{"role": "user", "content": [{"type": "tool_result", "content": deep}]}]},
    "calls": lambda deep: {"messages": [{"role": "assistant", "tool_calls": deep}]},
    "input": lambda deep: {"input": [{"type": "message", "role": "user", "content": deep}]},
    "items": lambda deep: {"input": [deep]},
    "parts": lambda deep: {"contents": [{"parts": [{"functionCall": {"name": "n", "args": deep}}]}]},
    "answers": lambda deep: {"contents": [{"parts": [{"functionResponse": {"name": "n", "response": deep}}]}]},
    "contents": lambda deep: {"contents": deep},
    "prompt": lambda deep: {"prompt": deep},
    "schema": lambda deep: {
        "messages": [],
        "contents": [],
        "input": "x",
        "tools": [
            {"name": "n", "input_schema": deep},
            {"type": "function", "name": "n", "parameters": deep, "function": {"name": "n", "parameters": deep}},
            {"functionDeclarations": [{"name": "n", "parameters": deep}]},
        ],
    },
    "extra": lambda deep: {"messages": [], "contents": [], "input": "x", "prompt": "x", "unheard_of": deep},
}


@each_format
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("key", ["list", "content", "properties", "parts"])
def test_deep_nesting(fmt: Format, place: str, key: str) -> None:
    """1000 levels: near what orjson reads at all (1024); deeper is no JSON."""
    said_everywhere(fmt, {"model": "m", **PLACES[place](nested(1000, key))})


def test_nesting_beyond_that_is_no_json() -> None:
    with pytest.raises(ValueError):
        wire.loads(b"[" * 100_000 + b"]" * 100_000)


BIG = 10 * 1024 * 1024


@each_format
@pytest.mark.parametrize("place", ["content", "input", "prompt", "parts", "extra"])
def test_a_string_of_ten_megabytes(fmt: Format, place: str) -> None:
    said_everywhere(fmt, {"model": "m", **PLACES[place]({"text": "x" * BIG} if place == "parts" else "x" * BIG)})


# -- answers ------------------------------------------------------------------------------


def events_of(fmt: Format, data: Iterable[bytes]) -> list[ir.Event]:
    """What the gateway makes of a provider's bytes; the parser itself may raise `BadAnswer` and nothing else."""
    decoder, parser = fmt.Decoder(), fmt.StreamParser()
    events: list[ir.Event] = []
    try:
        for piece in data:
            for sent in decoder.feed(piece):
                events += parser.feed(sent)
        for sent in decoder.close():
            events += parser.feed(sent)
        events += parser.close()
    except ir.BadAnswer as fault:
        events = [event for event in events if not isinstance(event, ir.Finish | ir.Error)]
        events.append(ir.Error(502, str(fault)))
    return events


def told_to_all(fmt: Format, data: list[bytes]) -> None:
    """Every client gets something to read, and one end."""
    events = events_of(fmt, data)
    ends = [place for place, event in enumerate(events) if isinstance(event, ir.Finish | ir.Error)]
    assert ends == [len(events) - 1], "one end, and nothing after it"
    size = sum(map(len, data))
    for client in FORMATS.values():
        for context in CONTEXTS:
            translator = StreamTranslator(fmt, client, context, Restorer())
            out = [chunk for piece in (*data, b"") for chunk in translator.feed(piece)]
            assert 0 < sum(map(len, out)) < 20_000 + 100 * size + 2_000 * len(events)
            assert translator.feed(data[0] if data else b"") == [], "nothing after the end"
            if client.NAME != "gemini" or not context.request.json_array:
                assert all(sent.data for sent in client.Decoder().feed(b"".join(out)))
        whole = collect(events)
        wire.dumps(client.render_error(whole.error) if whole.error else client.render_response(whole, CONTEXTS[0]))


def as_sse(chunks: Iterable[Any]) -> bytes:
    def text(chunk: Any) -> str:
        return chunk if isinstance(chunk, str) else json.dumps(chunk)

    return b"".join(
        sse.encode(text(one).replace("\r", "").replace("\n", "").encode("utf-8", "replace").decode()) for one in chunks
    )


@each_format
@unhurried
@given(data=st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes(fmt: Format, data: list[bytes]) -> None:
    told_to_all(fmt, [piece for piece in data if piece])


@each_format
@unhurried
@given(chunks=st.lists(CHUNK | JSON | st.text(max_size=10), max_size=6), size=st.integers(1, 90))
def test_any_json_events(fmt: Format, chunks: list[Any], size: int) -> None:
    data = as_sse(chunks)
    told_to_all(fmt, [data[at : at + size] for at in range(0, len(data), size)])


@each_format
@unhurried
@given(data=st.data())
def test_a_true_stream_with_a_spoilt_place(fmt: Format, data: st.DataObject) -> None:
    """Bytes replaced, left out or repeated somewhere: JSON that does not close, UTF-8 that does not, events twice."""
    true = true_stream(fmt, 3)
    at = data.draw(st.integers(0, len(true)))
    to = data.draw(st.integers(at, min(len(true), at + 300)))
    told_to_all(fmt, [true[:at] + data.draw(st.binary(max_size=4) | st.just(true[at:to] * 2)) + true[to:]])


@each_format
@unhurried
@given(body=OBJECT | CHUNK | JSON)
def test_any_json_is_an_answer_or_a_bad_one(fmt: Format, body: Any) -> None:
    try:
        response = collect(fmt.parse_response(body))
    except ir.BadAnswer as fault:
        assert str(fault)
        return
    for client in FORMATS.values():
        if response.error:
            wire.dumps(client.render_error(response.error))
        else:
            wire.dumps(client.render_response(response, CONTEXTS[0]))


@each_format
@unhurried
@given(status=st.integers(400, 599), body=OBJECT | JSON | st.text(max_size=20))
def test_any_error_is_read(fmt: Format, status: int, body: Any) -> None:
    error = fmt.parse_error(status, body)
    assert error.status >= 400
    for client in FORMATS.values():
        wire.dumps(client.render_error(error))


@each_format
@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\xed\xa0\x80", b"\xc3(", b"\xf0\x9f\x98", b"\x00"])
def test_invalid_utf_8(fmt: Format, bad: bytes) -> None:
    true = true_stream(fmt, 3)
    for at in range(0, len(true), 311):
        told_to_all(fmt, [true[:at] + bad + true[at:]])


@each_format
def test_deep_nesting_in_a_stream(fmt: Format) -> None:
    for depth in (1000, 100_000):
        deep = b"data: " + b'{"a":' * depth + b"1" + b"}" * depth + b"\n\n"
        told_to_all(fmt, [deep])
    for key in ("delta", "choices", "candidates", "content_block", "item", "response", "error", "message", "usage"):
        for inner in ("list", "content", "parts"):
            told_to_all(fmt, [as_sse([{"type": "message_start", key: nested(990, inner)}])])


@each_format
def test_arguments_nested_deeply(fmt: Format) -> None:
    """Text for most, an object for some: deeper than their JSON can be, it stays text."""
    if fmt.NAME == "openai_completions":
        return
    events: list[ir.Event] = [ir.Start("i", "m"), ir.ToolCallStart(0, "c", "look")]
    for depth in (900, 5000):
        arguments = '{"a":' * depth + "1" + "}" * depth
        made = [*events, ir.ToolCallDelta(0, arguments), ir.Finish("tool_calls")]
        told_to_all(fmt, [rendered(fmt, made)])
        for client in FORMATS.values():
            assert wire.dumps(client.render_response(collect(made), CONTEXTS[0]))


# -- much -----------------------------------------------------------------------------------


def rendered(fmt: Format, events: Iterable[ir.Event]) -> bytes:
    renderer = fmt.StreamRenderer(CONTEXTS[0])
    return b"".join(piece for event in events for piece in renderer.feed(event))


def talk(deltas: int) -> Iterator[ir.Event]:
    """Thoughts, text with sources, and two calls whose pieces interleave: `deltas` of each."""
    yield ir.Start("i", "m", 1)
    for _ in range(deltas):
        yield ir.ReasoningDelta("hm ")
    yield ir.ReasoningEnd()
    for place in range(deltas):
        yield ir.TextDelta("so }")
        if place % 5 == 0:
            yield ir.Cite(ir.Citation("https://a.example", "A"))
    yield ir.ToolCallStart(0, "c1", "look")
    yield ir.ToolCallStart(1, "c2", "look")
    for opening, piece, end in (('{"a":"', "}", ""), ("", "}", '"}')):
        for index in (0, 1):
            yield ir.ToolCallDelta(index, opening or piece)
        for _ in range(deltas):
            yield ir.ToolCallDelta(0, piece)
            yield ir.ToolCallDelta(1, piece)
        for index in (0, 1):
            yield ir.ToolCallDelta(index, end or piece)
    yield ir.Finish("tool_calls", ir.Usage(1, 1))


def true_stream(fmt: Format, deltas: int) -> bytes:
    return rendered(fmt, talk(deltas))


def steps(work: Callable[[], object]) -> int:
    """How many lines of the translators run: the same on every machine, where seconds are not."""
    count = 0

    def line(code: CodeType, number: int) -> object:
        nonlocal count
        if "translators" not in code.co_filename:
            return monitoring.DISABLE
        count += 1
        return None

    monitoring.use_tool_id(monitoring.PROFILER_ID, "steps")
    monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.LINE, line)
    monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.LINE)
    try:
        work()
    finally:
        monitoring.set_events(monitoring.PROFILER_ID, 0)
        monitoring.free_tool_id(monitoring.PROFILER_ID)
    return count


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """Ten times as much takes ten times as many steps: quadratic would be a hundred."""
    work(size // 10)
    small = steps(lambda: work(size))
    assert 0 < steps(lambda: work(size * 10)) < 12 * small


@each_format
def test_a_million_tiny_chunks(fmt: Format) -> None:
    """One event that comes byte by byte."""

    def work(size: int) -> None:
        observer = Observer(fmt)
        for _ in range(size):
            observer.feed(b"x")
        assert len(observer.feed(b"")) == 1

    assert_linear(work, 10_000)


@each_format
def test_a_stream_byte_by_byte(fmt: Format) -> None:
    def work(size: int) -> None:
        observer = Observer(fmt)
        for at in range(len(data := true_stream(fmt, size))):
            observer.feed(data[at : at + 1])
        assert observer.feed(b"") is not None and not observer.lost

    assert_linear(work, 15)


@each_format
def test_many_events_are_read_in_linear_time(fmt: Format) -> None:
    def work(size: int) -> None:
        response = collect(events_of(fmt, [true_stream(fmt, size)]))
        assert response.finish

    assert_linear(work, 300)


@each_format
def test_many_events_are_written_in_linear_time(fmt: Format) -> None:
    def work(size: int) -> None:
        assert true_stream(fmt, size)
        fmt.render_response(collect(talk(size)), CONTEXTS[0])

    assert_linear(work, 1500)


@each_format
def test_ten_megabytes_in_one_event(fmt: Format) -> None:
    events: list[ir.Event] = [ir.Start("i", "m"), ir.TextDelta("x" * BIG), ir.Finish("stop")]
    response = collect(events_of(fmt, [rendered(fmt, events)]))
    assert response.finish and sum(len(part.text) for part in response.parts if isinstance(part, ir.Text)) == BIG


@each_format
def test_an_endless_event_is_given_up(fmt: Format) -> None:
    """Memory is bounded: beyond `sse.MAX_EVENT` it is an error, whatever comes after."""
    observer = Observer(fmt)
    piece, kept = b"data: " + b"x" * (1 << 20), 0
    while not observer.lost:
        observer.feed(piece)
        kept += len(piece)
        assert kept <= sse.MAX_EVENT + 2 * len(piece)
        piece = b"x" * (1 << 20)
    assert observer.collected.error and observer.feed(piece) == []
