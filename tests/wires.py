"""Small true answers of each format, and the requests they answer, for tests that need a provider."""

from __future__ import annotations

import json
from typing import Any

from scripted import Answer, stream, whole

TEXT = "Hello there"


def sse(data: Any, event: str = "") -> bytes:
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


# -- OpenAI chat --------------------------------------------------------------------------

CHAT_REQUEST: dict[str, Any] = {"model": "gpt-test", "messages": [{"role": "user", "content": "Hi"}]}
CHAT_USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}


def chat(message: dict[str, Any] | None = None, finish: str = "stop") -> Answer:
    body = {"role": "assistant", "content": TEXT} if message is None else {"role": "assistant", **message}
    choice = {"index": 0, "message": body, "finish_reason": finish, "logprobs": None}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-test"}
    return whole({**head, "choices": [choice], "usage": CHAT_USAGE})


def chat_chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test"}
    return sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def chat_pieces(*deltas: dict[str, Any], finish: str = "stop") -> list[bytes]:
    usage = sse({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test",
                 "choices": [], "usage": CHAT_USAGE})  # fmt: skip
    middle = [chat_chunk(delta) for delta in deltas or ({"content": "Hello"}, {"content": " there"})]
    return [chat_chunk({"role": "assistant", "content": ""}), *middle, chat_chunk({}, finish), usage, sse("[DONE]")]


def chat_stream(*deltas: dict[str, Any], finish: str = "stop", **more: Any) -> Answer:
    return stream(*chat_pieces(*deltas, finish=finish), **more)


# -- Anthropic ----------------------------------------------------------------------------

MESSAGES_REQUEST: dict[str, Any] = {
    "model": "claude-test",
    "max_tokens": 99,
    "messages": [{"role": "user", "content": "Hi"}],
}
MESSAGES_USAGE = {"input_tokens": 9, "output_tokens": 2}


def message(content: list[Any] | None = None, stop: str = "end_turn") -> Answer:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test"}
    blocks = [{"type": "text", "text": TEXT}] if content is None else content
    return whole({**head, "content": blocks, "stop_reason": stop, "stop_sequence": None, "usage": MESSAGES_USAGE})


def message_pieces() -> list[bytes]:
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test", "content": [],
             "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 1}}  # fmt: skip
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " there"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": MESSAGES_USAGE},
        {"type": "message_stop"},
    ]
    return [sse(event, event["type"]) for event in events]


def message_stream(**more: Any) -> Answer:
    return stream(*message_pieces(), **more)


# -- Gemini -------------------------------------------------------------------------------

CONTENTS_REQUEST: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def content(parts: list[Any] | None = None, finish: str | None = "STOP") -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": parts or [{"text": TEXT}]}, "index": 0, "finishReason": finish}
    usage = {"promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 11}
    kept = {key: value for key, value in candidate.items() if value is not None}
    return {"candidates": [kept], "usageMetadata": usage, "modelVersion": "gemini-test", "responseId": "r1"}


def gemini(parts: list[Any] | None = None) -> Answer:
    return whole(content(parts))


def gemini_stream(**more: Any) -> Answer:
    chunks = (content([{"text": "Hello"}], None), content([{"text": " there"}]))
    return stream(*(f"data: {json.dumps(chunk)}\r\n\r\n".encode() for chunk in chunks), **more)


# -- Gemini Code Assist -------------------------------------------------------------------


def enveloped(inner: bytes) -> bytes:
    return b'{"response": ' + inner + b', "traceId": "t-1"}'


def assist(body: Any = None) -> Answer:
    return whole(enveloped(json.dumps(body or content()).encode()))


def assist_stream() -> Answer:
    inner = [piece.removeprefix(b"data: ").strip() for piece in gemini_stream().pieces]
    return stream(*(b"data: " + enveloped(one) + b"\n\n" for one in inner))


# -- OpenAI legacy completions ------------------------------------------------------------

COMPLETION_REQUEST: dict[str, Any] = {"model": "gpt-test", "prompt": "Hi"}


def completion() -> Answer:
    choice = {"index": 0, "text": TEXT, "finish_reason": "stop", "logprobs": None}
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-test"}
    return whole({**head, "choices": [choice], "usage": CHAT_USAGE})


def completion_stream(**more: Any) -> Answer:
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-test"}

    def chunk(text: str, finish: str | None) -> bytes:
        return sse({**head, "choices": [{"index": 0, "text": text, "finish_reason": finish, "logprobs": None}]})

    return stream(chunk("Hello", None), chunk(" there", None), chunk("", "stop"), sse("[DONE]"), **more)


# -- OpenAI Responses ---------------------------------------------------------------------

INPUT_REQUEST: dict[str, Any] = {"model": "gpt-test", "input": "Hi"}
INPUT_USAGE = {
    "input_tokens": 9, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 11,
}  # fmt: skip


def response_body(status: str, output: list[Any], usage: Any = INPUT_USAGE) -> dict[str, Any]:
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "gpt-test", "output": output,
        "usage": usage, "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
        "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto", "tools": [],
    }  # fmt: skip


def _item(status: str, text: str = "") -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}


def response(output: list[Any] | None = None) -> Answer:
    return whole(response_body("completed", [_item("completed", TEXT)] if output is None else output))


def response_stream(**more: Any) -> Answer:
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response_body("in_progress", [], None)},
        {"type": "response.output_item.added", "output_index": 0, "item": _item("in_progress")},
        {"type": "response.content_part.added", **at, "part": part},
        {"type": "response.output_text.delta", **at, "delta": "Hello", "logprobs": []},
        {"type": "response.output_text.delta", **at, "delta": " there", "logprobs": []},
        {"type": "response.output_text.done", **at, "text": TEXT, "logprobs": []},
        {"type": "response.content_part.done", **at, "part": {**part, "text": TEXT}},
        {"type": "response.output_item.done", "output_index": 0, "item": _item("completed", TEXT)},
        {"type": "response.completed", "response": response_body("completed", [_item("completed", TEXT)])},
    ]
    return stream(*(sse({**e, "sequence_number": n}, e["type"]) for n, e in enumerate(events)), **more)
