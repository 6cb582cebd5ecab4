"""Who gets in, in every spelling of a key that clients know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import PATHS, applied, error_of, flow, request
from mitmproxy import http

from cliproxy.addons import exchange
from cliproxy.addons.client_auth import ClientAuth, admitted, presented
from cliproxy.addons.responses import sockets
from cliproxy.addons.responses.sockets import Socket
from cliproxy.addons.settings import ResponsesSettings

KEYS = {"sk-test-one": "one", "sk-test-two": "two", "sk-test-ключ": "unicode"}
NONE_SENT = "No API key was sent. Send one of the gateway's keys, as `Authorization: Bearer …` or `x-api-key`."
WRONG = "Invalid API key: it is none of the gateway's keys (auth.api-keys in its configuration)."


def asked(path: str = PATHS["openai_chat"], headers: Any = (), keys: dict[str, str] = KEYS) -> http.HTTPFlow:
    auth = ClientAuth()
    auth.keys = keys
    one = flow("POST", path, {}, headers)
    auth.requestheaders(one)
    return one


@pytest.mark.parametrize(
    "headers, path, name",
    [
        ({"authorization": "Bearer sk-test-one"}, "/v1/messages", "one"),
        ({"Authorization": "bearer sk-test-one"}, "/v1/messages", "one"),
        ({"authorization": "BEARER   sk-test-one  "}, "/v1/messages", "one"),
        ({"authorization": "sk-test-one"}, "/v1/messages", "one"),
        ({"x-api-key": "sk-test-two"}, "/v1/chat/completions", "two"),
        ({"X-Api-Key": "sk-test-two"}, "/v1/responses", "two"),
        ({"x-goog-api-key": "sk-test-one"}, "/v1/messages", "one"),
        ({}, "/v1beta/models/m:generateContent?key=sk-test-one", "one"),
        ({}, "/v1/messages?alt=sse&k%65y=sk%2Dtest-one", "one"),
        ({"authorization": "Bearer sk-test-ключ"}, "/v1/messages", "unicode"),
        ({}, "/v1/messages?key=sk-test-%D0%BA%D0%BB%D1%8E%D1%87", "unicode"),
        # Tools that know two places fill both; a foreign key in one of them is no reason to refuse the other.
        ({"authorization": "Bearer sk-test-foreign", "x-api-key": "sk-test-two"}, "/v1/messages", "two"),
        ({"authorization": "Bearer sk-test-one", "x-api-key": "sk-test-two"}, "/v1/messages", "one"),
        ({"x-api-key": "wrong", "x-goog-api-key": "wrong"}, "/v1/messages?key=sk-test-two", "two"),
    ],
)
def test_a_key_counts_wherever_and_however_it_is_shown(headers: Any, path: str, name: str) -> None:
    one = asked(path, headers)
    assert (one.response, exchange.client_of(one)) == (None, name)


@pytest.mark.parametrize(
    "headers, path, message",
    [
        ({}, "/v1/messages", NONE_SENT),
        ({"authorization": ""}, "/v1/messages", NONE_SENT),
        ({"x-api-key": ""}, "/v1/messages", NONE_SENT),
        ({}, "/v1/messages?key=", NONE_SENT),
        ({"cookie": "key=sk-test-one"}, "/v1/messages", NONE_SENT),
        ({"authorization": "Bearer"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer "}, "/v1/messages", WRONG),
        ({"authorization": "Basic sk-test-one"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer sk-test-on"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer sk-test-one2"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer SK-TEST-ONE"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer sk-test-one, Bearer sk-test-two"}, "/v1/messages", WRONG),
        ({"authorization": "Bearer ключ"}, "/v1/messages", WRONG),
        ([(b"authorization", b"Bearer \xff\xfe")], "/v1/messages", WRONG),
        ({}, "/v1/messages?key=%ff", WRONG),
        ({}, "/v1/messages?KEY=sk-test-one", NONE_SENT),
        ([(b"x-api-key", b"sk-test-one"), (b"x-api-key", b"sk-test-two")], "/v1/messages", WRONG),
    ],
)
def test_everyone_else_is_told_what_is_missing(headers: Any, path: str, message: str) -> None:
    one = asked(path, headers)
    assert one.response
    assert (one.response.status_code, error_of(one.response)["message"]) == (401, message)
    assert exchange.client_of(one) is None


@pytest.mark.parametrize(
    "path, body",
    [
        (PATHS["anthropic"], {"type": "error", "error": {"type": "authentication_error", "message": NONE_SENT}}),
        (PATHS["gemini"], {"error": {"code": 401, "message": NONE_SENT, "status": "UNAUTHENTICATED"}}),
    ],
)
def test_the_refusal_is_in_the_clients_format(path: str, body: Any) -> None:
    response = asked(path).response
    assert response
    told = json.loads(response.content or b"")
    assert {key: told[key] for key in body} == body


@pytest.mark.parametrize("path", ["/", "//", "/healthz", "/healthz/", "/api/hello"])
def test_whether_the_gateway_lives_may_be_asked_without_a_key(path: str) -> None:
    one = asked(path)
    assert (one.response, exchange.client_of(one)) == (None, "")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/x", "/nothing", "/healthz/../v1/models", "/healthz%2f"])
def test_all_else_needs_a_key_be_it_served_or_not(path: str) -> None:
    response = asked(path).response
    assert response and response.status_code == 401


def test_behind_authentication_nobody_sees_the_clients_key() -> None:
    headers = {"authorization": "Bearer sk-test-one", "x-api-key": "k", "x-goog-api-key": "k", "cookie": "k"}
    for path in (
        "/v1/messages?a=%20&key=sk-test-one",
        "/v1/messages?a=%20&key=wrong",
        "/healthz?a=%20&key=sk-test-one",
    ):
        one = asked(path, headers)
        assert one.request.path == path.partition("?")[0] + "?a=%20&key=[redacted]"
        assert {value for name, value in one.request.headers.items() if name != "content-length"} == {"[redacted]"}


def test_without_configured_keys_everyone_may_come_in() -> None:
    assert exchange.client_of(asked(keys={})) == "anyone"


def test_an_empty_key_fits_nothing() -> None:
    assert admitted([""], KEYS) is None
    assert admitted([], KEYS) is None


def test_the_first_key_shown_gives_the_name() -> None:
    assert admitted(iter(["x", "sk-test-two", "sk-test-one"]), KEYS) == "two"


def test_every_place_is_looked_at_in_one_order() -> None:
    headers = {"x-goog-api-key": "c", "x-api-key": "b", "authorization": "Bearer a"}
    assert list(presented(request(path="/v1/messages?key=d&key=e", headers=headers))) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("established, status", [(None, 400), (1.0, None)])
def test_where_https_is_configured_a_key_in_plain_text_is_refused_and_not_kept(established: Any, status: Any) -> None:
    auth, one = ClientAuth(), flow(headers={"x-api-key": "sk-test-one"})
    auth.keys, auth.tls_only = KEYS, True
    one.client_conn.timestamp_tls_setup = established
    auth.requestheaders(one)
    assert (one.response.status_code if one.response else None) == status
    assert one.request.headers["x-api-key"] == "[redacted]"
    assert (exchange.client_of(one) is None) is bool(status)


@pytest.mark.parametrize("year, status", [(2000, 401), (2999, None)])
def test_a_key_ends(year: int, status: int | None) -> None:
    auth = ClientAuth()
    auth.use(applied(f"auth: {{api-keys: [{{key: sk-test-one, name: ci, expires: {year}-12-31}}]}}"))
    one = flow("POST", PATHS["anthropic"], {}, {"x-api-key": "sk-test-one"})
    auth.requestheaders(one)
    assert (one.response and one.response.status_code) == status
    if status:
        assert error_of(one.response)["message"] == "The API key 'ci' expired on 2001-01-01 00:00 UTC."
        assert exchange.client_of(one) is None


@pytest.mark.parametrize("name, status", [("one", None), ("gone", 401)])
def test_a_message_of_a_websocket_is_its_clients_as_long_as_the_key_is_good(name: str, status: int | None) -> None:
    auth, one = ClientAuth(), flow("POST", PATHS["openai_responses"], {})
    auth.keys = KEYS
    sockets.open(one.client_conn, Socket(name, one.request, ResponsesSettings()))
    auth.requestheaders(one)
    sockets.closed(one.client_conn)
    assert (one.response.status_code if one.response else None) == status
    assert exchange.client_of(one) == (None if status else name)


@pytest.mark.parametrize(
    "config, origin, status",
    [
        ("", "https://evil.test", 403),
        ("", "null", 403),
        ("", "http://localhost.evil.test", 403),
        ("", "http://localhost:3000", None),
        ("", "http://[::1]:3000", None),
        ("", "app://obsidian.md", None),
        ("", "", None),
        ("cors: {origins: ['https://app.test']}", "https://app.test", None),
        ("cors: {origins: ['*']}", "https://any.test", None),
    ],
)
@pytest.mark.parametrize("method, path", [("POST", "/v1/files"), ("GET", PATHS["openai_responses"])])
def test_where_no_client_has_a_key_a_strange_page_does_not_get_in(
    config: str, origin: str, status: int | None, method: str, path: str
) -> None:
    auth = ClientAuth()
    auth.use(applied(config))
    one = flow(method, path, b"", {"origin": origin} if origin else {})
    auth.requestheaders(one)
    assert (one.response and one.response.status_code) == status
    assert (exchange.client_of(one) is None) is bool(status)


def test_with_a_key_any_page_may_ask() -> None:
    auth, one = ClientAuth(), flow(headers={"x-api-key": "sk-test-one", "origin": "https://app.test"})
    auth.keys = KEYS
    auth.requestheaders(one)
    assert exchange.client_of(one) == "one"


def test_the_management_key_is_not_taken_in_plain_text_either() -> None:
    auth, one = ClientAuth(), flow("GET", "/v0/management/config")
    auth.tls_only, one.client_conn.timestamp_tls_setup = True, None
    auth.requestheaders(one)
    assert one.response and one.response.status_code == 400


@pytest.mark.parametrize(
    "peer, keys, status",
    [("192.0.2.7", {}, 403), ("::ffff:192.0.2.7", {}, 403), ("::1", {}, None), ("192.0.2.7", KEYS, None)],
)
def test_without_any_key_nobody_comes_in_from_another_machine(peer: str, keys: Any, status: int | None) -> None:
    auth, one = ClientAuth(), flow(headers={"x-api-key": "sk-test-one"})
    auth.keys, one.client_conn.peername = keys, (peer, 4000)
    auth.requestheaders(one)
    assert (one.response and one.response.status_code) == status
    assert (exchange.client_of(one) is None) is bool(status)
