"""OpenAI's own SDK as a judge of what we render: it reads our bytes through a mock transport, strictly."""

from __future__ import annotations

from typing import Any

import pytest

openai = pytest.importorskip("openai")
try:
    import httpx2 as http
except ImportError:  # older SDKs sit on httpx
    import httpx as http


class _Canned(http.BaseTransport):
    def __init__(self, status: int, body: bytes, content_type: str) -> None:
        self._answer = (status, body, content_type)

    def handle_request(self, request: Any) -> Any:
        status, body, content_type = self._answer
        return http.Response(status, headers={"content-type": content_type}, content=body)


def client(body: bytes, content_type: str = "application/json", status: int = 200, strict: bool = True) -> Any:
    """An OpenAI client to which every request is answered with `body`."""
    return openai.OpenAI(
        api_key="none",
        base_url="http://127.0.0.1/v1",
        http_client=http.Client(transport=_Canned(status, body, content_type)),
        max_retries=0,
        _strict_response_validation=strict,
    )


def stream(body: bytes, strict: bool = True) -> Any:
    """The same for a streamed answer."""
    return client(body, "text/event-stream", strict=strict)
