"""Recorded exchanges of our own making: an Anthropic client on an OpenAI model, at the second attempt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from exchanges import PATHS, request
from mitmproxy import http
from wires import chat_pieces, message_pieces

from cliproxy.addons import retranslate
from cliproxy.addons.recordings import Chunks, Recorded, Tried
from cliproxy.translators import wire

ASKED: dict[str, Any] = {
    "model": "gpt-test(high)", "max_tokens": 1000, "stream": True, "top_k": 5,
    "system": [{"type": "text", "text": "Be terse.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "How warm is it in Paris?"},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "toolu_01", "name": "get_weather", "input": {"city": "Paris"}},
        ]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": "18 °C"}]},
    ],
    "tools": [{"name": "get_weather", "description": "Tells the weather.", "input_schema": {"type": "object"}}],
    "context_management": {"edits": []},
}  # fmt: skip
FACTS = {
    "id": "1a2b3c4d", "client": "laptop", "format": "anthropic", "provider_format": "openai_chat", "same": False,
    "asked": "gpt-test(high)", "model": "gpt-test", "provider": "openai", "account": "openai-2", "status": 200,
    "began": 1_767_225_600.0, "seconds": 1.5, "first_byte": 0.75, "tokens": {"input": 9, "output": 2},
    "lost": ["anthropic:context_management", "cache", "top_k"],
    "attempts": [
        {"credential": "openai-1", "provider": "openai", "status": 503, "seconds": 0.25, "failure": ""},
        {"credential": "openai-2", "provider": "openai", "status": 200, "seconds": 1.25, "failure": ""},
    ],
}  # fmt: skip
STREAM = {"content-type": "text/event-stream"}


def timed(pieces: list[bytes]) -> Chunks:
    return tuple((0.5 + n / 4, piece) for n, piece in enumerate(pieces))


def translated(body: Any = ASKED, **facts: Any) -> Recorded:
    headers = {"x-api-key": "[redacted]", "anthropic-version": "2023-06-01", "x-request-id": "r1"}
    asked = request("POST", PATHS["anthropic"], body, headers)
    one = Recorded({**FACTS, **facts}, asked, http.Response.make(200, b"".join(message_pieces()), STREAM))
    one = replace(one, attempts=(Tried(request(), None),))
    call = retranslate.again(one)
    assert call
    sent = request(
        "POST", "/v1/chat/completions", wire.dumps(retranslate.translated(call).sent),
        {"x-request-id": "r1", "authorization": "[openai-2]"},
    )  # fmt: skip
    busy = http.Response.make(503, b'{"error":{"message":"busy"}}', {"content-type": "application/json"})
    first = Tried(sent, busy, ((0.25, busy.content or b""),), FACTS["began"], "openai-1")  # type: ignore[arg-type]
    head = http.Response.make(200, b"", STREAM)
    return replace(one, attempts=(first, Tried(sent, head, timed(chat_pieces()), 1_767_225_600.25, "openai-2")))


def refused() -> Recorded:
    """Answered before any provider was asked."""
    error = b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'
    response = http.Response.make(400, error, {"content-type": "application/json"})
    return Recorded({"id": "ffff0000"}, request("POST", PATHS["anthropic"], ASKED), response)
