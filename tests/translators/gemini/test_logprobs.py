"""Log-probabilities, there and back."""

from __future__ import annotations

from cliproxy.translators import ir
from cliproxy.translators.gemini.logprobs import parse_logprobs, render_logprobs

TOKENS = (
    ir.TokenLogprob("a", -0.5, top=(ir.TokenLogprob("a", -0.5), ir.TokenLogprob("b", -1.0))),
    ir.TokenLogprob("c", -2.0),
)


def test_there_and_back() -> None:
    assert parse_logprobs(render_logprobs(TOKENS)) == TOKENS


def test_odd_shapes_say_nothing() -> None:
    assert parse_logprobs(None) == () == parse_logprobs({"chosenCandidates": 7})
    assert parse_logprobs({"chosenCandidates": [None, {"token": 3}]}) == (ir.TokenLogprob("", 0.0),) * 2
