"""Whole answers, both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliproxy.translators import gemini, ir
from cliproxy.translators.collect import collect

OWN, FOREIGN = ir.Opaque("gemini", "c2VhbA=="), ir.Opaque("anthropic", "s")


def answer(*parts: Any, **candidate: Any) -> Any:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}, **candidate}], "responseId": "r"}


def read(body: Any) -> ir.Response:
    return collect(gemini.parse_response(body))


def test_a_whole_answer() -> None:
    body = answer({"text": "a"}, {"functionCall": {"name": "f", "args": {"x": 1}}}, finishReason="STOP")
    assert read(body) == ir.Response(
        "r", "", None, (ir.Text("a"), ir.ToolCall("call_r_0", "f", '{"x":1}')), ir.Finish("tool_calls")
    )
    assert read([body]) == read(body)


@pytest.mark.parametrize(
    "body", [{}, {"candidates": []}, {"candidates": None, "usageMetadata": {}}, {"promptFeedback": {}}, [], [7], 7]
)
def test_what_is_no_answer(body: Any) -> None:
    with pytest.raises(ir.BadAnswer):
        read(body)


def test_a_body_can_not_have_broken_off() -> None:
    """Some servers send no finishReason: in a stream that is an error, in a whole answer it is not."""
    assert read(answer({"text": "a"})).finish == ir.Finish("stop")
    assert read({"candidates": [{}]}).finish == ir.Finish("stop")


def test_an_error_inside_a_200() -> None:
    """Edge 22."""
    assert read({"error": {"code": 429, "message": "no"}}).error == ir.Error(429, "no")
    assert read({"promptFeedback": {"blockReason": "SAFETY"}}).finish == ir.Finish("content_filter")


def test_renders_what_the_sdk_reads(judge: Any, context: Callable[..., ir.Context]) -> None:
    parts = (
        ir.Reasoning("hm", FOREIGN),
        ir.Text("a", (ir.Citation("https://a.test", start=0, end=1),), (ir.TokenLogprob("a", -1.0),)),
        ir.Reasoning("", OWN), ir.ToolCall("x", "f", '{"y":1}'), ir.Media("image", "image/png", data="AAAA"),
    )  # fmt: skip
    finish = ir.Finish("tool_calls", ir.Usage(9, 5, 4, None, 2))
    body = gemini.render_response(ir.Response("r", "m1", None, parts, finish), context())
    assert judge.verdict(judge.whole(body)) == ("a", "hm", [("f", {"y": 1})], "STOP", (9, 3, 2, 4))
    candidate = body["candidates"][0]
    assert candidate["content"]["parts"][1] == {"text": "a", "thoughtSignature": OWN.data}
    assert [part.get("thought") for part in candidate["content"]["parts"]] == [True, None, None, None]
    assert candidate["logprobsResult"]["chosenCandidates"] == [{"token": "a", "logProbability": -1.0}]
    assert candidate["groundingMetadata"]["groundingSupports"][0]["segment"]["partIndex"] == 1
    assert (body["modelVersion"], body["responseId"]) == ("m1", "r")


def test_an_empty_answer(judge: Any, context: Callable[..., ir.Context]) -> None:
    body = gemini.render_response(ir.Response("", "", None, (), ir.Finish("content_filter")), context())
    assert judge.verdict(judge.whole(body)).finish == "SAFETY"
    assert (body["modelVersion"], body["responseId"]) == (
        "gemini-3-flash-preview",
        "fresh",
    ) and "usageMetadata" not in body
