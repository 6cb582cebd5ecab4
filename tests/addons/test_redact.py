"""No secret is written down, wherever it stands and however it is spelled."""

from __future__ import annotations

import gzip
import json

import pytest
from exchanges import request
from mitmproxy import http

from cliproxy.addons.redact import MARK, Redactor

SECRET = "sk-test-secret/with+odd=chars"
QUOTED = "sk-test-secret%2Fwith%2Bodd%3Dchars"
REDACTOR = Redactor([SECRET, "sk-test-ключ", "short"])


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "x-api-key", "X-Goog-Api-Key", "api-key",
        "X-Management-Key", "ChatGPT-Account-Id",
    ],
)  # fmt: skip
def test_what_stands_in_the_place_of_a_secret_is_taken_out_be_it_known_or_not(name: str) -> None:
    headers = http.Headers([(name.encode(), b"Bearer whatever"), (b"accept", b"*/*")])
    assert Redactor().headers(headers).fields == ((name.encode(), MARK.encode()), (b"accept", b"*/*"))


@pytest.mark.parametrize("name", ["authorization-mode", "x-api-key-id", "x-cookie", "content-type"])
def test_other_headers_stay(name: str) -> None:
    headers = http.Headers([(name.encode(), b"v\xff")])
    assert Redactor().headers(headers).fields == headers.fields


def test_a_secret_in_any_header_is_taken_out_by_its_value() -> None:
    headers = http.Headers(
        [(b"x-custom", f"a {SECRET} b".encode()), (b"referer", f"https://a.test/?k={QUOTED}".encode())]
    )
    assert [value for _, value in REDACTOR.headers(headers).fields] == [
        b"a [redacted] b",
        b"https://a.test/?k=[redacted]",
    ]


@pytest.mark.parametrize(
    "path, written",
    [
        ("/v1/messages", "/v1/messages"),
        ("/v1/messages?", "/v1/messages?"),
        ("/v1/messages?beta=true&x=%20a&&y", "/v1/messages?beta=true&x=%20a&&y"),
        ("/m?key=unknown", "/m?key=[redacted]"),
        ("/m?a=1&key=a=b&b=2", "/m?a=1&key=[redacted]&b=2"),
        ("/m?key", "/m?key=[redacted]"),
        ("/m?k%65y=unknown", "/m?k%65y=[redacted]"),
        ("/m?Key=unknown&API_KEY=unknown", "/m?Key=[redacted]&API_KEY=[redacted]"),
        ("/m?access_token=x&auth_token=y&token=z", "/m?access_token=[redacted]&auth_token=[redacted]&token=[redacted]"),
        ("/m?monkey=x&keys=y", "/m?monkey=x&keys=y"),
        (f"/m/{QUOTED}?x={QUOTED}&y={SECRET}", "/m/[redacted]?x=[redacted]&y=[redacted]"),
    ],
)
def test_the_path_keeps_all_but_secrets(path: str, written: str) -> None:
    assert REDACTOR.path(path) == written


@pytest.mark.parametrize(
    "text, written",
    [
        (SECRET, MARK),
        (f"{SECRET}{SECRET}", MARK + MARK),
        (f'{{"key":"{SECRET}"}}', f'{{"key":"{MARK}"}}'),
        ("sk-test-ключ!", f"{MARK}!"),
        ("sk-test-%D0%BA%D0%BB%D1%8E%D1%87", MARK),
        ("short stays short", "short stays short"),
        ("", ""),
    ],
)
def test_text_and_bytes_alike(text: str, written: str) -> None:
    assert REDACTOR.text(text) == written
    assert REDACTOR.data(b"\xff" + text.encode() + b"\xfe") == b"\xff" + written.encode() + b"\xfe"


def test_of_two_secrets_that_begin_alike_the_longer_goes_whole() -> None:
    assert Redactor(["sk-test-a", "sk-test-a-longer"]).text("sk-test-a-longer sk-test-a") == f"{MARK} {MARK}"


def test_a_secret_is_a_text_and_not_a_pattern() -> None:
    assert Redactor(["sk.test.*"]).text("sk-test-xx sk.test.*") == f"sk-test-xx {MARK}"


def test_without_secrets_only_places_count() -> None:
    assert Redactor().text(SECRET) == SECRET
    assert Redactor().data(SECRET.encode()) == SECRET.encode()


def test_requests_and_responses_are_copies_without_secrets() -> None:
    asked = request(path=f"/m?key={SECRET}", body=SECRET.encode(), headers={"x-api-key": SECRET})
    answered = http.Response.make(200, SECRET, {"set-cookie": "a=b"})
    kept, told = REDACTOR.request(asked), REDACTOR.response(answered)
    assert (kept.path, kept.content, kept.headers["x-api-key"]) == ("/m?key=[redacted]", MARK.encode(), MARK)
    assert (told.content, told.headers["set-cookie"]) == (MARK.encode(), MARK)
    assert (asked.content, asked.headers["x-api-key"]) == (SECRET.encode(), SECRET)
    assert (answered.text, answered.headers["set-cookie"]) == (SECRET, "a=b")


def test_compression_hides_no_secret() -> None:
    packed = gzip.compress(SECRET.encode())
    kept = REDACTOR.request(request(body=packed, headers={"content-encoding": "gzip"}))
    told = REDACTOR.response(http.Response.make(200, b"", {"content-encoding": "gzip"}))
    assert (kept.raw_content, "content-encoding" in kept.headers) == (MARK.encode(), False)
    assert told.raw_content is not None


def test_what_is_wrongly_said_to_be_compressed_is_redacted_as_it_is() -> None:
    kept = REDACTOR.request(request(body=SECRET.encode(), headers={"content-encoding": "gzip"}))
    assert kept.raw_content == MARK.encode()


def test_a_message_without_a_body_stays_without_one() -> None:
    answered = http.Response.make(200)
    answered.data.content = None
    assert REDACTOR.response(answered).data.content is None


@pytest.mark.parametrize("cut", range(22))
def test_a_secret_across_two_pieces_is_found(cut: int) -> None:
    data = b"a sk-test-secret-1 bcd"
    pieces = Redactor(["sk-test-secret-1"]).pieces([data[:cut], data[cut:]])
    assert len(pieces) == 2
    assert b"".join(pieces) == b"a [redacted] bcd"


def test_secrets_that_come_about_later_and_the_ones_before_them() -> None:
    redactor = Redactor(["sk-test-given"])
    for number in (1, 2, 2, 3):
        redactor.learn("openai-account", [f"sk-test-access-{number}", ""])
    redactor.learn("gemini-account", ["sk-test-other"])
    text = "sk-test-given sk-test-access-1 sk-test-access-2 sk-test-access-3 sk-test-other"
    assert redactor.text(text) == f"{MARK} sk-test-access-1 {MARK} {MARK} {MARK}"


def test_a_secret_is_found_as_json_spells_it() -> None:
    redactor = Redactor(['pass"wörd\\1'])
    for text in (json.dumps({"a": 'pass"wörd\\1'}), json.dumps({"a": 'pass"wörd\\1'}, ensure_ascii=False)):
        assert redactor.text(text) == '{"a": "[redacted]"}'
        assert redactor.data(text.encode()) == b'{"a": "[redacted]"}'
