"""The estimate of tokens: near what providers count, and never a surprise."""

from __future__ import annotations

import gzip
import json
import statistics
from collections.abc import Iterator
from itertools import islice

import pytest
from recordings import CORPUS, needed

from cliproxy.translators import ir
from cliproxy.translators.estimate import estimate, pieces
from cliproxy.translators.formats import FORMATS


def asked(text: str, model: str = "gpt-5", **more: object) -> ir.Request:
    return ir.Request(model, (ir.Message("user", (ir.Text(text),)),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, low, high",
    [
        ("", 0, 0),
        ("The quick brown fox jumps over the lazy dog.", 9, 11),
        ("1234567890", 4, 6),
        ("北京の天気", 3, 6),
        ("a" * 4000, 150, 1500),
        ('{"a":[1,2,3]}', 6, 14),
    ],
)
def test_pieces(text: str, low: float, high: float) -> None:
    assert low <= pieces(text) <= high


def test_more_is_more() -> None:
    plain = estimate(asked("Hello"))
    assert estimate(asked("Hello there, how are you?")) > plain
    assert estimate(asked("Hello", tools=(ir.Tool("look", "Looks at the sky."),))) > plain
    assert estimate(asked("Hello", response_format=ir.ResponseFormat({"type": "object"}))) > plain
    image = ir.Message("user", (ir.Media("image", data="AAAA"),))
    assert estimate(ir.Request("gpt-5", (image,))) > 500


def test_each_maker_has_its_own_overheads() -> None:
    tool = (ir.Tool("look"),)
    tokens = [estimate(asked("Hello", model, tools=tool)) for model in ("gemini-2.5-pro", "gpt-5", "claude-sonnet-4-5")]
    assert tokens == sorted(tokens) and tokens[2] > 400


def test_what_a_tool_gave_is_counted_and_thoughts_are_not() -> None:
    result = ir.Message("tool", (ir.ToolResult("1", (ir.Text("word " * 100),)),))
    thought = ir.Message("assistant", (ir.Reasoning("word " * 100),))
    assert estimate(ir.Request("gpt-5", (result,))) > 100
    assert estimate(ir.Request("gpt-5", (thought,))) < 20


PLAIN = {"model", "messages", "temperature", "max_tokens", "max_completion_tokens", "stream", "n", "seed", "tools"}
SAMPLE = 500


def plain_requests() -> Iterator[tuple[ir.Request, int]]:
    """Recorded requests to OpenAI that are text and tools alone, with the tokens that it counted."""
    with gzip.open(CORPUS / "openai-chat.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            body = record["request_json"] or {}
            if (
                record["provider"] == "openai"
                and record["status"] == 200
                and not record["is_stream"]
                and set(body) <= PLAIN
            ):
                tokens = (json.loads(record["response_body"]).get("usage") or {}).get("prompt_tokens")
                request = FORMATS["openai_chat"].parse_request(body, record["url_path"])
                if tokens and all(isinstance(part, ir.Text) for message in request.messages for part in message.parts):
                    yield request, tokens


@needed
def test_near_to_what_openai_counted() -> None:
    """The other makers are measured by docs/benchmarks/estimate.py; no bound is promised there."""
    errors = [abs(estimate(request) - tokens) / tokens for request, tokens in islice(plain_requests(), SAMPLE)]
    assert len(errors) == SAMPLE
    assert statistics.median(errors) < 0.1
    assert sum(error < 0.25 for error in errors) > 0.85 * SAMPLE
