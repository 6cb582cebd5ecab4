from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.ir import Citation, Extra, TokenLogprob
from cliproxy.translators.openai_responses.annotations import (
    parse_citation,
    parse_logprobs,
    render_citation,
    render_logprobs,
)
from cliproxy.translators.openai_responses.words import NAME

URL = {"type": "url_citation", "start_index": 3, "end_index": 5, "url": "https://a.test", "title": "A"}
FILE = {"type": "file_citation", "file_id": "file-1", "filename": "a.pdf", "index": 7}
CONTAINER = {
    "type": "container_file_citation",
    "container_id": "cntr_1",
    "file_id": "cfile_1",
    "filename": "a.png",
    "start_index": 0,
    "end_index": 4,
}


@pytest.mark.parametrize("annotation", [URL, {**URL, "more": 1}, FILE, CONTAINER])
def test_citation_both_ways(annotation: dict[str, Any]) -> None:
    assert render_citation(parse_citation(annotation), 10) == annotation


def test_offsets_count_in_the_text_that_the_part_became() -> None:
    assert parse_citation(URL, 100) == Citation("https://a.test", "A", start=103, end=105)


def test_a_source_without_offsets_is_one_for_all_of_the_text() -> None:
    assert render_citation(Citation("https://a.test"), 9) == {
        "type": "url_citation",
        "start_index": 0,
        "end_index": 9,
        "url": "https://a.test",
        "title": "https://a.test",
    }


def test_the_extra_of_another_format_stays_there() -> None:
    assert "secret" not in render_citation(Citation("u", "t", extra=Extra("anthropic", {"secret": 1})), 1)


def test_odd_annotations_are_read() -> None:
    assert parse_citation({"type": "url_citation", "url": 5, "start_index": "x"}) == Citation()
    assert parse_citation({}) == Citation()
    assert NAME


def test_logprobs_both_ways() -> None:
    top = {"token": "B", "bytes": [66], "logprob": -2.5}
    wire = [{"token": "A", "bytes": [65], "logprob": -0.5, "top_logprobs": [top]}]
    assert render_logprobs(parse_logprobs(wire)) == wire
    assert render_logprobs((TokenLogprob("é", -1.0),))[0]["bytes"] == [195, 169]
    assert parse_logprobs([{"token": None, "logprob": "x"}, 3]) == (TokenLogprob("", 0.0),)
    assert parse_logprobs({"a": 1}) == ()
