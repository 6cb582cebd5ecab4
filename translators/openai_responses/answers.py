"""Reads and writes whole (not streamed) answers of the Responses API."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from ..collect import events_of
from ..ir import Context, Event, Json, Response, ToolCallEnd
from .output import Output
from .stream_parser import parse_whole


def parse_response(body: Any) -> Iterable[Event]:
    """The events that a stream would have brought. Raises `BadAnswer`."""
    return list(parse_whole(body))


def render_response(response: Response, context: Context) -> Json:
    """The response object: the one that a stream of this answer would have ended with."""
    output = Output(context)
    for event in events_of(response):
        # A whole answer does not say which of its calls were cut: they are looked at when it ends.
        if not isinstance(event, ToolCallEnd):
            deque(output.feed(event), maxlen=0)
    return output.response
