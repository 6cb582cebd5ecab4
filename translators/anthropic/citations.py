"""Sources of an answer: ``citations`` of a text block, both ways."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import items, mapping, text
from ..wire import compact, extra_of
from .words import NAME

_WEB = "web_search_result_location"
_SEARCH = "search_result_location"
_TITLE = {_WEB: "title", _SEARCH: "title"}
"""Where the title stands; elsewhere ``document_title``."""
_URL = {_WEB: "url", _SEARCH: "source"}


def parse_citations(value: Any) -> tuple[ir.Citation, ...]:
    return tuple(parse_citation(one) for one in items(value) if type(one) is dict)


def parse_citation(wire: Json, start: int | None = None, end: int | None = None) -> ir.Citation:
    """`start`, `end`: the text that cites. What points into a document (pages, characters) is only Anthropic's."""
    kind = text(wire.get("type"))
    url, title = _URL.get(kind, ""), _TITLE.get(kind, "document_title")
    taken = {url, title, "cited_text"}
    rest = {key: value for key, value in wire.items() if key not in taken}
    return ir.Citation(
        text(wire.get(url)), text(wire.get(title)), text(wire.get("cited_text")), start, end, ir.Extra(NAME, rest)
    )


def render_citation(citation: ir.Citation) -> Json:
    """For a client. Another format's source is a web page without the seal that only Anthropic can give."""
    own = extra_of(citation.extra, NAME) or {"type": _WEB, "encrypted_index": ""}
    kind = text(own.get("type"))
    fields: Json = {_TITLE.get(kind, "document_title"): citation.title or None, "cited_text": citation.quote}
    if key := _URL.get(kind):
        fields[key] = citation.url
    return {**fields, **own}


def render_sealed(citations: tuple[ir.Citation, ...]) -> Json:
    """For Anthropic, to be merged into the text block: only what came from there."""
    own = [render_citation(citation) for citation in citations if _is_sealed(citation)]
    return compact({"citations": own or None})


def _is_sealed(citation: ir.Citation) -> bool:
    own = mapping(extra_of(citation.extra, NAME))
    return bool(own) and own.get("encrypted_index") != ""
