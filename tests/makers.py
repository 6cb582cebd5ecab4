"""What the makers' SDKs read from an answer to a client of each format, in one shape: the judges of every pair."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import anthropic_judge
import openai_judge
from gemini_judge import Judge

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import Format

type Call = tuple[str, str, Any]
"""Id, name, arguments: text where the SDK hands out text, an object where it hands out an object."""


class Said(NamedTuple):
    """An answer as an SDK reads it. `finish`: the format's own word. `usage`: input and output tokens, all told."""

    text: str
    refusal: str
    thoughts: str
    calls: tuple[Call, ...]
    finish: str
    usage: tuple[int | None, int | None]


class Raised(NamedTuple):
    """The SDK raised its error for a failed request. `status`: 0 where the answer had begun."""

    message: str
    status: int = 0


type Verdict = Said | Raised


def read(client: str, whole: ir.Json | None, stream: bytes = b"", status: int = 200) -> Verdict:
    """The whole answer, or the stream where `whole` is None, as the makers of the format `client` read it."""
    try:
        return _WHOLE[client](whole, status) if whole is not None else _STREAMED[client](stream)
    except openai_judge.openai.APIStatusError as error:
        return Raised(_message(error), error.status_code)
    except openai_judge.openai.APIResponseValidationError:
        raise
    except openai_judge.openai.APIError as error:
        return Raised(_message(error))
    except anthropic_judge.anthropic.APIStatusError as error:
        return Raised(_message(error), error.status_code)
    except _google().errors.APIError as error:
        return Raised(error.message or "", error.code)


def _message(error: Any) -> str:
    """The provider's words: SDKs put them into a sentence of their own."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error", body)
    return str(inner.get("message", error.message)) if isinstance(inner, dict) else str(error.message)


def streamed(fmt: Format, events: list[ir.Event], context: ir.Context) -> bytes:
    renderer = fmt.StreamRenderer(context)
    return b"".join(piece for event in events for piece in renderer.feed(event))


# -- OpenAI chat --------------------------------------------------------------------------


def _chat(body: ir.Json, status: int) -> Verdict:
    client = openai_judge.client(wire.dumps(body), status=status)
    answer = client.chat.completions.create(model="m", messages=[])
    choice = answer.choices[0]
    message = choice.message
    calls = tuple((call.id, *_named(call.model_dump())) for call in message.tool_calls or ())
    thoughts = message.model_extra.get("reasoning_content") or ""
    usage = (answer.usage.prompt_tokens, answer.usage.completion_tokens) if answer.usage else (0, 0)
    return Said(message.content or "", message.refusal or "", thoughts, calls, choice.finish_reason, usage)


def _chat_stream(body: bytes) -> Verdict:
    """Not strictly where there are custom calls: the SDK's type of a streamed call knows functions only."""
    strict = b'"type":"custom"' not in body
    client = openai_judge.stream(body, strict=strict)
    text = refusal = thoughts = finish = ""
    calls: dict[int, list[str]] = {}
    usage = (0, 0)
    for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
        if chunk.usage:
            usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        for choice in chunk.choices:
            delta = choice.delta
            text, refusal = text + (delta.content or ""), refusal + (delta.refusal or "")
            thoughts += (delta.model_extra or {}).get("reasoning_content") or ""
            finish = choice.finish_reason or finish
            for call in delta.tool_calls or ():
                name, arguments = _named(call.model_dump())
                known = calls.setdefault(call.index, [call.id, name, ""])
                known[2] += arguments
    return Said(text, refusal, thoughts, tuple((id, n, args) for id, n, args in calls.values()), finish, usage)


def _named(call: dict[str, Any]) -> tuple[str, str]:
    inner = call.get("function") or call.get("custom") or {}
    return inner.get("name") or "", inner.get("arguments") or inner.get("input") or ""


# -- OpenAI completions -------------------------------------------------------------------


def _completion(body: ir.Json, status: int) -> Verdict:
    answer = openai_judge.client(wire.dumps(body), status=status).completions.create(model="m", prompt="hi")
    usage = (answer.usage.prompt_tokens, answer.usage.completion_tokens) if answer.usage else (0, 0)
    return Said(answer.choices[0].text, "", "", (), answer.choices[0].finish_reason, usage)


def _completion_stream(body: bytes) -> Verdict:
    """Not strictly: the type demands a finish reason on every chunk, which OpenAI itself does not send."""
    text = finish = ""
    usage = (0, 0)
    for chunk in openai_judge.stream(body, strict=False).completions.create(model="m", prompt="hi", stream=True):
        if chunk.usage:
            usage = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
        for choice in chunk.choices:
            text, finish = text + choice.text, choice.finish_reason or finish
    return Said(text, "", "", (), finish, usage)


# -- OpenAI Responses ---------------------------------------------------------------------


def _response(body: ir.Json, status: int) -> Verdict:
    return _output(openai_judge.client(wire.dumps(body), status=status).responses.create(model="m", input="x"))


def _response_stream(body: bytes) -> Verdict:
    """The deltas must make what the last event tells once more."""
    text = ""
    last: Any = None
    for event in openai_judge.stream(body).responses.create(model="m", input="x", stream=True):
        last = event
        if event.type == "response.output_text.delta":
            text += event.delta
    said = _output(last.response)
    assert isinstance(said, Raised) or said.text == text
    return said


def _output(response: Any) -> Verdict:
    if response.status == "failed":
        return Raised(response.error.message)
    items = response.output
    messages = [part for item in items if item.type == "message" for part in item.content]
    calls = tuple(
        (item.call_id, item.name, item.arguments if item.type == "function_call" else item.input)
        for item in items
        if item.type in ("function_call", "custom_tool_call")
    )
    thoughts = [item for item in items if item.type == "reasoning"]
    finish = response.status
    if response.incomplete_details:
        finish = f"{finish}: {response.incomplete_details.reason}"
    usage = (response.usage.input_tokens, response.usage.output_tokens) if response.usage else (0, 0)
    return Said(
        response.output_text,
        "".join(part.refusal for part in messages if part.type == "refusal"),
        "".join(part.text for item in thoughts for part in (*item.summary, *(item.content or ()))),
        calls,
        finish,
        usage,
    )


# -- Anthropic ----------------------------------------------------------------------------

_ASKED: dict[str, Any] = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]}


def _message_whole(body: ir.Json, status: int) -> Verdict:
    return _blocks(anthropic_judge.client(wire.dumps(body), status=status).messages.create(**_ASKED))


def _message_stream(body: bytes) -> Verdict:
    """Arguments as the text that they stream as; the SDK's own object must be the same where they are whole JSON."""
    inputs: dict[int, str] = {}
    with anthropic_judge.client(body, "text/event-stream").messages.stream(**_ASKED) as stream:
        for event in stream:
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                inputs[event.index] = ""
            elif event.type == "content_block_delta" and event.index in inputs:
                inputs[event.index] += event.delta.partial_json
        message = stream.get_final_message()
    said = _blocks(message)
    assert isinstance(said, Said)
    texts = list(inputs.values())
    assert [_object(one) or call[2] for one, call in zip(texts, said.calls, strict=True)] == [c[2] for c in said.calls]
    return said._replace(calls=tuple((id, name, one) for (id, name, _), one in zip(said.calls, texts, strict=True)))


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _blocks(message: Any) -> Verdict:
    usage = message.usage
    cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
    return Said(
        "".join(block.text for block in message.content if block.type == "text"),
        "",
        "".join(block.thinking for block in message.content if block.type == "thinking"),
        tuple((block.id, block.name, block.input) for block in message.content if block.type == "tool_use"),
        message.stop_reason,
        (usage.input_tokens + cached, usage.output_tokens),
    )


# -- Gemini -------------------------------------------------------------------------------


@cache
def _google() -> Judge:
    return Judge()


def _content(body: ir.Json, status: int) -> Verdict:
    return _candidates([_google().whole(body, status)])


def _content_stream(body: bytes) -> Verdict:
    return _candidates(_google().stream(body))


def _candidates(chunks: list[Any]) -> Verdict:
    read = _google().verdict(chunks)
    calls = tuple(
        (part.function_call.id, part.function_call.name, part.function_call.args)
        for chunk in chunks
        for part in chunk.candidates[0].content.parts
        if part.function_call
    )
    input, written, thought, _ = read.usage
    output = None if written is None else written + (thought or 0)
    return Said(read.text, "", read.thoughts, calls, read.finish, (input, output))


_WHOLE: dict[str, Callable[[Any, int], Verdict]] = {
    "openai_chat": _chat,
    "openai_completions": _completion,
    "openai_responses": _response,
    "anthropic": _message_whole,
    "gemini": _content,
}
_STREAMED: dict[str, Callable[[bytes], Verdict]] = {
    "openai_chat": _chat_stream,
    "openai_completions": _completion_stream,
    "openai_responses": _response_stream,
    "anthropic": _message_stream,
    "gemini": _content_stream,
}
