"""What a recorded exchange says, in neutral words: the request that the client made, and what was answered."""

from __future__ import annotations

from dataclasses import replace

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import Format
from cliproxy.translators.streams import Observer

from . import recordings
from .recordings import Recorded


def asked(recorded: Recorded) -> ir.Request:
    """Raises `ir.BadRequest`."""
    if not recorded.format:
        raise ir.BadRequest(f"{recorded.request.path.partition('?')[0]} is no request for an answer of a model.")
    request = recorded.format.parse_request(recordings.body(recorded.request), recorded.request.path)
    return replace(request, model=recorded.model, stream=recorded.stream)


def answered(recorded: Recorded) -> ir.Response | None:
    """As the client was told it, and with all that the provider counted. None: nothing was answered."""
    last = recorded.last
    told = read(recorded.format, recorded.response)
    source = read(recorded.provider_format, last.response, b"".join(data for _, data in last.chunks)) if last else None
    if not told or not (told.parts or told.error):
        return source or told
    if told.finish and source and source.finish:
        return replace(told, model=source.model or told.model, finish=source.finish)
    return told


def read(format: Format | None, response: http.Response | None, content: bytes | None = None) -> ir.Response | None:
    """An answer of one format, whole or streamed, be it complete or not. `content`: in place of the response's own."""
    if not format or not response:
        return None
    said = content if content is not None else response.get_content(strict=False) or b""
    if response.status_code >= 400:
        return ir.Response("", "", None, (), error=format.parse_error(response.status_code, _json(said)))
    if not said:
        return None
    if "json" not in response.headers.get("content-type", "") or said.lstrip()[:1] == b"[":
        observer = Observer(format)
        observer.feed(said)
        observer.feed(b"")
        return observer.collected.response()
    try:
        return collect(format.parse_response(wire.loads(said)))
    except (ir.BadAnswer, ValueError) as fault:
        return ir.Response("", "", None, (), error=ir.Error(502, f"unreadable: {fault}"))


def _json(content: bytes) -> object:
    try:
        return wire.loads(content)
    except ValueError:
        return content.decode(errors="replace")
