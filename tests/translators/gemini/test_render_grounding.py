"""Sources of answers, written."""

from __future__ import annotations

from cliproxy.translators import ir
from cliproxy.translators.gemini.parse_grounding import citations
from cliproxy.translators.gemini.render_grounding import Grounding

TEXT = "Grüße aus Köln. Bye."


def test_nothing_cited_nothing_said() -> None:
    assert Grounding().fields() == {}


def test_citations_come_back_as_they_were() -> None:
    said = [ir.Citation("https://a.test", "A", "", 0, 15), ir.Citation("https://b.test", "", "", 16, 20),
            ir.Citation("https://a.test", "A", "", 16, 20), ir.Citation("", "B", "words", 0, 5)]  # fmt: skip
    grounding = Grounding()
    for citation in said:
        grounding.cite(citation, TEXT, 0)
    fields = grounding.fields()
    assert len(fields["groundingMetadata"]["groundingChunks"]) == 3
    assert fields["groundingMetadata"]["groundingSupports"][0]["segment"] == {
        "startIndex": 0, "endIndex": 18, "text": "Grüße aus Köln."
    }  # fmt: skip
    assert list(citations(fields, TEXT)) == said


def test_searches_and_visits() -> None:
    grounding = Grounding()
    for part in (
        ir.BuiltinCall("1", "web_search", '{"query":"x"}'),
        ir.BuiltinResult("1", "web_search", (ir.Citation("https://a.test", "A"),)),
        ir.BuiltinCall("2", "web_fetch", '{"url":"https://b.test"}'),
        ir.BuiltinResult("2", "web_fetch", (ir.Citation("https://b.test"),), error="x"),
        ir.BuiltinCall("3", "web_search", "no json"),
    ):
        grounding.search(part)
    grounding.cite(ir.Citation("https://a.test", "A"), "", 2)
    assert grounding.fields() == {
        "groundingMetadata": {
            "webSearchQueries": ["x"],
            "groundingChunks": [{"web": {"uri": "https://a.test", "title": "A"}}],
        },
        "urlContextMetadata": {
            "urlMetadata": [{"retrievedUrl": "https://b.test", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_ERROR"}]
        },
    }
