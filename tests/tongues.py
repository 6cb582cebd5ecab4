"""Speaks and hears each wire format: conversations, answers and streams as their makers write them.

Nothing here is taken from the translators, so that a spelling which is wrong in both directions is found out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}


@dataclass(frozen=True)
class Call:
    id: str = "call_1"
    name: str = "look"
    arguments: str = '{"at":"sky"}'

    @property
    def input(self) -> Any:
        return json.loads(self.arguments)


@dataclass(frozen=True)
class Turn:
    """`role`: system, user, assistant or tool. `results`: what `calls` of an earlier turn gave."""

    role: str
    text: str = ""
    calls: tuple[Call, ...] = ()
    results: tuple[tuple[Call, str], ...] = ()


def system(text: str) -> Turn:
    return Turn("system", text)


def user(text: str) -> Turn:
    return Turn("user", text)


def assistant(text: str = "", *calls: Call) -> Turn:
    return Turn("assistant", text, calls)


def results(*pairs: tuple[Call, str]) -> Turn:
    return Turn("tool", results=pairs)


# -- what clients ask ---------------------------------------------------------------------


def _chat_messages(turn: Turn) -> list[Any]:
    if turn.role == "tool":
        return [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in turn.results]
    message: dict[str, Any] = {"role": turn.role, "content": turn.text or None if turn.calls else turn.text}
    if turn.calls:
        message["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in turn.calls
        ]
    return [message]


def _responses_items(turn: Turn) -> list[Any]:
    if turn.role == "tool":
        return [{"type": "function_call_output", "call_id": call.id, "output": text} for call, text in turn.results]
    kind = "output_text" if turn.role == "assistant" else "input_text"
    said = {"type": "message", "role": turn.role, "content": [{"type": kind, "text": turn.text}]}
    calls = [{"type": "function_call", "call_id": c.id, "name": c.name, "arguments": c.arguments} for c in turn.calls]
    return ([said] if turn.text else []) + calls


def _anthropic_messages(turn: Turn) -> list[Any]:
    if turn.role == "tool":
        blocks: list[Any] = [{"type": "tool_result", "tool_use_id": c.id, "content": text} for c, text in turn.results]
        return [{"role": "user", "content": blocks}]
    blocks = [{"type": "text", "text": turn.text}] if turn.text else []
    blocks += [{"type": "tool_use", "id": c.id, "name": c.name, "input": c.input} for c in turn.calls]
    return [{"role": turn.role, "content": blocks}]


def _gemini_contents(turn: Turn) -> list[Any]:
    if turn.role == "tool":
        answers = [
            {"functionResponse": {"id": c.id, "name": c.name, "response": {"output": text}}} for c, text in turn.results
        ]
        return [{"role": "user", "parts": answers}]
    parts: list[Any] = [{"text": turn.text}] if turn.text else []
    parts += [{"functionCall": {"id": c.id, "name": c.name, "args": c.input}} for c in turn.calls]
    return [{"role": "model" if turn.role == "assistant" else "user", "parts": parts}]


def _chat_tool(name: str, schema: Any) -> Any:
    return {"type": "function", "function": {"name": name, "description": "Look.", "parameters": schema}}


def asks(client: str, *turns: Turn, tools: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A client's request, without its model. `tools`: name → JSON Schema; `more`: fields in the format's own words."""
    said = turns or (user("Hi"),)
    named = (tools or {}).items()
    match client:
        case "openai_chat":
            body: dict[str, Any] = {"messages": [one for turn in said for one in _chat_messages(turn)]}
            body |= {"tools": [_chat_tool(*tool) for tool in named]} if tools else {}
        case "openai_responses":
            body = {"input": [one for turn in said for one in _responses_items(turn)]}
            listed = [{"type": "function", "name": n, "description": "Look.", "parameters": s} for n, s in named]
            body |= {"tools": listed} if tools else {}
        case "anthropic":
            heard = [turn for turn in said if turn.role != "system"]
            body = {"max_tokens": 500, "messages": [one for turn in heard for one in _anthropic_messages(turn)]}
            if instructions := "\n".join(turn.text for turn in said if turn.role == "system"):
                body["system"] = instructions
            body |= (
                {"tools": [{"name": n, "description": "Look.", "input_schema": s} for n, s in named]} if tools else {}
            )
        case "gemini":
            heard = [turn for turn in said if turn.role != "system"]
            body = {"contents": [one for turn in heard for one in _gemini_contents(turn)]}
            if instructions := "\n".join(turn.text for turn in said if turn.role == "system"):
                body["systemInstruction"] = {"parts": [{"text": instructions}]}
            listed = [{"name": n, "description": "Look.", "parametersJsonSchema": s} for n, s in named]
            body |= {"tools": [{"functionDeclarations": listed}]} if tools else {}
        case _:
            body = {"prompt": "\n".join(turn.text for turn in said)}
    return {**body, **more}


def goes_on(client: str, request: dict[str, Any], answer: Any, *said: Turn) -> dict[str, Any]:
    """The next request: the conversation so far, the answer just as the client got it, and what it says to that."""
    more = asks(client, *said)
    key = {"openai_responses": "input", "gemini": "contents"}.get(client, "messages")
    match client:
        case "openai_chat":
            back = [answer["choices"][0]["message"]]
        case "openai_responses":
            back = answer["output"]
        case "anthropic":
            back = [{"role": "assistant", "content": answer["content"]}]
        case _:
            back = [answer["candidates"][0]["content"]]
    return {**request, key: [*request[key], *back, *more[key]]}


# -- what providers answer ----------------------------------------------------------------

ENDS: dict[str, dict[str, str]] = {
    "openai_chat": {"stop": "stop", "length": "length", "tool_calls": "tool_calls", "content_filter": "content_filter"},
    "anthropic": {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"},
    "gemini": {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"},
    "openai_responses": {
        "stop": "completed",
        "length": "max_output_tokens",
        "tool_calls": "completed",
        "content_filter": "content_filter",
    },
    "openai_completions": {
        "stop": "stop",
        "length": "length",
        "tool_calls": "stop",
        "content_filter": "content_filter",
    },
}
"""Why an answer ends, in each format's word. For the Responses API: the status, or the reason of an incomplete one."""


@dataclass(frozen=True)
class Spoken:
    """An answer to be said. Tokens: 30 in, of which 10 from the cache; 12 out, of which 5 for `thought`."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    end: str = ""
    signature: str = ""

    @property
    def reason(self) -> str:
        return self.end or ("tool_calls" if self.calls else "stop")


def sse(data: Any, event: str = "") -> bytes:
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {event}\n" if event else "").encode() + f"data: {text}\n\n".encode()


def halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [piece for piece in (text[:middle], text[middle:]) if piece]


CHAT_USAGE = {
    "prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42,
    "prompt_tokens_details": {"cached_tokens": 10}, "completion_tokens_details": {"reasoning_tokens": 5},
}  # fmt: skip
RESPONSES_USAGE = {
    "input_tokens": 30, "input_tokens_details": {"cached_tokens": 10}, "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 42,
}  # fmt: skip
ANTHROPIC_USAGE = {
    "input_tokens": 20, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 0, "output_tokens": 12,
}  # fmt: skip
GEMINI_USAGE = {
    "promptTokenCount": 30, "cachedContentTokenCount": 10, "candidatesTokenCount": 7, "thoughtsTokenCount": 5,
    "totalTokenCount": 42,
}  # fmt: skip


def chat_chunk(delta: Any, finish: str | None = None, **more: Any) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return sse({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish, **more}]})


def chat_usage(usage: Any = CHAT_USAGE) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return sse({**head, "choices": [], "usage": usage})


def chat_body(message: Any, finish: str = "stop", usage: Any = CHAT_USAGE) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def _chat(spoken: Spoken) -> dict[str, Any]:
    message: dict[str, Any] = {"content": spoken.text or None}
    if spoken.thought:
        message["reasoning_content"] = spoken.thought
    if spoken.calls:
        message["tool_calls"] = _chat_messages(Turn("assistant", calls=spoken.calls))[0]["tool_calls"]
    return chat_body(message, ENDS["openai_chat"][spoken.reason])


def _chat_stream(spoken: Spoken) -> list[bytes]:
    pieces = [chat_chunk({"role": "assistant", "content": ""})]
    pieces += [chat_chunk({"reasoning_content": piece}) for piece in halves(spoken.thought)]
    pieces += [chat_chunk({"content": piece}) for piece in halves(spoken.text)]
    for index, call in enumerate(spoken.calls):
        function = {"name": call.name, "arguments": ""}
        pieces.append(
            chat_chunk({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]})
        )
        pieces += [
            chat_chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
            for piece in halves(call.arguments)
        ]
    return [*pieces, chat_chunk({}, ENDS["openai_chat"][spoken.reason]), chat_usage(), sse("[DONE]")]


def message_body(content: list[Any], stop: str = "end_turn", usage: Any = ANTHROPIC_USAGE) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    return {**head, "content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def message_start(usage: Any = ANTHROPIC_USAGE) -> bytes:
    message = {**message_body([], usage={**usage, "output_tokens": 1}), "stop_reason": None}
    return sse({"type": "message_start", "message": message}, "message_start")


def block(index: int, start: Any, *deltas: Any, stop: bool = True) -> bytes:
    """One content block of a stream."""
    events = [{"type": "content_block_start", "index": index, "content_block": start}]
    events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
    events += [{"type": "content_block_stop", "index": index}] if stop else []
    return b"".join(sse(event, event["type"]) for event in events)


def message_end(stop: str = "end_turn", usage: Any = None) -> bytes:
    counted = usage if usage is not None else {"output_tokens": 12}
    delta = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": counted}
    return sse(delta, "message_delta") + sse({"type": "message_stop"}, "message_stop")


def _anthropic(spoken: Spoken) -> dict[str, Any]:
    thoughts = (
        [{"type": "thinking", "thinking": spoken.thought, "signature": spoken.signature}] if spoken.thought else []
    )
    content = _anthropic_messages(Turn("assistant", spoken.text, spoken.calls))[0]["content"]
    return message_body(thoughts + content, ENDS["anthropic"][spoken.reason])


def _anthropic_stream(spoken: Spoken) -> list[bytes]:
    pieces, index = [message_start()], 0
    if spoken.thought:
        deltas = [{"type": "thinking_delta", "thinking": piece} for piece in halves(spoken.thought)]
        deltas += [{"type": "signature_delta", "signature": spoken.signature}]
        pieces.append(block(index, {"type": "thinking", "thinking": "", "signature": ""}, *deltas))
        index += 1
    if spoken.text:
        texts = [{"type": "text_delta", "text": piece} for piece in halves(spoken.text)]
        pieces.append(block(index, {"type": "text", "text": ""}, *texts))
        index += 1
    for place, call in enumerate(spoken.calls, index):
        parts = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *halves(call.arguments)]]
        pieces.append(block(place, {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}, *parts))
    return [*pieces, message_end(ENDS["anthropic"][spoken.reason])]


def candidate(parts: list[Any], finish: str | None = "STOP", usage: Any = GEMINI_USAGE) -> dict[str, Any]:
    one: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        one["finishReason"] = finish
    body = {"candidates": [one], "modelVersion": "m", "responseId": "r1"}
    return {**body, "usageMetadata": usage} if usage else body


def gemini_chunk(parts: list[Any], finish: str | None = None, usage: Any = None) -> bytes:
    return f"data: {json.dumps(candidate(parts, finish, usage))}\r\n\r\n".encode()


def _gemini_calls(spoken: Spoken) -> list[Any]:
    calls = [{"functionCall": {"id": c.id, "name": c.name, "args": c.input}} for c in spoken.calls]
    return [{**call, "thoughtSignature": spoken.signature} for call in calls] if spoken.signature else calls


def _gemini(spoken: Spoken) -> dict[str, Any]:
    parts: list[Any] = [{"text": spoken.thought, "thought": True}] if spoken.thought else []
    parts += [{"text": spoken.text}] if spoken.text else []
    return candidate(parts + _gemini_calls(spoken), ENDS["gemini"][spoken.reason])


def _gemini_stream(spoken: Spoken) -> list[bytes]:
    parts: list[Any] = [{"text": piece, "thought": True} for piece in halves(spoken.thought)]
    parts += [{"text": piece} for piece in halves(spoken.text)] + _gemini_calls(spoken)
    pieces = [gemini_chunk([part]) for part in parts]
    return [*pieces, gemini_chunk([{"text": ""}], ENDS["gemini"][spoken.reason], GEMINI_USAGE)]


def _items(spoken: Spoken) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if spoken.thought:
        summary = [{"type": "summary_text", "text": spoken.thought}]
        seal = {"encrypted_content": spoken.signature} if spoken.signature else {}
        items.append({"id": "rs_1", "type": "reasoning", "summary": summary, **seal})
    if spoken.text:
        content = [{"type": "output_text", "text": spoken.text, "annotations": [], "logprobs": []}]
        items.append({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content})
    for number, call in enumerate(spoken.calls):
        said = {"call_id": call.id, "name": call.name, "arguments": call.arguments, "status": "completed"}
        items.append({"id": f"fc_{number}", "type": "function_call", **said})
    return items


def response_body(output: list[Any], end: str = "completed", usage: Any = RESPONSES_USAGE) -> dict[str, Any]:
    """`end`: a status, or why the answer is incomplete."""
    cut = end in ("max_output_tokens", "content_filter")
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "status": "incomplete" if cut else end, "model": "m",
        "output": output, "usage": usage, "error": None, "incomplete_details": {"reason": end} if cut else None,
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    }  # fmt: skip


def _responses(spoken: Spoken) -> dict[str, Any]:
    return response_body(_items(spoken), ENDS["openai_responses"][spoken.reason])


def item_events(place: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of one output item."""
    at = {"item_id": item["id"], "output_index": place}
    match item["type"]:
        case "reasoning":
            empty, key, name = {**item, "summary": []}, "summary_index", "response.reasoning_summary_text"
            text = item["summary"][0]["text"]
        case "message":
            empty, key, name = {**item, "content": [], "status": "in_progress"}, "content_index", "response.output_text"
            text = item["content"][0]["text"]
        case _:
            empty, key, name = (
                {**item, "arguments": "", "status": "in_progress"},
                "",
                "response.function_call_arguments",
            )
            text = item["arguments"]
    inner = {**at, key: 0} if key else at
    events: list[dict[str, Any]] = [{"type": "response.output_item.added", "output_index": place, "item": empty}]
    events += [{"type": f"{name}.delta", **inner, "delta": piece} for piece in halves(text)]
    done = {"arguments": text} if not key else {"text": text}
    events.append({"type": f"{name}.done", **inner, **done})
    return [*events, {"type": "response.output_item.done", "output_index": place, "item": item}]


def response_events(events: list[dict[str, Any]]) -> list[bytes]:
    return [sse({**event, "sequence_number": number}, event["type"]) for number, event in enumerate(events)]


def response_start() -> dict[str, Any]:
    return {"type": "response.created", "response": response_body([], "in_progress", None)}


def _responses_stream(spoken: Spoken) -> list[bytes]:
    items = _items(spoken)
    events = [response_start()]
    events += [event for place, item in enumerate(items) for event in item_events(place, item)]
    body = _responses(spoken)
    return response_events([*events, {"type": f"response.{body['status']}", "response": body}])


_WHOLE = {"openai_chat": _chat, "anthropic": _anthropic, "gemini": _gemini, "openai_responses": _responses}
_STREAM = {
    "openai_chat": _chat_stream,
    "anthropic": _anthropic_stream,
    "gemini": _gemini_stream,
    "openai_responses": _responses_stream,
}


def says(upstream: str, text: str = "", **more: Any) -> dict[str, Any]:
    """A provider's whole answer: `Spoken` tells what it can hold."""
    return _WHOLE[upstream](Spoken(text, **more))


def streams(upstream: str, text: str = "", **more: Any) -> list[bytes]:
    """The same as a stream, one piece an event."""
    return _STREAM[upstream](Spoken(text, **more))


# -- what clients hear --------------------------------------------------------------------


@dataclass
class Heard:
    """An answer as a plain client of the format understands it. `end`: the format's own word for why it ended.

    `calls`: index of the call → [id, name, arguments as text]. `usage`: the format's own counts. `error`: its own
    error object. `events`: all that came, parsed.
    """

    text: str = ""
    thought: str = ""
    calls: dict[Any, list[str]] = field(default_factory=dict)
    end: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    error: Any = None
    closed: bool = False
    """The format's terminal event came."""
    events: list[Any] = field(default_factory=list)

    @property
    def called(self) -> list[tuple[str, Any]]:
        """Names and parsed arguments, in order."""
        return [(name, json.loads(arguments)) for _, name, arguments in self.calls.values()]


def events_of(body: bytes) -> list[Any]:
    """The data of server-sent events; each has JSON in one line, or is ``[DONE]``."""
    found: list[Any] = []
    for event in body.decode().replace("\r\n", "\n").split("\n\n"):
        data = [line.removeprefix("data:").strip() for line in event.split("\n") if line.startswith("data:")]
        if data:
            found.append(data[0] if data[0] == "[DONE]" else json.loads("\n".join(data)))
    return found


def hears(client: str, body: Any) -> Heard:
    """A whole answer."""
    heard = Heard(events=[body], closed=True)
    if body.get("error"):
        heard.error = body["error"]
        return heard
    match client:
        case "openai_chat":
            choice = body["choices"][0]
            _hear_chat(heard, choice["message"])
            heard.end, heard.usage = choice["finish_reason"], body.get("usage") or {}
        case "openai_completions":
            choice = body["choices"][0]
            heard.text, heard.end, heard.usage = choice["text"], choice["finish_reason"], body.get("usage") or {}
        case "anthropic":
            for index, one in enumerate(body["content"]):
                _hear_block(heard, index, one)
            heard.end, heard.usage = body["stop_reason"], body["usage"]
        case "gemini":
            _hear_gemini(heard, body)
        case "openai_responses":
            _hear_response(heard, body)
    return heard


def _hear_chat(heard: Heard, delta: Any) -> None:
    heard.text += delta.get("content") or ""
    heard.thought += delta.get("reasoning_content") or ""
    for place, call in enumerate(delta.get("tool_calls") or ()):
        known = heard.calls.setdefault(call.get("index", place), [call.get("id", ""), "", ""])
        function = call.get("function") or call.get("custom") or {}
        known[1] += function.get("name") or ""
        known[2] += function.get("arguments") or function.get("input") or ""


def _hear_block(heard: Heard, index: int, one: Any) -> None:
    match one["type"]:
        case "text":
            heard.text += one["text"]
        case "thinking":
            heard.thought += one["thinking"]
        case "tool_use":
            heard.calls[index] = [one["id"], one["name"], json.dumps(one["input"])]


def _hear_gemini(heard: Heard, body: Any) -> None:
    one = body["candidates"][0]
    for part in one["content"]["parts"]:
        if call := part.get("functionCall"):
            heard.calls[len(heard.calls)] = [call.get("id", ""), call["name"], json.dumps(call["args"])]
        elif part.get("thought"):
            heard.thought += part.get("text", "")
        else:
            heard.text += part.get("text", "")
    heard.end = one.get("finishReason", heard.end)
    heard.usage |= body.get("usageMetadata") or {}


def _hear_response(heard: Heard, body: Any) -> None:
    heard.end = (body.get("incomplete_details") or {}).get("reason") or body["status"]
    heard.usage = body.get("usage") or {}
    for place, item in enumerate(body["output"]):
        if item["type"] == "message":
            heard.text += "".join(part.get("text", "") for part in item["content"])
        elif item["type"] == "reasoning":
            heard.thought += "".join(part["text"] for part in [*item["summary"], *(item.get("content") or ())])
        elif item["type"] in ("function_call", "custom_tool_call"):
            heard.calls[place] = [item["call_id"], item["name"], item.get("arguments", item.get("input", ""))]


def hears_stream(client: str, body: bytes) -> Heard:
    """A streamed answer; what comes after its end is a fault of its own, see `closed` and `events`."""
    heard = Heard(events=events_of(body))
    for event in heard.events:
        assert not heard.closed, f"after the end came {event}"
        if event == "[DONE]":
            heard.closed = True
        elif event.get("error") and event.get("type") not in ("response.failed",):
            heard.error, heard.closed = event["error"], client not in ("openai_responses",)
        else:
            _HEAR[client](heard, event)
    return heard


def _hear_chat_chunk(heard: Heard, chunk: Any) -> None:
    heard.usage = chunk.get("usage") or heard.usage
    for choice in chunk["choices"]:
        _hear_chat(heard, choice["delta"])
        heard.end = choice["finish_reason"] or heard.end


def _hear_text_chunk(heard: Heard, chunk: Any) -> None:
    heard.usage = chunk.get("usage") or heard.usage
    for choice in chunk["choices"]:
        heard.text += choice["text"]
        heard.end = choice["finish_reason"] or heard.end


def _hear_message_event(heard: Heard, event: Any) -> None:
    match event["type"]:
        case "message_start":
            heard.usage = dict(event["message"]["usage"])
        case "content_block_start":
            one = event["content_block"]
            if one["type"] == "tool_use":
                heard.calls[event["index"]] = [one["id"], one["name"], json.dumps(one["input"]) if one["input"] else ""]
            else:
                heard.text += one.get("text", "")
        case "content_block_delta":
            delta = event["delta"]
            heard.text += delta.get("text", "")
            heard.thought += delta.get("thinking", "")
            if "partial_json" in delta:
                heard.calls[event["index"]][2] += delta["partial_json"]
        case "content_block_stop" if event["index"] in heard.calls:
            heard.calls[event["index"]][2] = heard.calls[event["index"]][2] or "{}"
        case "message_delta":
            heard.end, heard.usage = event["delta"]["stop_reason"], {**heard.usage, **event["usage"]}
        case "message_stop":
            heard.closed = True


def _hear_response_event(heard: Heard, event: Any) -> None:
    """As Codex does: the items as they are done, and the response that ends it."""
    match event["type"]:
        case "error":
            heard.error = event
        case "response.failed":
            heard.error, heard.closed = event["response"]["error"], True
        case "response.completed" | "response.incomplete":
            _hear_response(heard, event["response"])
            done = [one["item"] for one in heard.events if one["type"] == "response.output_item.done"]
            assert sorted(map(json.dumps, done)) == sorted(map(json.dumps, event["response"]["output"]))
            heard.closed = True


def _hear_gemini_chunk(heard: Heard, chunk: Any) -> None:
    _hear_gemini(heard, chunk)
    heard.closed = bool(heard.end)


_HEAR = {
    "openai_chat": _hear_chat_chunk,
    "openai_completions": _hear_text_chunk,
    "anthropic": _hear_message_event,
    "openai_responses": _hear_response_event,
    "gemini": _hear_gemini_chunk,
}
COUNTS: dict[str, dict[str, int]] = {
    "openai_chat": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
    "openai_completions": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
    "openai_responses": {"input_tokens": 30, "output_tokens": 12, "total_tokens": 42},
    "anthropic": {"input_tokens": 20, "cache_read_input_tokens": 10, "output_tokens": 12},
    "gemini": {"promptTokenCount": 30, "cachedContentTokenCount": 10, "totalTokenCount": 42},
}
"""What a client of each format must read of the tokens that `Spoken` cost, whoever counted them."""
