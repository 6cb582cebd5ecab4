"""Requests made ready for another format, answers brought back, and what is told of what got lost."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from exchanges import PATHS, begun, error_of, flow
from mitmproxy import http
from scripted import Answer
from wires import (
    CHAT_REQUEST,
    CONTENTS_REQUEST,
    INPUT_REQUEST,
    MESSAGES_REQUEST,
    TEXT,
    chat,
    chat_pieces,
    gemini,
    message,
    message_pieces,
)

from cliproxy.addons.attempts import Attempt
from cliproxy.addons.exchange import Exchange, Recording, Sent
from cliproxy.addons.preparation import prepared
from cliproxy.addons.relay import Relay
from cliproxy.addons.translation import SSE, Translation
from cliproxy.translators import ir

STREAMED = {**CHAT_REQUEST, "stream": True}
CHAT_TO_ANTHROPIC = {**CHAT_REQUEST, "model": "claude-test"}
ARRAY = "/v1beta/models/claude-test:streamGenerateContent"
IMAGE = {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}


def asked(
    path: str = PATHS["openai_chat"], body: Any = CHAT_REQUEST, headers: Any = ()
) -> tuple[http.HTTPFlow, Exchange]:
    one = flow("POST", path, body, headers)
    call = begun(one)
    Translation().request(one)
    return one, call


def response(answer: Answer, **headers: str) -> http.Response:
    made = http.Response.make(answer.status, b"".join(answer.pieces), {"content-type": answer.content_type})
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def answered(one: http.HTTPFlow, answer: http.Response) -> http.Response:
    """What the client gets for a whole answer."""
    one.response = answer
    Translation().responseheaders(one)
    assert not answer.stream
    Translation().response(one)
    return answer


def streamed(one: http.HTTPFlow, pieces: list[bytes], **headers: str) -> bytes:
    """What the client gets for a stream."""
    one.response = response(Answer(200, (), SSE), **headers)
    Translation().responseheaders(one)
    relay = one.response.stream
    assert isinstance(relay, Relay)
    return b"".join(chunk for piece in (*pieces, b"") for chunk in relay(piece))


# -- the request --------------------------------------------------------------------------


def test_a_request_of_the_providers_own_format_is_not_even_read() -> None:
    one, call = asked(body={**CHAT_REQUEST, "messages": "nonsense"})
    assert (one.response, call.lost) == (None, [])


def test_a_translated_request_bears_the_upstreams_model_and_asks_for_what_was_asked() -> None:
    _, call = asked(body={**CHAT_TO_ANTHROPIC, "stream": True})
    assert (call.prepared.model, call.prepared.stream, call.lost) == ("claude-test", True, [])


def test_an_amount_of_reasoning_in_the_models_name_counts_over_the_body() -> None:
    _, call = asked(body={**CHAT_REQUEST, "model": "gpt-test(low)", "reasoning_effort": "high"})
    assert call.prepared.thinking == ir.Thinking(effort="low")


def test_tool_names_that_the_provider_refuses_are_renamed_and_the_way_back_is_kept() -> None:
    name = "mcp.server/tool:" + "x" * 100
    tool = {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    _, call = asked(body={**CHAT_TO_ANTHROPIC, "tools": [tool]})
    ((alias, original),) = call.names.items()
    assert original == name and alias != name
    assert [getattr(tool, "name", "") for tool in call.prepared.tools] == [alias]


def test_what_gets_lost_is_noted_and_told() -> None:
    one, call = asked(body={**CHAT_TO_ANTHROPIC, "seed": 1})
    assert (one.response, call.lost) == (None, ["seed"])
    assert answered(one, response(message())).headers["x-cliproxy-lost"] == "seed"


@pytest.mark.parametrize(
    "body, headers, told, param",
    [
        (
            {**CHAT_TO_ANTHROPIC, "seed": 1},
            {"x-cliproxy-strict": "1"},
            "anthropic can't be told: seed.",
            "seed",
        ),
        ({**CHAT_TO_ANTHROPIC, "n": 2}, {}, "anthropic can't be told: n (more than one answer).", "n"),
        (
            {**CHAT_TO_ANTHROPIC, "n": 2, "seed": 1},
            {"x-cliproxy-strict": "1"},
            "anthropic can't be told: n (more than one answer), seed.",
            "n",
        ),
        (
            {**CHAT_TO_ANTHROPIC, "messages": [IMAGE]},
            {},
            "anthropic can't be told: audio (sound in base64).",
            "audio",
        ),
    ],
)
def test_a_loss_that_changes_the_question_is_refused(body: Any, headers: Any, told: str, param: str) -> None:
    one, call = asked(body=body, headers=headers)
    assert one.response and one.response.status_code == 400
    error = error_of(one.response)
    assert (error["message"], error["param"], call.answered_here) == (told, param, True)


def test_a_request_that_cant_be_read_is_refused_in_the_clients_format() -> None:
    one, _ = asked(PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test", "messages": 5})
    assert one.response and one.response.status_code == 400
    assert error_of(one.response)["type"] == "invalid_request_error"
    assert "messages" in error_of(one.response)["message"]


def test_within_one_format_nothing_is_lost_even_where_it_is_written_anew() -> None:
    _, call = asked(body={**CHAT_REQUEST, "model": "gpt-test(low)", "seed": 1, "unheard_of": 2})
    assert (call.lost, prepared(call).model) == ([], "gpt-test")


# -- a whole answer -----------------------------------------------------------------------


def test_a_whole_answer_of_the_same_format_keeps_its_bytes() -> None:
    content = b'{ "id":"x", "choices":[ {"message":{"content":"Hi"},"finish_reason":"stop"} ] , "odd":1.0}'
    one, call = asked()
    told = answered(one, response(Answer(200, (content,))))
    assert (told.raw_content, told.headers["content-length"]) == (content, str(len(content)))
    assert told.headers["x-cliproxy-id"] == call.id
    assert call.answer and call.answer.finish


@pytest.mark.parametrize(
    "path, body, answer, text",
    [
        (PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test"}, chat(), lambda b: b["content"][0]["text"]),
        (PATHS["openai_chat"], CHAT_TO_ANTHROPIC, message(), lambda b: b["choices"][0]["message"]["content"]),
        (PATHS["openai_responses"], {**INPUT_REQUEST, "model": "gemini-test"}, gemini(),
         lambda b: b["output"][0]["content"][0]["text"]),
        ("/v1beta/models/claude-test:generateContent", CONTENTS_REQUEST, message(),
         lambda b: b["candidates"][0]["content"]["parts"][0]["text"]),
    ],
)  # fmt: skip
def test_a_whole_answer_is_brought_back(path: str, body: Any, answer: Answer, text: Any) -> None:
    one, call = asked(path, body)
    told = answered(one, response(answer))
    assert text(json.loads(told.content or b"")) == TEXT
    assert told.headers["content-type"] == "application/json"
    assert told.headers["content-length"] == str(len(told.content or b""))
    assert call.usage and (call.usage.input, call.usage.output) == (9, 2)


def test_a_compressed_answer_is_unpacked() -> None:
    one, _ = asked()
    packed = response(chat())
    plain, packed.data.content = packed.content, gzip.compress(packed.content or b"")
    packed.headers["content-encoding"] = "gzip"
    told = answered(one, packed)
    assert (told.raw_content, "content-encoding" in told.headers) == (plain, False)


def test_the_providers_headers_are_sifted() -> None:
    one, _ = asked()
    told = answered(one, response(chat(), set_cookie="a=b", server="x", x_request_id="r"))
    assert {name.lower() for name in told.headers} == {
        "content-type",
        "x-request-id",
        "x-cliproxy-id",
        "x-cliproxy-model",
        "content-length",
    }


def test_what_the_same_format_cant_read_is_passed_on() -> None:
    one, call = asked()
    assert answered(one, response(Answer(200, (b"no json",)))).content == b"no json"
    assert call.answer is None


@pytest.mark.parametrize("content", [b"no json", b"[]", b"{}", b"", b"\xff"])
def test_what_cant_be_translated_is_a_502_that_says_whose_fault(content: bytes) -> None:
    one, _ = asked(body=CHAT_TO_ANTHROPIC)
    told = answered(one, response(Answer(200, (content,))))
    assert (told.status_code, told.headers["content-type"]) == (502, "application/json")
    assert error_of(told)["message"].startswith("anthropic gave no readable answer: ")


def test_an_error_with_status_200_gets_its_own_status_and_the_hint_that_belongs_to_it() -> None:
    one, _ = asked(body=CHAT_TO_ANTHROPIC)
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "busy"}}
    told = answered(one, response(Answer(200, (json.dumps(body).encode(),))))
    assert (told.status_code, told.headers["retry-after"]) == (429, "5")


def test_a_stream_that_nobody_asked_for_is_collected() -> None:
    one, _ = asked(body=CHAT_TO_ANTHROPIC)
    told = answered(one, response(Answer(200, message_pieces(), SSE)))
    assert json.loads(told.content or b"")["choices"][0]["message"]["content"] == TEXT


@pytest.mark.parametrize(
    "path, body, kind, begin",
    [
        (PATHS["openai_chat"], {**CHAT_TO_ANTHROPIC, "stream": True}, SSE, b"data: "),
        (f"{ARRAY}?alt=sse", CONTENTS_REQUEST, SSE, b"data: "),
        (ARRAY, CONTENTS_REQUEST, "application/json", b"[{"),
    ],
)
def test_a_whole_answer_where_a_stream_was_asked_for_becomes_one(path: str, body: Any, kind: str, begin: bytes) -> None:
    one, _ = asked(path, body)
    told = answered(one, response(message()))
    assert told.headers["content-type"] == kind
    assert (told.content or b"").startswith(begin)


# -- an error -----------------------------------------------------------------------------


def test_an_error_of_the_same_format_keeps_its_bytes_and_status() -> None:
    content = b'{ "error": {"message":"no"} }'
    one, _ = asked()
    told = answered(one, response(Answer(429, (content,))))
    assert (told.status_code, told.content, told.headers["retry-after"]) == (429, content, "5")


def test_an_error_is_brought_back_with_its_status_and_words() -> None:
    one, _ = asked(PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True})
    told = answered(one, response(Answer(429, (b'{"error":{"message":"busy"}}',)), retry_after="17"))
    assert (told.status_code, told.headers["retry-after"], told.headers["content-type"]) == (
        429,
        "17",
        "application/json",
    )
    body = json.loads(told.content or b"")
    assert (body["type"], body["error"]["type"], body["error"]["message"]) == ("error", "rate_limit_error", "busy")


# -- a stream -----------------------------------------------------------------------------


def test_a_stream_of_the_same_format_keeps_its_bytes() -> None:
    one, call = asked(body=STREAMED)
    assert streamed(one, chat_pieces()) == b"".join(chat_pieces())
    assert call.usage and call.usage.output == 2


def test_a_stream_is_brought_back() -> None:
    one, call = asked(PATHS["anthropic"], {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True})
    told = streamed(one, chat_pieces())
    assert told.startswith(b"event: message_start") and told.count(b"event: message_stop") == 1
    assert call.usage and call.usage.output == 2


@pytest.mark.parametrize(
    "path, body, kind",
    [
        (PATHS["openai_chat"], STREAMED, SSE),
        (PATHS["openai_chat"], {**CHAT_TO_ANTHROPIC, "stream": True}, SSE),
        (f"{ARRAY}?alt=sse", CONTENTS_REQUEST, SSE),
        (ARRAY, CONTENTS_REQUEST, "application/json"),
    ],
)
def test_the_head_of_a_stream(path: str, body: Any, kind: str) -> None:
    one, call = asked(path, body)
    streamed(one, [], content_length="7", server="x")
    assert one.response
    assert dict(one.response.headers) == {
        "content-type": kind,
        "x-cliproxy-id": call.id,
        "x-cliproxy-model": call.model,
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
        "transfer-encoding": "chunked",
    }


def test_what_is_streamed_is_not_read_again_at_its_end() -> None:
    one, call = asked(body=STREAMED)
    streamed(one, chat_pieces())
    Translation().response(one)
    assert call.answer is None


@pytest.mark.parametrize("status, kind", [(500, SSE), (200, "application/json")])
def test_what_is_no_stream_is_not_treated_as_one(status: int, kind: str) -> None:
    one, _ = asked(body={**CHAT_TO_ANTHROPIC, "stream": True})
    one.response = response(Answer(status, (), kind))
    Translation().responseheaders(one)
    assert not one.response.stream


# -- what is not translated ---------------------------------------------------------------


def test_the_gateways_own_answers_and_strangers_flows_stay_as_they_are() -> None:
    one, call = asked()
    call.answered_here = True
    for each in (one, flow()):
        each.response = answer = http.Response.make(502, b"x", {"server": "y"})
        Translation().responseheaders(each)
        Translation().response(each)
        Translation().upstream_held(Attempt(each))
        assert (each.response, answer.content, answer.headers["server"]) == (answer, b"x", "y")
        assert "x-cliproxy-id" not in answer.headers


def test_a_flow_that_is_answered_already_is_not_prepared() -> None:
    one = flow(body={**CHAT_TO_ANTHROPIC, "n": 2})
    begun(one)
    one.response = answer = http.Response.make(200)
    Translation().request(one)
    assert one.response is answer


def test_what_the_provider_answered_is_recorded_before_it_is_changed() -> None:
    one, call = asked(body=CHAT_TO_ANTHROPIC)
    call.recording = Recording([Sent(one.request.copy())])
    answered(one, response(message(), server="x"))
    assert call.recording.last.response and call.recording.last.response.headers["server"] == "x"
    assert [data for _, data in call.recording.last.received] == [b"".join(message().pieces)]


# -- while the provider is silent ---------------------------------------------------------


@pytest.mark.parametrize(
    "path, body, kind, late",
    [
        (PATHS["openai_chat"], STREAMED, SSE, b": keep-alive\n\n"),
        (PATHS["openai_chat"], {**CHAT_TO_ANTHROPIC, "stream": True}, SSE, b": keep-alive\n\n"),
        (f"{ARRAY}?alt=sse", CONTENTS_REQUEST, SSE, b"\r\n"),
        (ARRAY, CONTENTS_REQUEST, "application/json", b"\r\n"),
        (PATHS["openai_chat"], CHAT_REQUEST, "application/json", b"\r\n"),
    ],
)
def test_a_sign_of_life_is_no_part_of_the_answer(path: str, body: Any, kind: str, late: bytes) -> None:
    one, _ = asked(path, body)
    attempt = Attempt(one)
    Translation().upstream_held(attempt)
    assert one.response
    assert (one.response.status_code, one.response.headers["content-type"], attempt.late) == (200, kind, late)
    assert one.response.headers["transfer-encoding"] == "chunked"


def test_to_a_client_of_http_1_0_nothing_is_chunked() -> None:
    one = flow(body=STREAMED)
    one.request.http_version = "HTTP/1.0"
    begun(one)
    streamed(one, chat_pieces())
    assert one.response and "transfer-encoding" not in one.response.headers
