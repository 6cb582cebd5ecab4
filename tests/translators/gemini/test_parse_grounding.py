"""Sources of answers, read."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.parse_grounding import blocks, citations

TEXT = "Grüße aus Köln. Bye."
WEB = {
    "groundingChunks": [
        {"web": {"uri": "https://a.test", "title": "A"}},
        {"retrievedContext": {"text": "q", "title": "B"}},
    ]
}


def supported(segment: Any, *numbers: Any) -> list[ir.Citation]:
    support = {"segment": segment, "groundingChunkIndices": list(numbers)}
    return list(citations({"groundingMetadata": WEB | {"groundingSupports": [support]}}, TEXT))


@pytest.mark.parametrize(
    "segment, place",
    [
        ({"endIndex": 18, "text": "Grüße aus Köln."}, (0, 15)),
        ({"startIndex": 19, "endIndex": 23, "text": "Bye."}, (16, 20)),
        ({"startIndex": 2, "endIndex": 5, "text": "Bye."}, (16, 20)),
        ({"startIndex": 2, "endIndex": 500, "text": "nowhere"}, (None, None)),
        ({"startIndex": 10}, (None, None)),
        (None, (None, None)),
    ],
)
def test_bytes_become_characters(segment: Any, place: tuple[int | None, int | None]) -> None:
    """ "measured in bytes": a place that does not hold its words is looked up."""
    assert supported(segment, 0) == [ir.Citation("https://a.test", "A", "", *place)]


def test_each_source_is_a_citation() -> None:
    found = supported({"endIndex": 6}, 0, 1, 7, "x", -1)
    assert found == [ir.Citation("https://a.test", "A", "", 0, 4), ir.Citation("", "B", "q", 0, 4)]


def test_recitations() -> None:
    """An entry without a source says nothing; both spellings of the list."""
    entry = {"startIndex": 0, "endIndex": 3, "uri": "https://a.test", "license": "mit"}
    want = ir.Citation("https://a.test", "", "", 0, 2, ir.Extra("gemini", {"license": "mit"}))
    for key in ("citations", "citationSources"):
        assert list(citations({"citationMetadata": {key: [{}, entry, None]}}, TEXT)) == [want]


def test_searches_and_visits() -> None:
    candidate = {
        "groundingMetadata": WEB | {"webSearchQueries": ["x", "y", 7]},
        "urlContextMetadata": {
            "urlMetadata": [
                {"retrievedUrl": "https://b.test", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"},
                {"retrievedUrl": "https://c.test", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_ERROR"},
                {},
            ]
        },
    }
    assert [block.part for block in blocks(candidate, "r")] == [
        ir.BuiltinCall("search_r", "web_search", '{"query":"x","queries":["x","y"]}'),
        ir.BuiltinResult("search_r", "web_search", (ir.Citation("https://a.test", "A"),)),
        ir.BuiltinCall("fetch_r_0", "web_fetch", '{"url":"https://b.test"}'),
        ir.BuiltinResult("fetch_r_0", "web_fetch", (ir.Citation("https://b.test"),)),
        ir.BuiltinCall("fetch_r_1", "web_fetch", '{"url":"https://c.test"}'),
        ir.BuiltinResult(
            "fetch_r_1", "web_fetch", (ir.Citation("https://c.test"),), error="URL_RETRIEVAL_STATUS_ERROR"
        ),
    ]


@pytest.mark.parametrize(
    "candidate",
    [{}, {"groundingMetadata": 7},
     {"groundingMetadata": {"groundingChunks": [None, 7], "groundingSupports": [None, {}]}},
     {"citationMetadata": {"citations": {}}}, {"urlContextMetadata": {"urlMetadata": 7}}],
)  # fmt: skip
def test_odd_shapes_say_nothing(candidate: Any) -> None:
    assert list(citations(candidate, TEXT)) == [] == list(blocks(candidate, ""))
