"""What a client asks, read; and every refusal with its sentence."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from exchanges import CONFIG, PATHS, begun, error_of, flow, routing
from mitmproxy import http
from wires import CHAT_REQUEST, CONTENTS_REQUEST, INPUT_REQUEST, MESSAGES_REQUEST

from cliproxy.addons import endpoints, exchange
from cliproxy.addons.routing import asked
from cliproxy.translators import ir

SERVED = "; ".join(endpoints.SERVED)
CHAT = PATHS["openai_chat"]
CONFIGURED = "Configured are: openai, anthropic, gemini; GET /v1/models lists their models."


def refused(one: http.HTTPFlow, config: str = CONFIG) -> http.Response:
    exchange.admit(one, "tester")
    routing(config).request(one)
    assert exchange.of(one) is None
    assert one.response
    return one.response


# -- what begins --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, body, format, model, stream",
    [
        (CHAT, CHAT_REQUEST, "openai_chat", "gpt-test", False),
        (CHAT, {**CHAT_REQUEST, "stream": True}, "openai_chat", "gpt-test", True),
        (CHAT, {**CHAT_REQUEST, "stream": None}, "openai_chat", "gpt-test", False),
        (PATHS["openai_responses"], {**INPUT_REQUEST, "stream": False}, "openai_responses", "gpt-test", False),
        (PATHS["anthropic"], MESSAGES_REQUEST, "anthropic", "claude-test", False),
        (PATHS["gemini"], CONTENTS_REQUEST, "gemini", "gemini-test", False),
        ("/v1/models/gemini-test:streamGenerateContent/", CONTENTS_REQUEST, "gemini", "gemini-test", True),
        ("/v1beta/models/gemini-test:streamGenerateContent?alt=sse", CONTENTS_REQUEST, "gemini", "gemini-test", True),
        # What only mentions the word is no stream, and a Gemini body has no say in it.
        (f"{PATHS['gemini']}?x=:streamGenerateContent", {"stream": True, "model": 1}, "gemini", "gemini-test", False),
    ],
)
def test_a_request_is_read(path: str, body: Any, format: str, model: str, stream: bool) -> None:
    call = begun(flow("POST", path, body))
    assert (call.format.NAME, call.model, call.stream, call.body) == (format, model, stream, body)
    assert (call.client, call.strict, call.thinking) == ("tester", False, None)


def test_an_exchange_has_the_flows_id_in_short() -> None:
    one = flow(body=CHAT_REQUEST)
    assert begun(one).id == one.id.split("-")[0]


@pytest.mark.parametrize(
    "model, name, amount",
    [
        ("gpt-test(high)", "gpt-test", ir.Thinking(effort="high")),
        ("gpt-test(8192)", "gpt-test", ir.Thinking(budget=8192)),
        ("gpt-test(what)", "gpt-test(what)", None),
    ],
)
def test_the_models_name_may_ask_for_an_amount_of_reasoning(model: str, name: str, amount: Any) -> None:
    call = begun(flow(body={**CHAT_REQUEST, "model": model}))
    assert (call.model, call.thinking) == (name, amount)


@pytest.mark.parametrize(
    "config, header, strict", [("", "", False), ("", "0", False), ("", "1", True), ("strict: true\n", "", True)]
)
def test_strict_is_asked_for_by_configuration_or_header(config: str, header: str, strict: bool) -> None:
    headers = {"x-cliproxy-strict": header} if header else {}
    assert begun(flow(body=CHAT_REQUEST, headers=headers), config + CONFIG).strict is strict


def test_a_compressed_body_is_read() -> None:
    one = flow(body=gzip.compress(b'{"model":"gpt-test"}'), headers={"content-encoding": "gzip"})
    assert begun(one).body == {"model": "gpt-test"}


# -- what does not ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path, body, status, message, param",
    [
        ("POST", "/nope?key=x", {}, 404, f"Nothing is served at '/nope'. Served are: {SERVED}.", None),
        ("POST", "//v1/messages", {}, 404, f"Nothing is served at '//v1/messages'. Served are: {SERVED}.", None),
        ("GET", CHAT, None, 405, "GET is not served here; use POST.", None),
        ("PUT", CHAT, {}, 405, "PUT is not served here; use POST.", None),
        ("POST", "/v1/models/../x", {}, 405, "POST is not served here; use GET, HEAD.", None),
        ("DELETE", "/v1/models/x", None, 405, "DELETE is not served here; use GET, HEAD.", None),
        ("POST", CHAT, None, 400, "The body is empty; it must be a JSON object.", None),
        ("POST", CHAT, [], 400, "The body must be a JSON object, not a list.", None),
        ("POST", CHAT, "x", 400, "The body must be a JSON object, not a string.", None),
        ("POST", CHAT, b"null", 400, "The body must be a JSON object, not null.", None),
        ("POST", CHAT, {}, 400, "model must be a string that names a model, not null.", "model"),
        ("POST", CHAT, {"model": ""}, 400, "model must be a string that names a model, not a string.", "model"),
        ("POST", CHAT, {"model": 5}, 400, "model must be a string that names a model, not a number.", "model"),
        ("POST", CHAT, {"model": ["a"]}, 400, "model must be a string that names a model, not a list.", "model"),
        ("POST", CHAT, {"model": "gpt-test", "stream": "true"}, 400,
         "stream must be true or false, not a string.", "stream"),
        ("POST", CHAT, {"model": "gpt-test", "stream": 1}, 400,
         "stream must be true or false, not a number.", "stream"),
        ("POST", CHAT, {"model": "gpt-test\nx-injected: 1"}, 400,
         "model must be a name without control characters, not 'gpt-test\\nx-injected: 1'.", "model"),
        ("POST", "/v1beta/models/gemini-test%0Ax:generateContent", {}, 400,
         "model must be a name without control characters, not 'gemini-test\\nx'.", None),
        ("POST", "/v1/embeddings", {"model": "gpt-test\r"}, 400,
         "model must be a name without control characters, not 'gpt-test\\r'.", "model"),
        ("POST", CHAT, {"model": "nobody"}, 404, f"No provider serves the model 'nobody'. {CONFIGURED}", "model"),
        ("POST", CHAT, {"model": "nobody(high)"}, 404, f"No provider serves the model 'nobody'. {CONFIGURED}", "model"),
    ],
)  # fmt: skip
def test_a_request_that_cant_be_served_is_refused_in_one_sentence(
    method: str, path: str, body: Any, status: int, message: str, param: Any
) -> None:
    response = refused(flow(method, path, body))
    error = error_of(response)
    assert (response.status_code, error["message"], error.get("param")) == (status, message, param)


def test_a_405_says_what_is_allowed() -> None:
    assert refused(flow("GET", CHAT)).headers["allow"] == "POST"
    assert refused(flow("POST", "/healthz", {})).headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "body", [b"{", b"{'a':1}", b"\xff\xfe", b"[" * 100_000, b"{}x", b"NaN"], ids=lambda b: repr(b[:8])
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    response = refused(flow("POST", CHAT, body))
    assert response.status_code == 400
    assert error_of(response)["message"].startswith("The body is not valid JSON: ")


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "made-up"])
def test_a_body_that_cant_be_decoded_is_refused(encoding: str) -> None:
    response = refused(flow("POST", CHAT, b"plain", {"content-encoding": encoding}))
    assert response.status_code == 400
    assert error_of(response)["message"].startswith(f"The body can't be decoded as '{encoding}': ")


def test_without_providers_that_is_what_is_said() -> None:
    message = "No provider serves the model 'gpt-test'. No provider is configured."
    assert error_of(refused(flow(body=CHAT_REQUEST), ""))["message"] == message


def test_a_refusal_is_in_the_clients_format() -> None:
    error = error_of(refused(flow("POST", PATHS["gemini"], [])))
    assert error == {
        "code": 400,
        "message": "The body must be a JSON object, not a list.",
        "status": "INVALID_ARGUMENT",
    }


# -- whose flow it is not -----------------------------------------------------------------


def test_a_flow_that_authentication_did_not_admit_never_becomes_an_exchange() -> None:
    one = flow(body=CHAT_REQUEST)
    routing().request(one)
    assert (one.response, exchange.of(one)) == (None, None)


def test_a_flow_that_is_answered_already_is_left_alone() -> None:
    one = flow(body=CHAT_REQUEST)
    exchange.admit(one, "tester")
    one.response = answer = http.Response.make(401)
    routing().request(one)
    assert (one.response, exchange.of(one)) == (answer, None)


@pytest.mark.parametrize("path", ["/v1/models", "/healthz", "/"])
def test_what_is_only_read_is_no_exchange(path: str) -> None:
    one = flow("GET", path)
    exchange.admit(one, "tester")
    routing().request(one)
    assert (one.response, exchange.of(one)) == (None, None)


def test_asked_reads_model_and_stream() -> None:
    endpoint = endpoints.find(CHAT, {}, {})
    assert endpoint and asked(endpoint, {"model": "m", "stream": True}, CHAT) == ("m", True)
