"""Recorded Responses traffic: requests survive, answers are read and written, OpenAI's SDK reads what we write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai_judge
import pytest
import recordings

from cliproxy.translators import ir, openai_responses, wire
from cliproxy.translators.collect import collect

WIRE = "openai-responses"
GAPS = Path(__file__).with_name("known_gaps.txt")
CONTEXT = ir.Context("0123456789", 1_700_000_000, ir.Request("asked-for"))

pytestmark = recordings.needed


def gaps(kind: str) -> set[str]:
    """Ids that can't pass the tests of this kind: lines "id kind reason" of known_gaps.txt."""
    lines = [line.split() for line in GAPS.read_text().splitlines() if not line.startswith("#")]
    return {words[0] for words in lines if words[1:2] == [kind]}


def records(ok: bool = True, kind: str = "") -> Iterable[dict[str, Any]]:
    excepted = gaps(kind)
    for record in recordings.records(WIRE):
        if record["op"] == "create" and (record["status"] < 400) is ok and record["id"] not in excepted:
            yield record


def parse_stream(body: str, size: int = 37) -> list[ir.Event]:
    decoder, parser = openai_responses.Decoder(), openai_responses.StreamParser()
    events: list[ir.Event] = []
    for piece in recordings.cut(body, size):
        for sent in decoder.feed(piece):
            events += parser.feed(sent)
    for sent in decoder.close():
        events += parser.feed(sent)
    return [*events, *parser.close()]


def parse(record: dict[str, Any]) -> list[ir.Event]:
    if record["is_stream"]:
        return parse_stream(record["response_body"])
    return list(openai_responses.parse_response(json.loads(record["response_body"])))


def render_stream(events: Iterable[ir.Event]) -> bytes:
    renderer = openai_responses.StreamRenderer(CONTEXT)
    return b"".join(piece for event in events for piece in renderer.feed(event))


def said_again(request: ir.Request) -> ir.Request:
    """The request as our spelling of it reads: what may differ is listed here, and nothing else may.

    Not seen here, for parsing has normalised it: a string for one text part, `instructions` for a system message at
    the head, `user` for `safety_identifier`, `additional_tools` among the tools, ids where nothing is stored.
    """
    messages = tuple(
        replace(message, parts=tuple(_said_again(part, request) for part in message.parts))
        for message in request.messages
    )
    tools = tuple(
        replace(tool, parameters={"type": "object", "properties": {}, **(tool.parameters or {})})
        if isinstance(tool, ir.Tool) and tool.kind == "function"
        else tool
        for tool in request.tools
    )
    return replace(request, messages=messages, tools=tools)


def _said_again(part: ir.Part, request: ir.Request) -> ir.Part:
    """Without a store an item's id names nothing."""
    if request.store is not False:
        return part
    match part:
        case ir.Reasoning() if part.opaque:
            return replace(part, opaque=replace(part.opaque, id=""))
        case ir.BuiltinCall():
            return replace(part, id="")
        case ir.BuiltinResult():
            return replace(part, call_id="")
    return part


def test_requests_survive() -> None:
    count = 0
    for record in recordings.records(WIRE):
        body = record["request_json"]
        if record["op"] != "create" or not isinstance(body, dict):
            continue
        request = openai_responses.parse_request(body, record["url_path"])
        again = openai_responses.render_request(request)
        back = openai_responses.parse_request(json.loads(wire.dumps(again)), "")
        assert said_again(back) == said_again(request), record["id"]
        assert not body.keys() - again.keys() - _normalised(body), record["id"]
        count += 1
    assert count


def _normalised(body: dict[str, Any]) -> set[str]:
    """Fields that may be gone: those that said nothing, and the older name of the user."""
    empty = {key for key, value in body.items() if value in (None, [], {}, "", False)}
    plain = {"text"} if body.get("text") == {"format": {"type": "text"}} else set()
    return empty | plain | {"user"}


def said(response: ir.Response) -> tuple[object, ...]:
    """Text, refusal, calls and thoughts: OpenAI seals a thought anew with each event, so seals only count."""
    parts = response.parts
    return (
        "".join(part.text for part in parts if isinstance(part, ir.Text)),
        "".join(part.text for part in parts if isinstance(part, ir.Refusal)),
        [replace(part, extra=None, opaque=None) for part in parts if isinstance(part, ir.ToolCall)],
        [(part.text, part.summary, bool(part.opaque)) for part in parts if isinstance(part, ir.Reasoning)],
        sorted(type(part).__name__ for part in parts),
    )


def test_answers_end_once_however_they_are_cut() -> None:
    for record in records():
        events = parse(record)
        assert [isinstance(event, ir.Finish | ir.Error) for event in events].index(True) == len(events) - 1, record[
            "id"
        ]
        if record["is_stream"]:
            assert parse_stream(record["response_body"], 1 << 20) == events, record["id"]


def test_whole_and_stream_agree() -> None:
    """The last event's response, read as a whole answer, says what the stream said."""
    count = 0
    for record in records(kind="whole"):
        if record["is_stream"] and (final := _final(record["response_body"])):
            whole = collect(openai_responses.parse_response(final))
            assert said(whole) == said(collect(parse(record))), record["id"]
            count += 1
    assert count


def _final(body: str) -> dict[str, Any] | None:
    for line in body.splitlines():
        data = json.loads(line[5:]) if line.startswith("data: {") else {}
        if data.get("type") in ("response.completed", "response.incomplete"):
            return data["response"] if data["response"].get("output") else None
    return None


def test_answers_survive() -> None:
    for record in records():
        events = parse(record)
        first = collect(events)
        again = collect(parse_stream(render_stream(events).decode(), 4096))
        if first.error:
            assert again.error and again.error.message == first.error.message, record["id"]
            continue
        whole = collect(openai_responses.parse_response(openai_responses.render_response(first, CONTEXT)))
        assert said(again) == said(first) == said(whole), record["id"]
        assert first.finish and again.finish and whole.finish
        if first.finish.reason != "pause":  # an answer in the background has no word among the ends
            assert again.finish.reason == whole.finish.reason == first.finish.reason, record["id"]


def test_the_sdk_reads_what_is_written() -> None:
    """Strictly, through a mock transport: text, calls, status and usage."""
    for record in records(kind="sdk"):
        events = parse(record)
        response = collect(events)
        if response.error or (response.finish and response.finish.reason == "pause"):
            continue
        client = openai_judge.stream(render_stream(events))
        for sent in client.responses.create(model="m", input="x", stream=True):
            streamed = sent
        client = openai_judge.client(wire.dumps(openai_responses.render_response(response, CONTEXT)))
        whole = client.responses.create(model="m", input="x")
        for read in (streamed.response, whole):
            _judge(read, response, record["id"])


def test_the_sdks_stream_helper_reads_what_is_written() -> None:
    """It checks that items keep their identity from their first event to the last."""
    for record in records(kind="sdk"):
        events = parse(record)
        finish = collect(events).finish
        if record["is_stream"] and finish and finish.reason in ("stop", "tool_calls"):
            client = openai_judge.stream(render_stream(events))
            with client.responses.stream(model="m", input="x") as stream:
                _judge(stream.get_final_response(), collect(events), record["id"])


def _judge(read: Any, response: ir.Response, id: str) -> None:
    finish = response.finish
    assert finish, id
    assert read.output_text == "".join(part.text for part in response.parts if isinstance(part, ir.Text)), id
    calls = [item for item in read.output if item.type in ("function_call", "custom_tool_call")]
    wanted = [part for part in response.parts if isinstance(part, ir.ToolCall)]
    assert [(call.call_id, call.name) for call in calls] == [(call.id, call.name) for call in wanted], id
    said = [call.arguments if call.type == "function_call" else call.input for call in calls]
    assert said == [call.arguments or "{}" for call in wanted], id
    assert read.status == ("incomplete" if finish.reason in ("length", "content_filter") else "completed"), id
    if finish.usage:
        assert (read.usage.input_tokens, read.usage.output_tokens) == (
            finish.usage.input or 0,
            finish.usage.output or 0,
        )


def test_errors_survive() -> None:
    for record in records(ok=False):
        body = _loads(record["response_body"])
        error = openai_responses.parse_error(record["status"], body)
        assert error.status == record["status"] and error.message, record["id"]
        again = openai_responses.parse_error(error.status, openai_responses.render_error(error))
        assert (again.status, again.message) == (error.status, error.message), record["id"]
        client = openai_judge.client(wire.dumps(openai_responses.render_error(error)), status=error.status)
        with pytest.raises(openai_judge.openai.APIStatusError) as raised:
            client.responses.create(model="m", input="x")
        assert raised.value.status_code == error.status


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
