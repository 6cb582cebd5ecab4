"""A recorded exchange as a cassette of VCR.py, which answers in the network's place in other people's tests."""

from __future__ import annotations

from typing import Any

import yaml

from .portable import Portable, without

HOP = ("transfer-encoding", "content-length", "connection")


def cassette(one: Portable) -> str:
    response = one.response
    content = (response.get_content(strict=False) or b"") if response else b""
    request = {
        "body": _text(one.body),
        "headers": _listed(one.headers),
        "method": one.method,
        "uri": one.base + one.target,
    }
    answer = {
        "body": {"string": _text(content)},
        "headers": _listed(without(response.headers.items(multi=True), *HOP) if response else ()),
        "status": {"code": response.status_code if response else 502, "message": response.reason if response else ""},
    }
    made = {"interactions": [{"request": request, "response": answer}], "version": 1}
    return yaml.safe_dump(made, allow_unicode=True, width=10**6)


def _text(content: bytes) -> str | bytes:
    """VCR.py reads both; text is for people."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _listed(headers: Any) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for name, value in headers:
        listed.setdefault(name, []).append(value)
    return listed
