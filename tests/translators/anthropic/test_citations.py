from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.anthropic.citations import parse_citation, parse_citations, render_citation, render_sealed

WEB = {
    "type": "web_search_result_location",
    "url": "https://example.test/a",
    "title": "A",
    "cited_text": "so it is",
    "encrypted_index": "seal",
}
PLACES: list[dict[str, Any]] = [
    WEB,
    {
        "type": "char_location",
        "cited_text": "x",
        "document_index": 0,
        "document_title": "D",
        "start_char_index": 1,
        "end_char_index": 2,
    },
    {
        "type": "page_location",
        "cited_text": "x",
        "document_index": 0,
        "document_title": None,
        "start_page_number": 1,
        "end_page_number": 2,
    },
    {
        "type": "content_block_location",
        "cited_text": "x",
        "document_index": 0,
        "document_title": "D",
        "start_block_index": 1,
        "end_block_index": 2,
    },
    {
        "type": "search_result_location",
        "cited_text": "x",
        "search_result_index": 0,
        "source": "https://example.test/s",
        "title": "S",
        "start_block_index": 0,
        "end_block_index": 1,
    },
]


@pytest.mark.parametrize("wire", PLACES, ids=lambda w: w["type"])
def test_every_kind_goes_there_and_back(wire: dict[str, Any]) -> None:
    assert render_citation(parse_citation(wire)) == wire
    assert render_sealed((parse_citation(wire),)) == {"citations": [wire]}


def test_what_others_can_read_of_it() -> None:
    citation = parse_citation(WEB, 3, 9)
    assert (citation.url, citation.title, citation.quote, citation.start, citation.end) == (
        "https://example.test/a",
        "A",
        "so it is",
        3,
        9,
    )
    assert parse_citation(PLACES[4]).url == "https://example.test/s"


def test_a_foreign_source_is_shown_to_clients_but_not_sent_to_anthropic() -> None:
    foreign = ir.Citation("https://example.test/b", "B", start=0, end=4)
    shown = render_citation(foreign)
    assert shown == {
        "type": "web_search_result_location",
        "url": "https://example.test/b",
        "title": "B",
        "cited_text": "",
        "encrypted_index": "",
    }
    assert render_sealed((foreign, parse_citation(shown))) == {}


def test_odd_ones_do_no_harm() -> None:
    assert parse_citations("x") == ()
    assert parse_citations([None, {"type": 3, "cited_text": 1}])[0].quote == ""
