"""Writes where an answer comes from: citations and searches of any provider as `groundingMetadata`."""

from __future__ import annotations

from collections.abc import Iterable

from .. import ir, wire
from ..ir import Json


class Grounding:
    """Gathers the sources of one answer: they are sent with its end."""

    def __init__(self) -> None:
        self._queries: list[str] = []
        self._chunks: dict[tuple[str, str, str], int] = {}
        self._supports: list[Json] = []
        self._pages: dict[str, str] = {}

    def search(self, part: ir.Part) -> None:
        """A provider's own search or page visit, and what it found."""
        if isinstance(part, ir.BuiltinCall):
            self._call(part)
        elif isinstance(part, ir.BuiltinResult):
            self._result(part)

    def _call(self, call: ir.BuiltinCall) -> None:
        arguments = wire.arguments_object(call.arguments)
        if call.tool == "web_fetch":
            self._pages.setdefault(str(arguments.get("url", "")), "")
            return
        queries = arguments.get("queries")
        asked = queries if isinstance(queries, list) else [arguments.get("query")]
        self._queries += [query for query in asked if isinstance(query, str) and query]

    def _result(self, result: ir.BuiltinResult) -> None:
        if result.tool == "web_fetch":
            self._pages.update({source.url: result.error for source in result.sources})
            return
        self._found(result.sources)

    def cite(self, citation: ir.Citation, cited: str, part: int) -> None:
        """`cited`: the text so far of part number `part`, which the citation is for."""
        (number,) = self._found((citation,))
        if citation.start is None or citation.end is None:
            return
        segment: Json = {"partIndex": part} if part else {}
        start, end = _bytes(cited[: citation.start]), _bytes(cited[: citation.end])
        segment |= {"startIndex": start, "endIndex": end, "text": cited[citation.start : citation.end]}
        self._supports.append({"segment": segment, "groundingChunkIndices": [number]})

    def fields(self) -> Json:
        """The fields of the candidate; none where nothing was cited or searched."""
        fields: Json = {}
        grounding: Json = {}
        if self._queries:
            grounding["webSearchQueries"] = self._queries
        if self._chunks:
            grounding["groundingChunks"] = [_chunk(*source) for source in self._chunks]
        if self._supports:
            grounding["groundingSupports"] = self._supports
        if grounding:
            fields["groundingMetadata"] = grounding
        pages = [_page(url, error) for url, error in self._pages.items() if url]
        if pages:
            fields["urlContextMetadata"] = {"urlMetadata": pages}
        return fields

    def _found(self, sources: Iterable[ir.Citation]) -> list[int]:
        return [self._chunks.setdefault(_key(source), len(self._chunks)) for source in sources]


def _key(source: ir.Citation) -> tuple[str, str, str]:
    """A passage without an address is told apart by what it says."""
    return source.url, source.title, "" if source.url else source.quote


def _chunk(url: str, title: str, quote: str) -> Json:
    named = {"title": title} if title else {}
    return {"web": {"uri": url, **named}} if url else {"retrievedContext": {**named, "text": quote}}


def _page(url: str, error: str) -> Json:
    status = "URL_RETRIEVAL_STATUS_ERROR" if error else "URL_RETRIEVAL_STATUS_SUCCESS"
    return {"retrievedUrl": url, "urlRetrievalStatus": status}


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
