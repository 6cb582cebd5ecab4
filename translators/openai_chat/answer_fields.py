"""Writes the fields that whole and streamed chat answers share."""

from __future__ import annotations

from .. import ir
from ..wire import extra_of
from .words import NAME


def render_image(part: ir.Media) -> ir.Json:
    """OpenRouter's spelling: OpenAI has none for pictures in a chat answer."""
    url = part.url or f"data:{part.media_type or 'image/png'};base64,{part.data}"
    return {"type": "image_url", "image_url": {"url": url}}


def render_audio(part: ir.Media, id: str) -> ir.Json:
    said = extra_of(part.extra, NAME)
    return {
        "id": said.get("id") or f"audio_{id}",
        "data": part.data,
        "expires_at": said.get("expires_at") or 0,
        "transcript": said.get("transcript") or "",
    }


def render_citation(citation: ir.Citation, base: int) -> ir.Json:
    """`base`: where the citing text begins in the message. All four fields are required."""
    said: ir.Json = {
        "url": citation.url,
        "title": citation.title,
        "start_index": 0 if citation.start is None else base + citation.start,
        "end_index": 0 if citation.end is None else base + citation.end,
    }
    if citation.quote:
        said["content"] = citation.quote
    return {"type": "url_citation", "url_citation": said}


def render_logprobs(logprobs: tuple[ir.TokenLogprob, ...]) -> ir.Json | None:
    if not logprobs:
        return None
    content = [{**_token(token), "top_logprobs": [_token(one) for one in token.top]} for token in logprobs]
    return {"content": content, "refusal": None}


def _token(token: ir.TokenLogprob) -> ir.Json:
    bytes = None if token.bytes is None else list(token.bytes)
    return {"token": token.token, "logprob": token.logprob, "bytes": bytes}
