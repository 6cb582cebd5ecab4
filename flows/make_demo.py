"""Writes ``flows/demo``: one recorded answer for each format, whole and streamed, in the true wire format.

Run it after changing a text: ``uv run python flows/make_demo.py``. All of it is our own; no provider was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mitmproxy import connection, http, io

HERE = Path(__file__).parent / "demo"
CREATED = 1_767_225_600
PAUSE = 0.03
WORDS = (
    "Hello! ", "This answer ", "comes ", "from a ", "recorded ", "flow, ", "through ", "the same ", "routing, ",
    "translation ", "and ", "streaming ", "as a real ", "provider's. ", "Add a key ", "to config.yaml ", "to go live.",
)  # fmt: skip
TEXT = "".join(WORDS)
PROMPT, ANSWERED = 12, len(WORDS)
ASKED = [{"role": "user", "content": "Hello!"}]


def sse(*events: tuple[str, Any], named: bool = False) -> list[bytes]:
    lines = []
    for name, data in events:
        text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        lines.append((f"event: {name}\n" if named else "") + f"data: {text}\n\n")
    return [line.encode() for line in lines]


# -- OpenAI chat completions --------------------------------------------------------------


def chat_usage() -> dict[str, Any]:
    return {"prompt_tokens": PROMPT, "completion_tokens": ANSWERED, "total_tokens": PROMPT + ANSWERED}


def chat_whole() -> list[bytes]:
    message = {"role": "assistant", "content": TEXT, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    body = {"id": "chatcmpl-demo", "object": "chat.completion", "created": CREATED, "model": "gpt-5"}
    return [json.dumps({**body, "choices": [choice], "usage": chat_usage()}).encode()]


def chat_stream() -> list[bytes]:
    head = {"id": "chatcmpl-demo", "object": "chat.completion.chunk", "created": CREATED, "model": "gpt-5"}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> tuple[str, Any]:
        return "", {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None}

    return sse(
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": word}) for word in WORDS),
        chunk({}, "stop"),
        ("", {**head, "choices": [], "usage": chat_usage()}),
        ("", "[DONE]"),
    )


# -- OpenAI legacy completions ------------------------------------------------------------


def completion(text: str, finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
    head = {"id": "cmpl-demo", "object": "text_completion", "created": CREATED, "model": "gpt-3.5-turbo-instruct"}
    return {**head, "choices": [choice]}


def completion_whole() -> list[bytes]:
    return [json.dumps({**completion(TEXT, "stop"), "usage": chat_usage()}).encode()]


def completion_stream() -> list[bytes]:
    pieces = [("", completion(word, None)) for word in WORDS]
    return sse(*pieces, ("", completion("", "stop")), ("", "[DONE]"))


# -- OpenAI Responses ---------------------------------------------------------------------


def response(status: str, output: list[Any], usage: Any) -> dict[str, Any]:
    return {
        "id": "resp_demo", "object": "response", "created_at": CREATED, "status": status, "model": "gpt-5",
        "output": output, "usage": usage, "error": None, "incomplete_details": None, "instructions": None,
        "metadata": {}, "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto",
        "tools": [], "store": False, "previous_response_id": None,
    }  # fmt: skip


def response_usage() -> dict[str, Any]:
    return {
        "input_tokens": PROMPT, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": ANSWERED, "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": PROMPT + ANSWERED,
    }  # fmt: skip


def output_text(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def message_item(status: str, content: list[Any]) -> dict[str, Any]:
    return {"id": "msg_demo", "type": "message", "role": "assistant", "status": status, "content": content}


def responses_whole() -> list[bytes]:
    item = message_item("completed", [output_text(TEXT)])
    return [json.dumps(response("completed", [item], response_usage())).encode()]


def responses_stream() -> list[bytes]:
    at = {"item_id": "msg_demo", "output_index": 0, "content_index": 0}
    done = message_item("completed", [output_text(TEXT)])
    events: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": response("in_progress", [], None)}),
        ("response.in_progress", {"response": response("in_progress", [], None)}),
        ("response.output_item.added", {"output_index": 0, "item": message_item("in_progress", [])}),
        ("response.content_part.added", {**at, "part": output_text("")}),
        *(("response.output_text.delta", {**at, "delta": word, "logprobs": []}) for word in WORDS),
        ("response.output_text.done", {**at, "text": TEXT, "logprobs": []}),
        ("response.content_part.done", {**at, "part": output_text(TEXT)}),
        ("response.output_item.done", {"output_index": 0, "item": done}),
        ("response.completed", {"response": response("completed", [done], response_usage())}),
    ]
    numbered = ((name, {"type": name, "sequence_number": n, **data}) for n, (name, data) in enumerate(events))
    return sse(*numbered, named=True)


# -- Anthropic Messages -------------------------------------------------------------------


def anthropic_message(content: list[Any], stop: str | None, answered: int) -> dict[str, Any]:
    usage = {
        "input_tokens": PROMPT, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": answered,
    }  # fmt: skip
    head = {"id": "msg_demo", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5"}
    return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def anthropic_whole() -> list[bytes]:
    return [json.dumps(anthropic_message([{"type": "text", "text": TEXT}], "end_turn", ANSWERED)).encode()]


def anthropic_stream() -> list[bytes]:
    events: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": anthropic_message([], None, 1)}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("ping", {}),
        *(("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}}) for word in WORDS),
        ("content_block_stop", {"index": 0}),
        (
            "message_delta",
            {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": ANSWERED}},
        ),
        ("message_stop", {}),
    ]
    return sse(*((name, {"type": name, **data}) for name, data in events), named=True)


# -- Gemini -------------------------------------------------------------------------------


def gemini_answer(text: str, finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    usage = {"promptTokenCount": PROMPT, "candidatesTokenCount": ANSWERED, "totalTokenCount": PROMPT + ANSWERED}
    head = {"modelVersion": "gemini-2.5-pro", "responseId": "demo"}
    return {"candidates": [candidate], "usageMetadata": usage, **head}


def gemini_whole() -> list[bytes]:
    return [json.dumps(gemini_answer(TEXT, "STOP")).encode()]


def gemini_stream() -> list[bytes]:
    chunks = [gemini_answer(word, None) for word in WORDS[:-1]] + [gemini_answer(WORDS[-1], "STOP")]
    return [f"data: {json.dumps(chunk, separators=(',', ':'))}\r\n\r\n".encode() for chunk in chunks]


# -- flows --------------------------------------------------------------------------------

GEMINI = "/v1beta/models/gemini-2.5-pro"
CONTENTS = {"contents": [{"role": "user", "parts": [{"text": "Hello!"}]}]}
CHAT = {"model": "gpt-5", "messages": ASKED}
PROMPTED = {"model": "gpt-3.5-turbo-instruct", "prompt": "Hello!"}
INPUT = {"model": "gpt-5", "input": "Hello!"}
MESSAGES = {"model": "claude-sonnet-4-5", "max_tokens": 1024, "messages": ASKED}
OPENAI, ANTHROPIC, GOOGLE = (
    "https://api.openai.com",
    "https://api.anthropic.com",
    "https://generativelanguage.googleapis.com",
)

RECORDED: dict[str, tuple[str, dict[str, Any], list[bytes]]] = {
    "openai_chat-whole": (f"{OPENAI}/v1/chat/completions", CHAT, chat_whole()),
    "openai_chat-stream": (f"{OPENAI}/v1/chat/completions", {**CHAT, "stream": True}, chat_stream()),
    "openai_completions-whole": (f"{OPENAI}/v1/completions", PROMPTED, completion_whole()),
    "openai_completions-stream": (f"{OPENAI}/v1/completions", {**PROMPTED, "stream": True}, completion_stream()),
    "openai_responses-whole": (f"{OPENAI}/v1/responses", INPUT, responses_whole()),
    "openai_responses-stream": (f"{OPENAI}/v1/responses", {**INPUT, "stream": True}, responses_stream()),
    "anthropic-whole": (f"{ANTHROPIC}/v1/messages", MESSAGES, anthropic_whole()),
    "anthropic-stream": (f"{ANTHROPIC}/v1/messages", {**MESSAGES, "stream": True}, anthropic_stream()),
    "gemini-whole": (f"{GOOGLE}{GEMINI}:generateContent", CONTENTS, gemini_whole()),
    "gemini-stream": (f"{GOOGLE}{GEMINI}:streamGenerateContent?alt=sse", CONTENTS, gemini_stream()),
}


def recorded(name: str, url: str, body: dict[str, Any], pieces: list[bytes]) -> http.HTTPFlow:
    at = float(CREATED)
    client = connection.Client(peername=("", 0), sockname=("", 0), timestamp_start=at, id=f"{name}-client")
    flow = http.HTTPFlow(client, connection.Server(address=None, id=f"{name}-server"))
    flow.id, flow.timestamp_created = name, at
    flow.request = http.Request.make("POST", url, json.dumps(body), {"content-type": "application/json"})
    kind = "text/event-stream" if name.endswith("stream") else "application/json"
    flow.response = http.Response.make(200, b"".join(pieces), {"content-type": kind})
    for message in (flow.request, flow.response):
        message.timestamp_start = message.timestamp_end = at
    chunks = [[round(PAUSE * n, 3), len(piece)] for n, piece in enumerate(pieces, 1)]
    flow.metadata = {"cliproxy.side": "provider", "cliproxy.id": name, "cliproxy.chunks": chunks}
    flow.comment = "made by flows/make_demo.py"
    return flow


def write(folder: Path, names: Iterable[str] = RECORDED) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        with (folder / f"{name}.flow").open("wb") as file:
            io.FlowWriter(file).add(recorded(name, *RECORDED[name]))


if __name__ == "__main__":
    write(HERE)
