"""A recorded exchange as an HTTP Archive (http://www.softwareishard.com/blog/har-12-spec/), an entry for each side."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mitmproxy import http

from cliproxy.addons.recordings import Chunks, Recorded

from .portable import LOCAL, without_key

UNKNOWN = -1
"""What HAR says where it isn't known."""


def har(one: Recorded) -> str:
    seconds = float(one.facts.get("seconds") or 0)
    client = _entry("client", LOCAL, one.request, one.response, one.began, None, seconds)
    attempts = [
        _entry(f"provider, attempt {n}", "", t.request, t.response, t.began or one.began, t.chunks, None)
        for n, t in enumerate(one.attempts, 1)
    ]
    creator = {"name": "cliproxy", "version": version("cliproxy")}
    log = {"version": "1.2", "creator": creator, "entries": [client, *attempts]}
    return json.dumps({"log": log}, indent=2, ensure_ascii=False)


def _entry(
    comment: str,
    base: str,
    request: http.Request,
    response: http.Response | None,
    began: float,
    chunks: Chunks | None,
    seconds: float | None,
) -> dict[str, Any]:
    timings = _timings(chunks, seconds or 0)
    return {
        "startedDateTime": datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds"),
        "time": round(sum(value for value in timings.values() if value > 0), 3),
        "request": _request(request, base),
        "response": _response(response),
        "cache": {},
        "timings": timings,
        "comment": comment,
    }


def _timings(chunks: Chunks | None, seconds: float) -> dict[str, float]:
    """Milliseconds. Only the provider's side says when its first byte came."""
    first, last = (chunks[0][0], chunks[-1][0]) if chunks else (0.0, seconds)
    return {"send": 0, "wait": round(first * 1000, 3), "receive": round(max(0.0, last - first) * 1000, 3)}


def _request(request: http.Request, base: str) -> dict[str, Any]:
    content = request.get_content(strict=False) or b""
    url = (base + without_key(request.path)) if base else request.url
    made: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": request.http_version,
        "cookies": [],
        "headers": _pairs(request.headers.items(multi=True)),
        "queryString": _pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": len(content),
    }
    if content:
        kind = request.headers.get("content-type", "application/octet-stream")
        made["postData"] = {"mimeType": kind, "text": content.decode("utf-8", "replace"), "params": []}
    return made


def _response(response: http.Response | None) -> dict[str, Any]:
    """Without an answer: status 0, as browsers write it."""
    content = (response.get_content(strict=False) or b"") if response else b""
    return {
        "status": response.status_code if response else 0,
        "statusText": response.reason if response else "",
        "httpVersion": response.http_version if response else "",
        "cookies": [],
        "headers": _pairs(response.headers.items(multi=True)) if response else [],
        "content": _content(content, response.headers.get("content-type", "") if response else ""),
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": len(content) if response else UNKNOWN,
    }


def _content(content: bytes, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {"size": len(content), "mimeType": kind or "application/octet-stream"}
    try:
        return {**made, "text": content.decode()}
    except UnicodeDecodeError:
        return {**made, "text": base64.b64encode(content).decode(), "encoding": "base64"}


def _pairs(values: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values]
