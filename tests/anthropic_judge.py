"""Anthropic's own SDK as a judge of what we render: it reads our bytes through a mock transport."""

from __future__ import annotations

from typing import Any

import pytest

anthropic = pytest.importorskip("anthropic")
try:
    import httpx2 as http
except ImportError:  # older SDKs sit on httpx
    import httpx as http

_ASKED: dict[str, Any] = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}


class _Canned(http.BaseTransport):
    def __init__(self, status: int, body: bytes, content_type: str) -> None:
        self._answer = (status, body, content_type)

    def handle_request(self, request: Any) -> Any:
        status, body, content_type = self._answer
        return http.Response(status, headers={"content-type": content_type}, content=body)


def client(body: bytes, content_type: str = "application/json", status: int = 200, strict: bool = False) -> Any:
    """An Anthropic client to which every request is answered with `body`."""
    return anthropic.Anthropic(
        api_key="none",
        base_url="http://127.0.0.1",
        http_client=http.Client(transport=_Canned(status, body, content_type)),
        max_retries=0,
        _strict_response_validation=strict,
    )


def read_whole(body: bytes, strict: bool = False) -> Any:
    return client(body, strict=strict).messages.create(**_ASKED)


def read_stream(body: bytes, strict: bool = False) -> Any:
    """The message that the SDK puts together from a stream."""
    with client(body, "text/event-stream", strict=strict).messages.stream(**_ASKED) as stream:
        return stream.get_final_message()


def meaning(message: Any) -> dict[str, Any]:
    """What a message of the SDK says: text, thoughts, calls, stop reason, counts."""
    blocks = [(block.type, block) for block in message.content]
    usage = message.usage
    counts = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return {
        "text": "".join(block.text for type_, block in blocks if type_ == "text"),
        "cited": [one.cited_text for type_, block in blocks if type_ == "text" for one in block.citations or ()],
        "thinking": [(block.thinking, block.signature or "") for type_, block in blocks if type_ == "thinking"],
        "redacted": [block.data for type_, block in blocks if type_ == "redacted_thinking"],
        "calls": [(block.id, block.name, block.input) for type_, block in blocks if type_ == "tool_use"],
        "builtin": [type_ for type_, _ in blocks if type_ not in ("text", "thinking", "redacted_thinking", "tool_use")],
        "stop": (message.stop_reason, message.stop_sequence),
        "usage": [getattr(usage, name, None) or 0 for name in counts],
    }
