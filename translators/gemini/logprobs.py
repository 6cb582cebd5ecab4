"""Gemini's `logprobsResult`, both ways."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..ir import Json
from ..lenient import items, mapping, text


def parse_logprobs(result: Any) -> tuple[ir.TokenLogprob, ...]:
    """`topCandidates[i]` are the alternatives at the place of `chosenCandidates[i]`."""
    result = mapping(result)
    tops = items(result.get("topCandidates"))
    chosen = items(result.get("chosenCandidates"))
    return tuple(
        _token(candidate, mapping(tops[place]) if place < len(tops) else {}) for place, candidate in enumerate(chosen)
    )


def _token(candidate: Any, top: Json) -> ir.TokenLogprob:
    candidate = mapping(candidate)
    value = candidate.get("logProbability")
    alternatives = tuple(_token(one, {}) for one in items(top.get("candidates")))
    return ir.TokenLogprob(text(candidate.get("token")), float(value) if _is_number(value) else 0.0, top=alternatives)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def render_logprobs(tokens: tuple[ir.TokenLogprob, ...]) -> Json:
    return {
        "chosenCandidates": [_render(token) for token in tokens],
        "topCandidates": [{"candidates": [_render(top) for top in token.top]} for token in tokens],
    }


def _render(token: ir.TokenLogprob) -> Json:
    return {"token": token.token, "logProbability": token.logprob}
