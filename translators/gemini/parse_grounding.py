"""Reads where an answer comes from: groundingMetadata, citationMetadata, urlContextMetadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ir, wire
from ..ir import Json
from ..lenient import count, items, mapping, text
from .words import NAME


def citations(candidate: Json, cited: str) -> Iterator[ir.Citation]:
    """The sources of a candidate whose text is `cited`."""
    encoded = cited.encode("utf-8", "surrogatepass")
    grounding = mapping(candidate.get("groundingMetadata"))
    sources = [_source(chunk) for chunk in items(grounding.get("groundingChunks"))]
    for support in items(grounding.get("groundingSupports")):
        start, end = _place(mapping(mapping(support).get("segment")), cited, encoded)
        for number in items(mapping(support).get("groundingChunkIndices")):
            if type(number) is int and 0 <= number < len(sources):
                url, title, quote = sources[number]
                yield ir.Citation(url, title, quote, start, end)
    metadata = mapping(candidate.get("citationMetadata"))
    for citation in items(metadata.get("citations")) or items(metadata.get("citationSources")):
        yield from _recitation(mapping(citation), cited, encoded)


def _recitation(citation: Json, cited: str, encoded: bytes) -> Iterator[ir.Citation]:
    """What the model recited, and from where; an entry without a source says nothing."""
    uri = text(citation.get("uri"))
    if uri:
        start, end = _place(citation, cited, encoded)
        licence = {"license": citation["license"]} if citation.get("license") else {}
        yield ir.Citation(
            uri, text(citation.get("title")), "", start, end, ir.Extra(NAME, licence) if licence else None
        )


def _source(chunk: Any) -> tuple[str, str, str]:
    """URL, title and quote of a grounding chunk: ``web``, ``retrievedContext`` or ``maps``."""
    kinds = (mapping(value) for value in mapping(chunk).values())
    source = next((kind for kind in kinds if kind), {})
    return text(source.get("uri")), text(source.get("title")), text(source.get("text"))


def _place(segment: Json, cited: str, encoded: bytes) -> tuple[int | None, int | None]:
    """Offsets are "measured in bytes" of the part's text; in the IR they are characters of the whole text."""
    end = count(segment.get("endIndex"))
    if end is None:
        return None, None
    start, quoted = count(segment.get("startIndex")) or 0, text(segment.get("text"))
    if 0 <= start <= end <= len(encoded):
        place = _characters(encoded[:start]), _characters(encoded[:end])
        if not quoted or cited[place[0] : place[1]] == quoted:
            return place
    found = cited.find(quoted) if quoted else -1
    return (found, found + len(quoted)) if found >= 0 else (None, None)


def _characters(encoded: bytes) -> int:
    return len(encoded) if encoded.isascii() else len(encoded.decode("utf-8", "ignore"))


def blocks(candidate: Json, id: str) -> Iterator[ir.Block]:
    """The searches and page visits that Google made for this answer."""
    grounding = mapping(candidate.get("groundingMetadata"))
    queries = [query for query in items(grounding.get("webSearchQueries")) if type(query) is str and query]
    if queries:
        arguments = {"query": queries[0]} if len(queries) == 1 else {"query": queries[0], "queries": queries}
        sources = [_source(chunk) for chunk in items(grounding.get("groundingChunks"))]
        found = tuple(ir.Citation(url, title) for url, title, _ in sources if url)
        yield ir.Block(ir.BuiltinCall(f"search_{id}", "web_search", wire.dumps(arguments).decode()))
        yield ir.Block(ir.BuiltinResult(f"search_{id}", "web_search", found))
    visited = mapping(candidate.get("urlContextMetadata")).get("urlMetadata")
    for number, page in enumerate(items(visited)):
        yield from _visit(mapping(page), f"fetch_{id}_{number}")


def _visit(page: Json, id: str) -> Iterator[ir.Block]:
    url, status = text(page.get("retrievedUrl")), page.get("urlRetrievalStatus")
    if url:
        failed = "" if status in ("URL_RETRIEVAL_STATUS_SUCCESS", 1) else str(status or "")
        yield ir.Block(ir.BuiltinCall(id, "web_fetch", wire.dumps({"url": url}).decode()))
        yield ir.Block(ir.BuiltinResult(id, "web_fetch", (ir.Citation(url),), error=failed))
