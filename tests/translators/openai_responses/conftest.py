"""Shorthands for streams of this format: wire events as dicts, IR events as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from cliproxy.translators import ir, openai_responses
from cliproxy.translators.sse import ServerSentEvent

type Read = Callable[..., list[ir.Event]]
type Write = Callable[..., list[dict[str, Any]]]

CONTEXT = ir.Context("0123456789", 1_700_000_000, ir.Request("asked-for", stream=True))


@pytest.fixture
def context() -> ir.Context:
    return CONTEXT


@pytest.fixture
def read() -> Read:
    """The events that the parser makes of these wire events, its closing word included."""

    def read(*sent: dict[str, Any]) -> list[ir.Event]:
        parser = openai_responses.StreamParser()
        events = [one for data in sent for one in parser.feed(ServerSentEvent("", json.dumps(data)))]
        return [*events, *parser.close()]

    return read


@pytest.fixture
def write() -> Write:
    """The wire events that the renderer makes of these events."""

    def write(*events: ir.Event, context: ir.Context = CONTEXT) -> list[dict[str, Any]]:
        renderer, decoder = openai_responses.StreamRenderer(context), openai_responses.Decoder()
        sent = decoder.feed(b"".join(piece for event in events for piece in renderer.feed(event)))
        assert all(json.loads(one.data)["type"] == one.event for one in sent)
        return [json.loads(one.data) for one in sent]

    return write


@pytest.fixture
def types() -> Callable[[Iterable[dict[str, Any]]], list[str]]:
    return lambda sent: [one["type"].removeprefix("response.") for one in sent]
