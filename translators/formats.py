"""What a format offers, and which formats there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from . import anthropic, gemini, ir, openai_chat, openai_completions, openai_responses, sse
from .ir import Json


class Decoder(Protocol):
    """Cuts the provider's bytes into events; any cut of the bytes gives the same events."""

    def feed(self, data: bytes) -> list[sse.ServerSentEvent]: ...
    def close(self) -> list[sse.ServerSentEvent]: ...


class StreamParser(Protocol):
    """Wire events in, IR events out. Raises `ir.BadAnswer` for what is no answer of this format.

    Exactly one `Finish` or `Error` comes, last; `close` makes it an Error when the stream broke off before its end.
    """

    def feed(self, event: sse.ServerSentEvent) -> Iterable[ir.Event]: ...
    def close(self) -> Iterable[ir.Event]: ...


class StreamRenderer(Protocol):
    """IR events in, bytes for the client out: one `bytes` for each write worth making."""

    def feed(self, event: ir.Event) -> Iterable[bytes]: ...


class Format(Protocol):
    """A wire format. Each is one module; none knows another. No function sees two formats."""

    @property
    def NAME(self) -> str: ...
    @property
    def SUPPORTS(self) -> frozenset[str]:
        """The features (see `losses.FEATURES`) that a request of this format can say."""

    @property
    def TOOL_NAME(self) -> re.Pattern[str]:
        """A full match of a legal tool name."""

    def parse_request(self, body: Json, path: str) -> ir.Request:
        """`path`: the request's path with its query. Raises `ir.BadRequest`."""

    def render_request(self, request: ir.Request) -> Json: ...
    def endpoint(self, request: ir.Request) -> str:
        """Path and query below the provider's base URL."""

    def parse_response(self, body: Json) -> Iterable[ir.Event]:
        """A whole answer as the events that a stream would have brought. Raises `ir.BadAnswer`."""

    def render_response(self, response: ir.Response, context: ir.Context) -> Json:
        """A whole answer; `response.finish` is set."""

    def parse_error(self, status: int, body: object) -> ir.Error:
        """`body`: parsed JSON, or text where it is none. Never raises: errors come in every shape."""

    def render_error(self, error: ir.Error) -> Json: ...
    def Decoder(self) -> Decoder: ...
    def StreamParser(self) -> StreamParser: ...
    def StreamRenderer(self, context: ir.Context) -> StreamRenderer: ...


FORMATS: dict[str, Format] = {
    module.NAME: module for module in (openai_chat, openai_responses, openai_completions, anthropic, gemini)
}
