"""Gemini Code Assist's paths and envelope."""

from __future__ import annotations

import pytest

from cliproxy.addons.doors.code_assist import CODE_ASSIST
from cliproxy.addons.doors.door import Asked
from cliproxy.translators.formats import FORMATS

GEMINI = FORMATS["gemini"]
BODY = b'{ "contents" : [] }'


@pytest.mark.parametrize(
    "target, asked, expected",
    [
        ("/v1beta/models/g:generateContent?a=b", Asked(GEMINI, "g"), "/v1internal:generateContent"),
        (
            "/v1beta/models/g:streamGenerateContent",
            Asked(GEMINI, "g", True),
            "/v1internal:streamGenerateContent?alt=sse",
        ),
        ("/v1beta/models/g:countTokens", Asked(GEMINI, "g", counting=True), "/v1internal:countTokens"),
        ("/v1beta/models/a%3Ab:generateContent", Asked(GEMINI, "a:b"), "/v1internal:generateContent"),
    ],
)
def test_paths(target: str, asked: Asked, expected: str) -> None:
    assert CODE_ASSIST.target(target, asked) == expected


@pytest.mark.parametrize(
    "asked, expected",
    [
        (Asked(GEMINI, "g", project="p"), b'{"model":"g","project":"p","request":' + BODY + b"}"),
        (Asked(GEMINI, "g"), b'{"model":"g","request":' + BODY + b"}"),
        (
            Asked(GEMINI, "g", counting=True, project="p"),
            b'{"request":{"model":"models/g", "contents" : [] }}',
        ),
    ],
)
def test_the_envelope_leaves_the_request_as_it_is(asked: Asked, expected: bytes) -> None:
    assert CODE_ASSIST.envelope(BODY, asked) == expected


def test_a_client_that_speaks_so_keeps_its_own_envelope_but_for_whom_it_bills() -> None:
    own = b'{"model":"g", "project": "theirs","user_prompt_id":"u","request":' + BODY + b"}"
    asked = Asked(GEMINI, "g", project="ours", enveloped=own)
    assert CODE_ASSIST.envelope(BODY, asked) == own.replace(b'"theirs"', b'"ours"')
    assert CODE_ASSIST.envelope(BODY, Asked(GEMINI, "g", enveloped=own)) == own
