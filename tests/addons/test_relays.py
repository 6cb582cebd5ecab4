"""Which relay an exchange gets, seen by what the client gets of the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import PATHS, begun, flow
from wires import CHAT_REQUEST, CONTENTS_REQUEST, INPUT_REQUEST, TEXT, gemini_stream, response_stream

from cliproxy.addons.assembler import Assembler
from cliproxy.addons.exchange import Exchange
from cliproxy.addons.preparation import prepare
from cliproxy.addons.relays import in_envelope, relay_for, repacked

CONFIG = """
load-balance:
  credentials:
    openai: [{key: sk-test-o, label: plus, door: chatgpt}]
    gemini: [{key: sk-test-g, label: assist, door: code-assist, project: p}]
"""
PLAIN = "gemini: {api-key: sk-test-g}"
STREAM = "/v1beta/models/gemini-x:streamGenerateContent"
INNER = b"".join(gemini_stream().pieces)
OUTER = (
    INNER.replace(b"data: {", b'data: {"traceId":"t","response":{')
    .replace(b"}\n\n", b"}}\n\n")
    .replace(b"}\r\n\r\n", b"}}\r\n\r\n")
)


def asked(path: str, body: Any, config: str = CONFIG, enveloped: bool = False) -> Exchange:
    call = begun(flow("POST", path, body), config)
    call.enveloped = enveloped
    assert prepare(call) is None
    return call


def streamed(call: Exchange, data: bytes) -> bytes:
    relay = relay_for(call)
    return b"".join(chunk for piece in (data[:40], data[40:], b"") for chunk in relay(piece))


def test_the_envelope_is_taken_off_for_a_client_of_the_format() -> None:
    call = asked(f"{STREAM}?alt=sse", CONTENTS_REQUEST)
    assert streamed(call, OUTER) == INNER
    assert call.usage and call.usage.input == 9


def test_the_array_form_is_made_of_it() -> None:
    array = json.loads(streamed(asked(STREAM, CONTENTS_REQUEST), OUTER))
    assert "".join(one["candidates"][0]["content"]["parts"][0]["text"] for one in array if "candidates" in one) == TEXT


def test_who_speaks_so_itself_gets_the_bytes_and_they_are_watched() -> None:
    call = asked(f"{STREAM}?alt=sse", CONTENTS_REQUEST, enveloped=True)
    assert streamed(call, OUTER) == OUTER
    assert call.usage and call.usage.input == 9


def test_and_gets_an_envelope_where_the_provider_has_none() -> None:
    call = asked(f"{STREAM}?alt=sse", CONTENTS_REQUEST, PLAIN, enveloped=True)
    assert streamed(call, INNER).count(b'data: {"response":{') == INNER.count(b"data: {")


def test_what_is_translated_is_opened_first() -> None:
    call = asked(PATHS["openai_chat"], {**CHAT_REQUEST, "model": "gemini-x", "stream": True})
    assert b"chat.completion.chunk" in streamed(call, OUTER)
    assert call.collected and TEXT in str(call.collected.response().parts)


@pytest.mark.parametrize(
    "path, body, kind",
    [
        (PATHS["openai_responses"], {**INPUT_REQUEST, "model": "gpt-5"}, "response"),
        (PATHS["openai_chat"], {**CHAT_REQUEST, "model": "gpt-5"}, "chat.completion"),
    ],
)
def test_a_whole_answer_is_assembled_of_a_stream(path: str, body: Any, kind: str) -> None:
    call = asked(path, body)
    assert isinstance(relay_for(call), Assembler)
    answer = json.loads(streamed(call, b"".join(response_stream().pieces)))
    assert answer["object"] == kind and TEXT in str(answer)
    assert call.usage and call.usage.input == 9


@pytest.mark.parametrize(
    "config, enveloped, given, got",
    [
        (CONFIG, False, b'{"response": {"a":1}}', b'{"a":1}'),
        (CONFIG, True, b'{"response": {"a":1}}', b'{"response": {"a":1}}'),
        (PLAIN, True, b'{"a":1}', b'{"response":{"a":1}}'),
        (PLAIN, False, b'{"a":1}', b'{"a":1}'),
    ],
)
def test_whole_answers(config: str, enveloped: bool, given: bytes, got: bytes) -> None:
    call = asked("/v1beta/models/gemini-x:generateContent", CONTENTS_REQUEST, config, enveloped)
    assert repacked(call)(given) == got
    assert in_envelope(call, b"{}") == (b'{"response":{}}' if enveloped else b"{}")
