"""How sources and token probabilities are spelled beside a piece of text, both ways."""

from __future__ import annotations

from ..ir import Citation, Extra, Json, TokenLogprob
from ..lenient import count, objects, text
from ..wire import extra_of
from .words import NAME


def parse_citation(annotation: Json, base: int = 0) -> Citation:
    """`base`: where the annotated part begins in the text that the offsets shall count in."""
    left = dict(annotation)
    start, end = count(left.pop("start_index", None)), count(left.pop("end_index", None))
    title = text(left.get("filename"))
    if left.get("type") == "url_citation":
        del left["type"]
        title = text(left.pop("title", None))
    return Citation(
        url=text(left.pop("url", None)),
        title=title,
        start=None if start is None else start + base,
        end=None if end is None else end + base,
        extra=Extra(NAME, left) if left else None,
    )


def render_citation(citation: Citation, length: int) -> Json:
    """`length` of the annotated text: a source without offsets is one for all of it."""
    own = extra_of(citation.extra, NAME)
    where = {
        "start_index": 0 if citation.start is None else citation.start,
        "end_index": length if citation.end is None else citation.end,
    }
    if own.get("type", "url_citation") != "url_citation":
        return own if citation.start is None else {**own, **where}
    title = citation.title or citation.quote or citation.url
    return {"type": "url_citation", **where, "url": citation.url, "title": title, **own}


def parse_logprobs(values: object) -> tuple[TokenLogprob, ...]:
    return tuple(_parse_logprob(value) for value in objects(values)) if values else ()


def _parse_logprob(value: Json) -> TokenLogprob:
    spelled, logprob = value.get("bytes"), value.get("logprob")
    return TokenLogprob(
        text(value.get("token")),
        float(logprob) if type(logprob) in (int, float) else 0.0,  # type: ignore[arg-type]
        tuple(one for one in spelled if type(one) is int) if isinstance(spelled, list) else None,
        tuple(TokenLogprob(one.token, one.logprob, one.bytes) for one in parse_logprobs(value.get("top_logprobs"))),
    )


def render_logprobs(logprobs: tuple[TokenLogprob, ...]) -> list[Json]:
    return [{**_render_logprob(one), "top_logprobs": [_render_logprob(top) for top in one.top]} for one in logprobs]


def _render_logprob(one: TokenLogprob) -> Json:
    spelled = one.token.encode("utf-8", "surrogatepass") if one.bytes is None else one.bytes
    return {"token": one.token, "bytes": list(spelled), "logprob": one.logprob}
