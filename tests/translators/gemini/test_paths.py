"""Paths: model, verb and form of the stream, and names that must not become paths."""

from __future__ import annotations

import pytest

from cliproxy.translators import gemini, ir
from cliproxy.translators.gemini.paths import Place, read_path


@pytest.mark.parametrize(
    "path, place",
    [
        ("/v1beta/models/gemini-3-pro:generateContent", Place("gemini-3-pro", False, False)),
        ("/v1/models/gemini-3-pro:streamGenerateContent?alt=sse", Place("gemini-3-pro", True, False)),
        ("/v1beta/models/m:streamGenerateContent", Place("m", True, True)),
        ("/v1beta/models/m:streamGenerateContent?key=dummy&alt=json", Place("m", True, True)),
        ("/v1beta/models/m:streamGenerateContent?key=dummy&alt=SSE", Place("m", True, False)),
        ("/v1beta/models/m:streamGenerateContent?%24alt=json%3Benum-encoding%3Dint", Place("m", True, True)),
        ("/v1beta/models/m:streamGenerateContent?$alt=sse", Place("m", True, False)),
        ("/models/m:generateContent", Place("m", False, False)),
        ("/v1beta1/publishers/google/models/m:generateContent", Place("m", False, False)),
        (
            "/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent?alt=sse",
            Place("m", True, False),
        ),
        ("/v1beta/models/openai/gpt-5:generateContent", Place("openai/gpt-5", False, False)),
        ("/v1beta/models/a%2Fb%3Ac:generateContent", Place("a/b:c", False, False)),
        ("/v1beta/models/gemini-3-pro", Place("", False, False)),
        ("/v1/messages", Place("", False, False)),
        ("", Place("", False, False)),
    ],
)
def test_reads_model_verb_and_alt(path: str, place: Place) -> None:
    assert read_path(path) == place


@pytest.mark.parametrize(
    "model, segment",
    [
        ("gemini-3-pro", "gemini-3-pro"),
        ("models/gemini-3-pro", "gemini-3-pro"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a/b", "a%2Fb"),
        ("../../v1/files", "..%2F..%2Fv1%2Ffiles"),
        ("%2F", "%252F"),
        ("x?alt=sse", "x%3Falt%3Dsse"),
        ("x#y", "x%23y"),
        ("m:streamGenerateContent", "m%3AstreamGenerateContent"),
        ("a b\r\nHost: x", "a%20b%0D%0AHost%3A%20x"),
        ("mö\ud800", "m%C3%B6%ED%A0%80"),
    ],
)
def test_a_hostile_model_name_stays_one_segment(model: str, segment: str) -> None:
    assert gemini.endpoint(ir.Request(model)) == f"/v1beta/models/{segment}:generateContent"


def test_streams_are_asked_for_as_events() -> None:
    request = ir.Request("m", stream=True, json_array=True)
    assert gemini.endpoint(request) == "/v1beta/models/m:streamGenerateContent?alt=sse"
