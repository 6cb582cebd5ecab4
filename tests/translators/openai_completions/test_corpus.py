"""Recorded completions: requests survive, answers are read and written, OpenAI's SDK reads what we write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai_judge
import pytest
import recordings

from cliproxy.translators import ir, openai_completions
from cliproxy.translators.collect import collect

WIRE = "openai-completions"
GAPS = recordings.gaps(Path(__file__).with_name("known_gaps.txt"))
CONTEXT = ir.Context("0123456789", 1_700_000_000, ir.Request("asked-for", include_usage=True))

pytestmark = recordings.needed


def records() -> Iterable[dict[str, Any]]:
    return (record for record in recordings.records(WIRE) if record["id"] not in GAPS)


def parse_stream(body: str, size: int = 37) -> list[ir.Event]:
    decoder, parser = openai_completions.Decoder(), openai_completions.StreamParser()
    events: list[ir.Event] = []
    for piece in recordings.cut(body, size):
        for sent in decoder.feed(piece):
            events += parser.feed(sent)
    for sent in decoder.close():
        events += parser.feed(sent)
    return [*events, *parser.close()]


def answers() -> Iterable[tuple[str, list[ir.Event]]]:
    for record in records():
        if record["status"] < 400 and record["is_stream"]:
            yield record["id"], parse_stream(record["response_body"])
        elif record["status"] < 400:
            yield record["id"], list(openai_completions.parse_response(json.loads(record["response_body"])))


def render_stream(events: Iterable[ir.Event]) -> bytes:
    renderer = openai_completions.StreamRenderer(CONTEXT)
    return b"".join(piece for event in events for piece in renderer.feed(event))


def test_requests() -> None:
    """Usage is always asked for in streams; nothing else may differ."""
    count = 0
    for record in records():
        if not isinstance(record["request_json"], dict):
            continue
        request = openai_completions.parse_request(record["request_json"], record["url_path"])
        again = openai_completions.parse_request(openai_completions.render_request(request), "")
        assert again == replace(request, include_usage=request.stream), record["id"]
        count += 1
    assert count > 5


def test_answers() -> None:
    count = 0
    for id, events in answers():
        response = collect(events)
        assert response.finish, id
        usage = response.finish.usage
        if usage and usage.output is None:  # the three sums are required
            usage = replace(usage, output=0)
        expected = replace(response, finish=replace(response.finish, stop_sequence=None, usage=usage))
        whole = openai_completions.render_response(response, CONTEXT)
        assert same(collect(openai_completions.parse_response(whole)), expected), id
        assert same(collect(parse_stream(render_stream(events).decode())), expected), id
        count += 1
    assert count > 5


def same(one: ir.Response, other: ir.Response) -> bool:
    """A time that the provider did not say is filled in."""
    return replace(one, created=None, id="") == replace(other, created=None, id="")


@pytest.mark.parametrize("size", [1, 4096])
def test_any_cut_gives_the_same_events(size: int) -> None:
    for record in records():
        body = record["response_body"]
        if record["is_stream"] and len(body) < 20_000:
            assert parse_stream(body, size) == parse_stream(body, 1 << 20), record["id"]


def test_errors() -> None:
    for record in records():
        if record["status"] >= 400:
            error = openai_completions.parse_error(record["status"], json.loads(record["response_body"]))
            assert error.status == record["status"] and error.message, record["id"]


def test_the_sdk_reads_what_we_render() -> None:
    """Streams not strictly: its type demands a finish reason on every chunk, which OpenAI itself does not send."""
    for id, events in answers():
        response = collect(events)
        text = "".join(part.text for part in response.parts if isinstance(part, ir.Text))
        assert response.finish
        body = json.dumps(openai_completions.render_response(response, CONTEXT)).encode()
        whole = openai_judge.client(body).completions.create(model="m", prompt="hi")
        assert (whole.choices[0].text, whole.choices[0].finish_reason) == (text, response.finish.reason), id
        sdk = openai_judge.stream(render_stream(events), strict=False)
        chunks = list(sdk.completions.create(model="m", prompt="hi", stream=True))
        choices = [choice for chunk in chunks for choice in chunk.choices]
        assert "".join(choice.text for choice in choices) == text, id
        assert choices[-1].finish_reason == response.finish.reason, id
        assert chunks[-1].usage == whole.usage, id
