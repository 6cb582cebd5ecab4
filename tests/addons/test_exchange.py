"""What the gateway knows of one flow, and for how long."""

from __future__ import annotations

import gc
import weakref

import pytest
from exchanges import PATHS, begun, flow
from mitmproxy import http
from wires import CHAT_REQUEST, CONTENTS_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import exchange
from cliproxy.addons.exchange import AttemptRecord
from cliproxy.addons.responses.turn import Turn
from cliproxy.translators import ir
from cliproxy.translators.collect import Collector
from cliproxy.translators.formats import FORMATS

STREAM = "/v1beta/models/gemini-test:streamGenerateContent"


@pytest.mark.parametrize(
    "record, text",
    [
        (AttemptRecord("openai-1", "openai", 429, 0.126), "openai-1: 429 after 0.13 s"),
        (AttemptRecord("a", "openai", 0, 10.0, "connect (refused)"), "a: connect (refused) after 10.00 s"),
    ],
)
def test_an_attempt_reads_as_one_line(record: AttemptRecord, text: str) -> None:
    assert str(record) == text


def test_a_flow_is_unknown_until_it_is_admitted_and_begun() -> None:
    one = flow()
    assert (exchange.client_of(one), exchange.of(one)) == (None, None)
    exchange.admit(one, "")
    assert exchange.client_of(one) == ""


def test_what_is_known_goes_with_the_flow() -> None:
    one = flow(body=CHAT_REQUEST)
    gone = weakref.ref(begun(one))
    del one
    gc.collect()
    assert gone() is None


def test_revoking_takes_back_the_admission_and_stops_the_exchange() -> None:
    one = flow(body=CHAT_REQUEST)
    call = begun(one)
    exchange.revoke(one)
    assert (exchange.client_of(one), call.revoked, call.answered_here) == (None, True, True)
    exchange.revoke(flow())


@pytest.mark.parametrize(
    "path, body, same",
    [
        (PATHS["openai_chat"], CHAT_REQUEST, True),
        (PATHS["openai_chat"], {**CHAT_REQUEST, "model": "gpt-test(high)"}, False),
        (PATHS["openai_chat"], {**CHAT_REQUEST, "model": "claude-test"}, False),
        (PATHS["anthropic"], MESSAGES_REQUEST, True),
        (PATHS["gemini"], CONTENTS_REQUEST, True),
    ],
)
def test_bytes_stay_where_the_provider_speaks_the_clients_format(path: str, body: object, same: bool) -> None:
    assert begun(flow("POST", path, body)).same_format is same


@pytest.mark.parametrize(
    "path, body, array",
    [
        (STREAM, CONTENTS_REQUEST, True),
        (f"{STREAM}?alt=sse", CONTENTS_REQUEST, False),
        (PATHS["gemini"], CONTENTS_REQUEST, False),
        (PATHS["openai_chat"], {**CHAT_REQUEST, "stream": True}, False),
    ],
)
def test_a_gemini_stream_is_a_json_array_unless_events_are_asked_for(path: str, body: object, array: bool) -> None:
    call = begun(flow("POST", path, body))
    assert (call.json_array, call.context.request.json_array) == (array, array)


def test_an_error_in_a_stream_is_said_in_the_streams_own_way() -> None:
    error = ir.Error(502, "gone")
    assert b"".join(begun(flow("POST", STREAM, CONTENTS_REQUEST)).render(error)).startswith(b"[")
    assert b"".join(begun(flow("POST", f"{STREAM}?alt=sse", CONTENTS_REQUEST)).render(error)).startswith(b"data: ")
    assert b"".join(begun(flow("POST", PATHS["anthropic"], MESSAGES_REQUEST)).render(error)).startswith(b"event: error")


def test_usage_is_what_the_provider_said_be_it_streamed_or_whole() -> None:
    call = begun(flow(body=CHAT_REQUEST))
    assert call.usage is None
    finish = ir.Finish("stop", ir.Usage(9, 2))
    call.answer = ir.Response("", "", None, (), finish)
    assert call.usage == ir.Usage(9, 2)
    call.collected = Collector()
    assert call.usage is None
    call.collected.feed(ir.Finish("stop", ir.Usage(1, 1)))
    assert call.usage == ir.Usage(1, 1)


def test_a_request_of_the_same_format_is_not_read_for_rendering() -> None:
    call = begun(flow(body={**CHAT_REQUEST, "messages": "not a list"}))
    assert call.context.request == ir.Request("gpt-test", stream=False)
    with pytest.raises(ir.BadRequest):
        _ = call.request


def test_what_is_sent_is_the_clients_request_even_when_the_flow_is_rewritten() -> None:
    one = flow(body=CHAT_REQUEST, headers={"x-api-key": "sk-test-client"})
    call = begun(one)
    one.request.path, one.request.content = "/elsewhere", b""
    assert (call.sent.path, call.format) == (PATHS["openai_chat"], FORMATS["openai_chat"])
    assert call.sent.headers["x-api-key"] == "sk-test-client"
    assert call.sent.content


def test_an_answer_that_may_be_continued_says_so_and_has_an_id_of_its_own() -> None:
    one = flow("POST", PATHS["openai_responses"], {"model": "claude-test", "input": "Hi", "store": True})
    call = begun(one)
    assert call.context.id == call.id
    call.turn = Turn("a" * 32, keep=True, previous="resp_0")
    assert (call.context.id, call.context.request.store) == ("a" * 32, True)
    assert call.context.request.previous_response_id == "resp_0"
    call.turn.keep = False
    assert call.context.request.store is False


def test_what_was_said_elsewhere_goes_through_translation() -> None:
    one = flow("POST", PATHS["openai_responses"], {"model": "gpt-test", "input": "Hi"})
    call = begun(one)
    assert call.same_format
    call.turn = Turn("a", keep=True, home="openai")
    assert call.same_format
    call.turn.home = "other"
    assert not call.same_format


def test_when_all_is_told_a_flow_that_is_kept_keeps_nothing_of_it() -> None:
    one = flow(body=CHAT_REQUEST)
    gone = weakref.ref(begun(one))
    one.response = http.Response.make(200)
    one.response.stream = begun
    exchange.end(one)
    gc.collect()
    assert (exchange.of(one), gone(), one.response.stream) == (None, None, True)
    exchange.end(flow())
