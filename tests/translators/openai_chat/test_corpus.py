"""Recorded chat traffic: requests survive, answers are read and written, OpenAI's SDK reads what we write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai_judge
import pytest
import recordings

from cliproxy.translators import ir, openai_chat
from cliproxy.translators.collect import collect

WIRE = "openai-chat"
GAPS = recordings.gaps(Path(__file__).with_name("known_gaps.txt"))
CONTEXT = ir.Context("0123456789", 1_700_000_000, ir.Request("asked-for", include_usage=True))

pytestmark = recordings.needed


def parse_stream(body: str, size: int = 37) -> list[ir.Event]:
    decoder, parser = openai_chat.Decoder(), openai_chat.StreamParser()
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
    return list(openai_chat.parse_response(json.loads(record["response_body"])))


def render_stream(events: Iterable[ir.Event]) -> bytes:
    renderer = openai_chat.StreamRenderer(CONTEXT)
    return b"".join(piece for event in events for piece in renderer.feed(event))


def answers() -> Iterable[tuple[str, list[ir.Event]]]:
    for record in recordings.records(WIRE):
        if record["op"] == "create" and record["status"] < 400 and record["id"] not in GAPS:
            yield record["id"], parse(record)


def said_again(request: ir.Request) -> ir.Request:
    """The request as our spelling of it reads: what may differ is listed here, and nothing else may."""
    thinking = request.thinking
    if thinking:  # a budget is said as the nearest effort, and nothing says whether to show the thoughts
        thinking = ir.Thinking(thinking.effort or "low") if thinking.effort or thinking.budget else None
    return replace(
        request,
        include_usage=request.stream,  # always asked for
        legacy_functions=False,  # `functions` become `tools`
        top_k=None,  # OpenAI has none
        thinking=thinking,
        tools=tuple(map(_tool, request.tools)),
        tool_choice=request.tool_choice if request.tools else None,
        messages=tuple(map(_message, request.messages)),
    )


def _tool(tool: Any) -> Any:
    if isinstance(tool, ir.Tool) and tool.parameters is not None and "properties" not in tool.parameters:
        return replace(tool, parameters={**tool.parameters, "type": "object", "properties": {}})
    return tool


def _message(message: ir.Message) -> ir.Message:
    role: ir.Role = "system" if message.role == "developer" else message.role
    return replace(message, role=role, parts=tuple(map(_part, message.parts)))


def _part(part: ir.Part) -> ir.Part:
    match part:
        case ir.ToolResult():
            return replace(part, name="")  # the id tells
        case ir.Media(kind="document", name="", file_id=""):
            return replace(part, name="document.pdf" if part.media_type == "application/pdf" else "document")
        case _:
            return part


def test_requests() -> None:
    count = 0
    for record in recordings.records(WIRE):
        body = record["request_json"]
        if not isinstance(body, dict) or "messages" not in body or record["id"] in GAPS:
            continue
        request = openai_chat.parse_request(body, record["url_path"])
        rendered = openai_chat.render_request(request)
        assert openai_chat.parse_request(rendered, "") == said_again(request), record["id"]
        assert json.loads(json.dumps(rendered)) == rendered
        count += 1
    assert count > 50


def meaning(response: ir.Response) -> dict[str, Any]:
    """An answer as a chat message can say it: one thought, one text, the calls, whatever their order."""
    of: Any = lambda kind: [part for part in response.parts if isinstance(part, kind)]  # noqa: E731
    return {
        "thought": "".join(part.text for part in of(ir.Reasoning)),
        "seals": [detail for part in of(ir.Reasoning) if part.opaque for detail in json.loads(part.opaque.data)],
        "text": "".join(part.text for part in of(ir.Text)),
        "citations": [citation for part in of(ir.Text) for citation in part.citations],
        "logprobs": [token for part in of(ir.Text) for token in part.logprobs],
        "refusal": "".join(part.text for part in of(ir.Refusal)),
        "calls": of(ir.ToolCall),
        "media": [(part.kind, part.data, part.url) for part in of(ir.Media)],
        "finish": response.finish and replace(response.finish, stop_sequence=None, service_tier=""),
        "usage": response.finish and response.finish.usage,
    }


def unindexed(value: dict[str, Any]) -> dict[str, Any]:
    """Streamed entries of ``reasoning_details`` are numbered anew."""
    return {**value, "seals": [{**seal, "index": None} for seal in value["seals"]]}


def test_answers() -> None:
    """Read, collected, written whole and as a stream, read again: the same."""
    whole = streamed = 0
    for id, events in answers():
        response = collect(events)
        if response.error:
            continue
        assert isinstance(events[-1], ir.Finish), id
        again = collect(openai_chat.parse_response(openai_chat.render_response(response, CONTEXT)))
        assert meaning(again) == meaning(response), id
        whole += 1
        again = collect(parse_stream(render_stream(events).decode("utf-8", "surrogatepass")))
        assert unindexed(meaning(again)) == unindexed(meaning(response)), id
        streamed += 1
    assert whole > 30 and streamed > 30


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_any_cut_gives_the_same_events(size: int) -> None:
    for record in recordings.records(WIRE):
        body = record["response_body"]
        if record["is_stream"] and len(body) < 20_000:
            assert parse_stream(body, size) == parse_stream(body, 1 << 20), record["id"]


def test_errors() -> None:
    """Every recorded refusal keeps its status and says something."""
    for record in recordings.records(WIRE):
        if record["status"] < 400:
            continue
        try:
            body = json.loads(record["response_body"])
        except ValueError:
            body = record["response_body"]
        error = openai_chat.parse_error(record["status"], body)
        assert error.status == record["status"] and error.message, record["id"]


def test_the_sdk_reads_what_we_render() -> None:
    """Whole and as a stream: the same text, calls, finish reason and usage, under strict validation."""
    count = 0
    for id, events in answers():
        response = collect(events)
        if response.error:
            continue
        body = json.dumps(openai_chat.render_response(response, CONTEXT)).encode()
        whole = openai_judge.client(body).chat.completions.create(model="m", messages=[])
        choice, finish = whole.choices[0], response.finish
        assert finish and choice.finish_reason == finish.reason, id
        assert (choice.message.content or "") == meaning(response)["text"], id
        calls = [(call.id, _said(call)) for call in choice.message.tool_calls or []]
        assert calls == [(call.id, (call.name, call.arguments)) for call in meaning(response)["calls"]], id
        if any(call.kind == "custom" for call in meaning(response)["calls"]):
            continue  # the SDK's type of a streamed call knows functions only
        assert _streamed(render_stream(events)) == (
            choice.message.content or "",
            choice.finish_reason,
            calls,
            whole.usage,
        ), id
        if whole.usage:
            assert finish.usage and whole.usage.prompt_tokens == (finish.usage.input or 0), id
        count += 1
    assert count > 30


def _said(call: Any) -> tuple[str, str]:
    inner = getattr(call, call.type)
    return inner.name, inner.arguments if call.type == "function" else inner.input


def _streamed(body: bytes) -> tuple[Any, ...]:
    text, reason, usage = "", None, None
    calls: dict[int, list[str]] = {}
    for chunk in openai_judge.stream(body).chat.completions.create(model="m", messages=[], stream=True):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            for call in choice.delta.tool_calls or []:
                known = calls.setdefault(call.index, [call.id or "", call.function.name or "", ""])
                known[2] += call.function.arguments or ""
    return text, reason, [(id, (name, arguments)) for id, name, arguments in calls.values()], usage


def test_the_sdks_helper_accumulates_what_we_stream() -> None:
    """The helper joins lists by `index` and raises where it is missing; it refuses cut answers on purpose."""
    for id, events in answers():
        finish = events[-1]
        if not isinstance(finish, ir.Finish) or finish.reason in ("length", "content_filter"):
            continue
        if any(isinstance(event, ir.ToolCallStart) and event.kind == "custom" for event in events):
            continue
        with openai_judge.stream(render_stream(events)).chat.completions.stream(model="m", messages=[]) as stream:
            text = stream.get_final_completion().choices[0].message.content or ""
        assert text == meaning(collect(events))["text"], id
