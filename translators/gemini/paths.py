"""Where Gemini requests go and what their path says: model, verb and the form of the stream."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from .. import ir

_PATH = re.compile(r"/models/(?P<model>[^?]+):(?P<verb>[A-Za-z]+)/?(?:\?(?P<query>.*))?$", re.DOTALL)


class Place(NamedTuple):
    model: str
    stream: bool
    json_array: bool


def read_path(path: str) -> Place:
    """``/v1beta/models/M:streamGenerateContent?alt=sse`` and its kin. A path that names no model gives ""."""
    match = _PATH.search(path)
    if not match:
        return Place("", False, False)
    stream = match["verb"].lower().startswith("stream")
    query = dict(parse_qsl(match["query"] or ""))
    alt = query.get("alt") or query.get("$alt") or ""
    return Place(unquote(match["model"]), stream, stream and alt.partition(";")[0].lower() != "sse")


def endpoint(request: ir.Request) -> str:
    """Path and query below the base URL. The model's name comes from the client: it stays one segment of the path."""
    verb = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
    return f"/v1beta/models/{_segment(request.model.removeprefix('models/'))}:{verb}"


def _segment(name: str) -> str:
    quoted = quote(name, safe="", errors="surrogatepass")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")
