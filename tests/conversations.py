"""Reads conversations as providers and clients do: calls with their results, the answer that a client keeps."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from tongues import candidate, chat_body, message_body


def conversation(upstream: str, sent: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, str]]]:
    """Calls (id, arguments) and results (id, text) in their order, after a check of the provider's own rules."""
    return _CHECKED[upstream](sent)


def _chat_conversation(sent: Any) -> Any:
    calls, told, waiting = [], [], []
    for message in sent["messages"]:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0), "a result where no call waits for it"
            told.append((message["tool_call_id"], message["content"]))
            continue
        assert not waiting, f"calls without results: {waiting}"
        for call in message.get("tool_calls") or ():
            calls.append((call["id"], call["function"]["arguments"]))
            waiting.append(call["id"])
    return calls, told


def _responses_conversation(sent: Any) -> Any:
    items = sent["input"]
    calls = [(item["call_id"], item["arguments"]) for item in items if item["type"] == "function_call"]
    told = [(item["call_id"], item["output"]) for item in items if item["type"] == "function_call_output"]
    assert sorted(id for id, _ in calls) == sorted(id for id, _ in told)
    return calls, told


def _anthropic_conversation(sent: Any) -> Any:
    calls, told, waiting = [], [], []
    for message in sent["messages"]:
        blocks = message["content"]
        answered = [one["tool_use_id"] for one in blocks if one["type"] == "tool_result"]
        assert sorted(answered) == sorted(waiting), "tool_use ids without tool_result blocks immediately after"
        kinds = [one["type"] for one in blocks]
        assert kinds == sorted(kinds, key=lambda kind: kind != "tool_result") or message["role"] == "assistant"
        told += [(one["tool_use_id"], _plain(one.get("content"))) for one in blocks if one["type"] == "tool_result"]
        calls += [(one["id"], json.dumps(one["input"])) for one in blocks if one["type"] == "tool_use"]
        waiting = [one["id"] for one in blocks if one["type"] == "tool_use"]
    roles = [message["role"] for message in sent["messages"]]
    assert all(one != other for one, other in pairwise(roles)), roles
    return calls, told


def _plain(content: Any) -> str:
    return content if isinstance(content, str) else "".join(one.get("text", "") for one in content or ())


def _gemini_conversation(sent: Any) -> Any:
    calls: list[Any] = []
    told: list[Any] = []
    waiting: list[Any] = []
    for content in sent["contents"]:
        found = [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]
        assert [one["name"] for one in found] == [one["name"] for one in waiting], "not as many responses as calls"
        told += [
            (one.get("id") or call.get("id"), one["response"].get("output", ""))
            for one, call in zip(found, waiting, strict=True)
        ]
        waiting = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
        calls += [(one.get("id"), json.dumps(one["args"])) for one in waiting]
    return calls, told


_CHECKED = {
    "openai_chat": _chat_conversation,
    "openai_responses": _responses_conversation,
    "anthropic": _anthropic_conversation,
    "gemini": _gemini_conversation,
}


def put_together(client: str, events: list[Any]) -> Any:
    """The message that a client keeps of a stream."""
    match client:
        case "openai_responses":
            return events[-1]["response"]
        case "gemini":
            parts = [part for event in events for part in event["candidates"][0]["content"]["parts"]]
            return candidate(parts)
        case "anthropic":
            return message_body(_blocks(events))
    message: dict[str, Any] = {"role": "assistant", "content": "", "reasoning_content": "", "reasoning_details": []}
    calls: dict[int, Any] = {}
    for delta in (event["choices"][0]["delta"] for event in events if event != "[DONE]" and event["choices"]):
        message["content"] += delta.get("content") or ""
        message["reasoning_content"] += delta.get("reasoning_content") or ""
        message["reasoning_details"] += delta.get("reasoning_details") or []
        for call in delta.get("tool_calls") or ():
            known = calls.setdefault(call["index"], {**call, "function": {"name": "", "arguments": ""}})
            known["function"] = {key: value + call["function"].get(key, "") for key, value in known["function"].items()}
    return chat_body({**message, "tool_calls": list(calls.values())})


def _blocks(events: list[Any]) -> list[Any]:
    blocks: dict[int, Any] = {}
    for event in events:
        if event["type"] == "content_block_start":
            blocks[event["index"]] = {
                **event["content_block"],
                **({"json": ""} if "input" in event["content_block"] else {}),
            }
        elif event["type"] == "content_block_delta":
            one, delta = blocks[event["index"]], event["delta"]
            key = {"signature_delta": "signature", "thinking_delta": "thinking", "input_json_delta": "json"}
            name = key.get(delta["type"], "text")
            one[name] = one.get(name, "") + next(value for field, value in delta.items() if field != "type")
    for one in blocks.values():
        if "json" in one:
            one["input"] = json.loads(one.pop("json") or "{}")
    return list(blocks.values())


def seals_in(sent: Any) -> list[str]:
    """All seals in a request, under whatever name."""
    names = ("signature", "thoughtSignature", "encrypted_content", "data", "thought_signature")
    if isinstance(sent, dict):
        own = [value for key, value in sent.items() if key in names and isinstance(value, str) and value]
        return own + [seal for value in sent.values() for seal in seals_in(value)]
    return [seal for value in sent for seal in seals_in(value)] if isinstance(sent, list) else []
