"""Where a request goes, with which headers, and that nothing of the client's credential goes with it."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import request
from mitmproxy import http

from cliproxy.addons.accounts.pool import Credential
from cliproxy.addons.doors.chatgpt import CHATGPT
from cliproxy.addons.doors.door import Asked
from cliproxy.addons.doors.vertex import VERTEX
from cliproxy.addons.upstreams import (
    ANTHROPIC_VERSION,
    USER_AGENT,
    Upstream,
    aim,
    answer_headers,
    join,
    own_headers,
    passed_headers,
    same_target,
    secret_headers,
)
from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS

CHAT, ANTHROPIC, GEMINI = FORMATS["openai_chat"], FORMATS["anthropic"], FORMATS["gemini"]
RESPONSES = FORMATS["openai_responses"]


def headers(**fields: str) -> http.Headers:
    return http.Headers((name.replace("_", "-").encode(), value.encode()) for name, value in fields.items())


# -- URLs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url, target, expected",
    [
        ("https://api.openai.com/v1", "/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com", "/chat/completions", "https://api.openai.com/v1/chat/completions"),
        ("http://127.0.0.1:8080", "/responses?a=1", "http://127.0.0.1:8080/v1/responses?a=1"),
        (
            "https://a.test/compatible-mode/v1",
            "/chat/completions",
            "https://a.test/compatible-mode/v1/chat/completions",
        ),
        ("https://a.test/api/paas/v4", "/chat/completions", "https://a.test/api/paas/v4/chat/completions"),
        ("https://a.test/openai", "/chat/completions", "https://a.test/openai/chat/completions"),
        ("https://api.anthropic.com", "/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/", "/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("https://a.test/anthropic", "/v1/messages", "https://a.test/anthropic/v1/messages"),
        ("https://a.test/anthropic/v1", "/v1/messages?beta=true", "https://a.test/anthropic/v1/messages?beta=true"),
        ("https://a.test", "/v1beta/models/m:generateContent", "https://a.test/v1beta/models/m:generateContent"),
        ("https://a.test/v1beta", "/v1beta/models/m:generateContent", "https://a.test/v1beta/models/m:generateContent"),
        ("https://a.test/xv1", "/v1/messages", "https://a.test/xv1/v1/messages"),
    ],
)
def test_base_url_and_target_make_one_url(base_url: str, target: str, expected: str) -> None:
    assert join(base_url, target) == expected


@pytest.mark.parametrize(
    "query, kept",
    [
        ("", ""),
        ("?", ""),
        ("?beta=true", "?beta=true"),
        ("?beta=true&x=%20a", "?beta=true&x=%20a"),
        ("?x=+a&y=%2B&z=%7E~", "?x=+a&y=%2B&z=%7E~"),
        ("?b=1&a=2&b=3", "?b=1&a=2&b=3"),
        ("?flag&empty=", "?flag&empty="),
        ("?a=1&&b=2&", "?a=1&&b=2&"),
        ("?x=%e4%BD", "?x=%e4%BD"),
        ("?x=a;b=[1]|'\"", "?x=a;b=[1]|'\""),
        ("?$alt=sse&x=?", "?$alt=sse&x=?"),
        ("?x=%26key%3D1", "?x=%26key%3D1"),
        ("?keys=1&monkey=2&KEY=3", "?keys=1&monkey=2&KEY=3"),
        ("?key=sk-test", ""),
        ("?key", ""),
        ("?key=a=b&beta=true", "?beta=true"),
        ("?a=%20&key=1&b=+&key=2", "?a=%20&b=+"),
        ("?k%65y=sk-test&a=1", "?a=1"),
        ("?%6B%65%79=sk-test", ""),
        ("?x=ü", "?x=%C3%BC"),
        ("?x=\udcff y", "?x=%FF%20y"),
    ],
)
def test_the_clients_query_stays_byte_for_byte_but_for_its_key(query: str, kept: str) -> None:
    assert same_target(f"/v1/messages{query}", ANTHROPIC, "/v1/messages") == f"/v1/messages{kept}"
    one = request()
    aim(one, Upstream("a", (ANTHROPIC,), "https://a.test"), Credential("a-1", "a", ""), f"/v1/messages{kept}", b"")
    assert one.path == f"/v1/messages{kept}"


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/v1beta/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1/models/m:generateContent", "/v1/models/m:generateContent"),
        ("/v1beta1/models/m:generateContent?key=k", "/v1beta1/models/m:generateContent"),
        ("/models/m:generateContent", "/v1beta/models/m:generateContent"),
        ("/v1/v1beta/models/m:generateContent?alt=sse", "/v1beta/models/m:generateContent?alt=sse"),
    ],
)
def test_gemini_keeps_the_version_that_the_client_chose(path: str, expected: str) -> None:
    assert same_target(path, GEMINI, "/v1beta/models/m:generateContent") == expected


def test_what_the_client_wrote_in_its_path_does_not_lead_elsewhere() -> None:
    endpoint = "/v1beta/models/..%2Fx:generateContent"
    assert same_target("/v1beta/models/../x:generateContent?a=1", GEMINI, endpoint) == f"{endpoint}?a=1"


# -- headers ------------------------------------------------------------------------------

SECRET = headers(
    Authorization="Bearer sk-test", Proxy_Authorization="x", X_Api_Key="sk-test", X_Goog_Api_Key="sk-test",
    Cookie="a=b", X_Management_Key="m",
)  # fmt: skip
HOP = headers(
    Connection="close", Proxy_Connection="close", Keep_Alive="5", TE="trailers", Trailer="x", Upgrade="h2c",
    Transfer_Encoding="chunked", Expect="100-continue", Host="a", Content_Length="2", Content_Encoding="gzip",
    Accept_Encoding="br", Forwarded="for=a", Via="b", Origin="c", Referer="d", X_Forwarded_For="1.2.3.4",
    X_Forwarded_Proto="https", Sec_Fetch_Mode="cors", X_Cliproxy_Strict="1", X_Cliproxy_Anything="1",
)  # fmt: skip
PASSED = [
    ("User-Agent", "sdk/1"),
    ("accept", "text/event-stream"),
    ("Anthropic-Beta", "a"),
    ("anthropic-beta", "b"),
    ("x-stainless-lang", "python"),
    ("openai-organization", "org"),
    ("content-type", "application/json"),
    ("x-name", "ü"),
]


def mixed() -> http.Headers:
    fields = [*SECRET.fields, *((n.encode(), v.encode()) for n, v in PASSED), *HOP.fields]
    return http.Headers(fields)


def test_the_clients_headers_pass_in_order_without_keys_and_those_of_one_hop() -> None:
    assert list(passed_headers(mixed(), CHAT).items(multi=True)) == PASSED


@pytest.mark.parametrize("sent, kept", [({}, ANTHROPIC_VERSION), ({"Anthropic-Version": "2026-10-21"}, "2026-10-21")])
def test_anthropic_gets_its_version_unless_the_client_chose_one(sent: dict[str, str], kept: str) -> None:
    passed = passed_headers(http.Headers((k.encode(), v.encode()) for k, v in sent.items()), ANTHROPIC)
    assert passed.get_all("anthropic-version") == [kept]
    assert "anthropic-version" not in passed_headers(http.Headers(), CHAT)


def test_bytes_that_are_no_text_pass_as_they_are() -> None:
    assert passed_headers(http.Headers([(b"x-raw", b"\xff\xfe")]), CHAT).fields == ((b"x-raw", b"\xff\xfe"),)


@pytest.mark.parametrize(
    "format, stream, more",
    [
        (CHAT, False, [("accept", "application/json"), ("user-agent", USER_AGENT)]),
        (CHAT, True, [("accept", "text/event-stream"), ("user-agent", USER_AGENT)]),
        (
            ANTHROPIC,
            True,
            [("accept", "text/event-stream"), ("user-agent", USER_AGENT), ("anthropic-version", ANTHROPIC_VERSION)],
        ),
    ],
)
def test_a_request_that_we_wrote_bears_our_own_headers(format: Any, stream: bool, more: Any) -> None:
    made = own_headers(mixed(), format, stream)
    assert list(made.items(multi=True)) == [("content-type", "application/json"), *more]


def test_the_trace_of_the_client_goes_on() -> None:
    made = own_headers(headers(traceparent="00-1", tracestate="a=b", x_request_id="r"), CHAT, False)
    assert [made.get(name) for name in ("traceparent", "tracestate", "x-request-id")] == ["00-1", "a=b", "r"]


def test_of_the_providers_headers_the_client_gets_what_concerns_it() -> None:
    told = headers(
        content_type="application/json", content_encoding="gzip", retry_after="1", Retry_After_Ms="900", request_id="1",
        x_request_id="2", X_RateLimit_Remaining="3", anthropic_ratelimit_x="4", openai_processing_ms="5",
        x_should_retry="true", x_goog_quota="6",
    )  # fmt: skip
    withheld = headers(
        set_cookie="a=b", server="x", content_length="9", transfer_encoding="chunked", connection="close", date="d",
        strict_transport_security="max-age=1", access_control_allow_origin="*", alt_svc="h3", cf_ray="1", via="2",
    )  # fmt: skip
    assert answer_headers(http.Headers([*told.fields, *withheld.fields])).fields == told.fields


# -- aiming -------------------------------------------------------------------------------


UPSTREAM = Upstream("o", (CHAT,), "https://a.test/v1")


def test_who_takes_us_for_a_proxy_does_not_make_us_ask_a_server_like_one() -> None:
    one = request("POST", "/v1/chat/completions")
    one.authority = "gateway:8317"
    aim(one, UPSTREAM, Credential("a-1", "a", ""), "/x", b"")
    assert one.authority == ""


@pytest.mark.parametrize(
    "upstream, credential, url, secret",
    [
        (UPSTREAM, Credential("o-1", "o", "sk-test-up"), "https://a.test/v1/x", ("authorization", "Bearer sk-test-up")),
        (UPSTREAM, Credential("o-1", "o", "sk-test-up", "http://b.test:81"), "http://b.test:81/v1/x",
         ("authorization", "Bearer sk-test-up")),
        (Upstream("a", (CHAT,), "https://a.test/v1", "x-api-key", ""), Credential("a-1", "a", "sk-test-ü"),
         "https://a.test/v1/x", ("x-api-key", "sk-test-ü")),
    ],
)  # fmt: skip
def test_an_aimed_request_has_the_credentials_place_and_its_label_where_the_key_will_be(
    upstream: Upstream, credential: Credential, url: str, secret: tuple[str, str]
) -> None:
    one = request(body={"old": 1}, headers={"host": "127.0.0.1:9", "authorization": "Bearer sk-test-client"})
    one.headers = passed_headers(one.headers, CHAT)
    aim(one, upstream, credential, "/x", b"{}")
    assert (one.url, one.content) == (url, b"{}")
    assert one.headers.get_all(secret[0]) == [f"[{credential.id}]"]
    assert one.headers["accept-encoding"] == "identity"
    assert one.headers["content-length"] == "2"
    assert one.headers.get_all("host") == [url.split("/")[2]]
    assert "sk-test" not in str(one.headers)
    assert secret_headers(upstream, credential) == (secret,)


def test_a_provider_that_asks_for_no_key_gets_none() -> None:
    one, keyless = request(), Credential("o-keyless", "o", "")
    aim(one, UPSTREAM, keyless, "/x", b"")
    assert "authorization" not in one.headers
    assert secret_headers(UPSTREAM, keyless) == ()


def test_configured_headers_count_over_the_clients_and_are_secret_too() -> None:
    one, credential = request(headers={"X-Team": "client"}), Credential("o-1", "o", "", headers=(("x-team", "ours"),))
    aim(one, UPSTREAM, credential, "/x", b"")
    assert one.headers.get_all("x-team") == ["[o-1]"]
    assert secret_headers(UPSTREAM, credential) == (("x-team", "ours"),)


@pytest.mark.parametrize(
    "formats, client, chosen", [((CHAT, ANTHROPIC), ANTHROPIC, ANTHROPIC), ((CHAT,), GEMINI, CHAT)]
)
def test_the_clients_own_format_is_spoken_where_the_provider_knows_it(formats: Any, client: Any, chosen: Any) -> None:
    assert Upstream("o", formats, "").format_for(client) is chosen


@pytest.mark.parametrize(
    "name, model, format, lacking",
    [
        ("openai", "gpt-5", CHAT, {"reasoning", "cache"}),
        ("local", "gpt-5", CHAT, {"reasoning", "cache"}),
        ("local", "llama", CHAT, {"cache"}),
        ("qwen", "qwen-max", CHAT, set()),
        ("anthropic", "claude-x", ANTHROPIC, set()),
        ("gemini", "gemini-x", GEMINI, set()),
    ],
)
def test_what_a_server_that_speaks_openais_format_has_no_words_for(
    name: str, model: str, format: Any, lacking: set[str]
) -> None:
    target = Upstream(name, (format,), "").target(format, ir.Request(model))
    assert target.NAME == format.NAME
    assert lacking == format.SUPPORTS - target.SUPPORTS


def test_a_request_is_rendered_as_the_provider_reads_it() -> None:
    asked = ir.Request("m", (ir.Message("user", (ir.Text("Hi"),)),), max_tokens=5)
    assert Upstream("a", (ANTHROPIC,), "").render(ANTHROPIC, asked) == ANTHROPIC.render_request(asked)
    assert "max_completion_tokens" in Upstream("openai", (CHAT,), "").render(CHAT, asked)
    assert Upstream("local", (CHAT,), "").render(CHAT, asked)["max_tokens"] == 5


def test_a_model_that_refuses_what_its_format_can_say_makes_a_loss_of_it() -> None:
    asked = ir.Request("claude-opus-4-8", temperature=0.5)
    anthropic = Upstream("anthropic", (ANTHROPIC,), "")
    assert "temperature" not in anthropic.target(ANTHROPIC, asked).SUPPORTS
    assert "temperature" in anthropic.target(ANTHROPIC, ir.Request("claude-sonnet-4-5", temperature=0.5)).SUPPORTS
    assert "system.mid" in anthropic.target(ANTHROPIC, ir.Request("claude-opus-4-8")).SUPPORTS


# -- entrances ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told, value, sent",
    [
        ([], "oauth-1", "oauth-1"),
        (["a-1, b-2"], "oauth-1", "a-1,b-2,oauth-1"),
        (["a-1", "oauth-1"], "oauth-1", "a-1,oauth-1"),
        (["a-1"], "a-1,c-3", "a-1,c-3"),
    ],
)
def test_an_entrances_betas_are_added_to_those_of_the_client(told: list[str], value: str, sent: str) -> None:
    one = http.Headers([(b"anthropic-beta", each.encode()) for each in told] + [(b"x-own", b"1")])
    Upstream("a", (ANTHROPIC,), "", headers=(("anthropic-beta", value), ("x-own", "2"))).dress(one)
    assert (one.get_all("anthropic-beta"), one.get_all("x-own")) == ([sent], ["2"])


def test_an_entrance_withholds_what_is_not_said_there() -> None:
    one = headers(Anthropic_Version="1", Anthropic_Beta="b")
    Upstream("v", (ANTHROPIC,), "", door=VERTEX).dress(one)
    assert list(one) == ["Anthropic-Beta"]


def test_what_is_asked_is_said_in_the_providers_names() -> None:
    upstream = Upstream("v", (GEMINI, ANTHROPIC), "", door=VERTEX, project="ours", location="eu")
    key = Credential("v-1", "v", "")
    asked = upstream.asked(GEMINI, "vertex-gemini-x", True, key, path="/p")
    assert (asked.model, asked.stream, asked.project, asked.location, asked.path) == (
        "gemini-x",
        True,
        "ours",
        "eu",
        "/p",
    )
    assert upstream.asked(GEMINI, "m", False, Credential("v-2", "v", "", project="its")).project == "its"
    assert Upstream("c", (RESPONSES,), "", door=CHATGPT).asked(RESPONSES, "m", False, key).stream


def test_a_models_format_comes_before_the_clients() -> None:
    upstream = Upstream("v", (GEMINI, ANTHROPIC), "", door=VERTEX)
    assert upstream.format_for(GEMINI, "vertex-claude-x") is ANTHROPIC
    assert upstream.format_for(ANTHROPIC, "vertex-gemini-x") is GEMINI


def test_an_upstream_is_its_own_provider_unless_it_is_the_door_of_one() -> None:
    assert Upstream("a", (CHAT,), "").provider == "a"
    assert Upstream("chatgpt", (RESPONSES,), "", provider="openai").provider == "openai"


def test_what_an_entrance_lacks_is_no_word_of_its_format() -> None:
    asked = ir.Request("m", temperature=1, store=True)
    target = Upstream("chatgpt", (RESPONSES,), "", door=CHATGPT).target(RESPONSES, asked)
    assert not {"temperature", "store"} & target.SUPPORTS and "tools" in target.SUPPORTS


def test_a_body_that_need_not_change_is_the_same_bytes() -> None:
    text = b'{ "model" :"m" }'
    asked = Asked(CHAT, "m")
    assert Upstream("a", (CHAT,), "").body(text, {"model": "m"}, asked) is text
    assert Upstream("a", (CHAT,), "").body(text, {"model": "m"}, Asked(CHAT, "n")) == b'{ "model" :"n" }'
