"""Recorded Anthropic traffic goes through this format and back, and Anthropic's SDK reads the result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recordings import CORPUS, cut, gaps, needed, records

from cliproxy.translators import anthropic, ir, sse
from cliproxy.translators.anthropic.refusals import refused
from cliproxy.translators.collect import collect

pytestmark = needed
GAPS = gaps(Path(__file__).parent / "known_gaps.txt")
RECORDS = [r for r in records("anthropic-messages") if r["id"] not in GAPS] if CORPUS.exists() else []
ASKED = [r for r in RECORDS if isinstance(r.get("request_json"), dict)]
ANSWERED = [r for r in RECORDS if r["status"] == 200]
FAILED = [r for r in RECORDS if r["status"] >= 400]
CONTEXT = ir.Context("x1", 1_700_000_000, ir.Request("m"))


def each(records: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("record", records, ids=lambda r: r["id"])


# -- requests ---------------------------------------------------------------------------


@each(ASKED)
def test_a_request_says_the_same_when_rendered_again(record: dict[str, Any]) -> None:
    body = record["request_json"]
    try:
        request = anthropic.parse_request(body, record["url_path"])
    except ir.BadRequest:
        assert record["status"] == 400, "Anthropic took it"
        return
    again = json.loads(json.dumps(anthropic.render_request(request)))
    if record["status"] != 200:
        return
    assert not refused(request), "Anthropic took it"
    before, after = plain(body), plain(again)
    before.setdefault("model", after["model"])  # Vertex: in the path
    before.setdefault("max_tokens", after["max_tokens"])
    assert after == before


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """One spelling for what means the same:

    null is absent; a string is a list of one text; neighbours of one role are one message, in it tool results come
    first; empty texts, empty lists, and the defaults `stream`, `is_error` false, tool type `custom` are not said;
    the beta's `output_format` is `output_config.format`; a prefill has no whitespace at its end.
    """
    body = without_nulls(body)
    wire = {**body, "messages": list(plain_messages(body.get("messages", ())))}
    if (
        wire["messages"]
        and wire["messages"][-1]["role"] == "assistant"
        and "text" in wire["messages"][-1]["content"][-1]
    ):
        last = wire["messages"][-1]["content"][-1]
        last["text"] = last["text"].rstrip()
    if "system" in body:
        wire["system"] = plain_blocks(body["system"])
    if "tools" in body:
        wire["tools"] = [plain_tool(tool) for tool in body["tools"]]
    if "output_format" in wire:
        wire["output_config"] = {**wire.get("output_config", {}), "format": wire.pop("output_format")}
    if isinstance(wire.get("stop_sequences"), str):
        wire["stop_sequences"] = [wire["stop_sequences"]]
    return {key: value for key, value in wire.items() if value not in (None, [], {}) and value is not False}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def plain_messages(messages: Any) -> Iterator[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for message in messages:
        blocks = plain_blocks(message["content"])
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1]["content"] += blocks
        elif blocks:
            joined.append({"role": message["role"], "content": blocks})
    for message in joined:
        message["content"].sort(key=lambda block: block["type"] != "tool_result")
        yield message


def plain_blocks(content: Any) -> list[dict[str, Any]]:
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    said = [block for block in blocks if block["type"] != "text" or block["text"].strip()]
    return [plain_block(block) for block in said]


def plain_block(block: dict[str, Any]) -> dict[str, Any]:
    block = {key: value for key, value in block.items() if not (key == "citations" and value == [])}
    if block["type"] != "tool_result":
        return block
    block = {key: value for key, value in block.items() if (key, value) != ("is_error", False)}
    content = plain_blocks(block.pop("content", []))
    return {**block, "content": content} if content else block


def plain_tool(tool: dict[str, Any]) -> dict[str, Any]:
    tool = {key: value for key, value in tool.items() if (key, value) not in (("type", "custom"), ("description", ""))}
    if "input_schema" in tool:
        tool["input_schema"] = {**tool["input_schema"], "type": "object"}
    return {key: value for key, value in tool.items() if value != [] or not key.endswith("_domains")}


# -- answers ----------------------------------------------------------------------------


def events_of(record: dict[str, Any], size: int = 10**9) -> list[ir.Event]:
    if not record["is_stream"]:
        return list(anthropic.parse_response(json.loads(record["response_body"])))
    decoder, parser = anthropic.Decoder(), anthropic.StreamParser()
    events: list[ir.Event] = []
    for piece in cut(record["response_body"], size):
        for sent in decoder.feed(piece):
            events += parser.feed(sent)
    for sent in decoder.close():
        events += parser.feed(sent)
    return [*events, *parser.close()]


def streamed(events: list[ir.Event]) -> bytes:
    renderer = anthropic.StreamRenderer(CONTEXT)
    return b"".join(piece for event in events for piece in renderer.feed(event))


@each(ANSWERED)
def test_an_answer_ends_once_wherever_it_is_cut(record: dict[str, Any]) -> None:
    events = events_of(record)
    assert isinstance(events[-1], ir.Finish)
    assert not any(isinstance(event, ir.Finish | ir.Error) for event in events[:-1])
    if record["is_stream"]:
        assert events_of(record, 37) == events


@each(ANSWERED)
def test_whole_and_streamed_agree(record: dict[str, Any]) -> None:
    response = collect(events_of(record))
    whole = anthropic.render_response(response, CONTEXT)
    again = collect(anthropic.parse_response(json.loads(json.dumps(whole))))
    stream = {**record, "is_stream": True, "response_body": streamed(events_of(record)).decode("utf-8", "replace")}
    assert plain_parts(collect(events_of(stream))) == plain_parts(again)
    assert collect(events_of(stream)).finish == response.finish


def plain_parts(response: ir.Response) -> list[ir.Part]:
    """Streamed arguments keep the model's own spacing, whole ones come as an object."""
    return [
        replace(part, arguments=json.dumps(json.loads(part.arguments))) if isinstance(part, ir.ToolCall) else part
        for part in response.parts
    ]


@each(ANSWERED)
def test_the_sdk_reads_what_it_read_before(record: dict[str, Any]) -> None:
    judge = pytest.importorskip("anthropic_judge")
    body = record["response_body"].encode("utf-8", "surrogatepass")
    before = judge.meaning(judge.read_stream(first_of(body)) if record["is_stream"] else judge.read_whole(body))
    events = events_of(record)
    whole = json.dumps(anthropic.render_response(collect(events), CONTEXT)).encode()
    assert judge.meaning(judge.read_whole(whole)) == before
    assert judge.meaning(judge.read_stream(streamed(events))) == before


def first_of(body: bytes) -> bytes:
    """Up to the first end: some recordings hold several answers."""
    out = b""
    for sent in anthropic.Decoder().feed(body):
        out += sse.encode(sent.data, sent.event)
        if sent.event == "message_stop":
            break
    return out


@each(FAILED)
def test_an_error_is_understood(record: dict[str, Any]) -> None:
    body = json.loads(record["response_body"])
    error = anthropic.parse_error(record["status"], body)
    said = body["error"]
    assert (error.status, error.type, error.message) == (record["status"], said["type"], said["message"])
    assert anthropic.render_error(error) == {"type": "error", "error": {k: said[k] for k in ("type", "message")}}
