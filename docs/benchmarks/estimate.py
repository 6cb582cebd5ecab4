"""How far the local estimate of tokens is from what providers counted: ``uv run python docs/benchmarks/estimate.py``.

Needs the recorded traffic beside the checkout (../shared/corpus).
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cliproxy.translators import ir
from cliproxy.translators.estimate import estimate
from cliproxy.translators.formats import FORMATS

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
WIRES = {
    "openai-chat": "openai_chat",
    "openai-responses": "openai_responses",
    "anthropic-messages": "anthropic",
    "gemini-generate": "gemini",
}
MAKERS = {"openai": "OpenAI", "anthropic": "Anthropic", "gemini": "Gemini", "vertex": "Gemini"}


def counted(format: str, answer: Any) -> int:
    """The tokens of input that the provider said; 0 where it said none."""
    if format == "gemini":
        return int(answer.get("usageMetadata", {}).get("promptTokenCount") or 0)
    usage = answer.get("usage") or {}
    cached = ("cache_read_input_tokens", "cache_creation_input_tokens") if format == "anthropic" else ()
    total = usage.get("prompt_tokens") or usage.get("input_tokens") or 0
    return int(total + sum(usage.get(name) or 0 for name in cached))


def comparable(request: ir.Request) -> bool:
    """All of the input is in the request, and in our own words: no earlier answer, no tool of the provider's own."""
    parts = [part for message in request.messages for part in message.parts]
    return (
        not request.previous_response_id
        and all(isinstance(tool, ir.Tool) for tool in request.tools)
        and not any(isinstance(part, ir.Media | ir.Foreign | ir.BuiltinCall | ir.BuiltinResult) for part in parts)
    )


def samples() -> Iterator[tuple[str, int, int]]:
    """Maker, tokens counted, tokens estimated."""
    for name, format in WIRES.items():
        with gzip.open(CORPUS / f"{name}.jsonl.gz", "rt") as lines:
            for record in map(json.loads, lines):
                if record["status"] != 200 or record["is_stream"] or not record["request_json"]:
                    continue
                try:
                    request = FORMATS[format].parse_request(record["request_json"], record["url_path"])
                    tokens = counted(format, json.loads(record["response_body"]))
                except (ValueError, AttributeError):
                    continue
                if tokens and comparable(request):
                    yield MAKERS.get(record["provider"], "others"), tokens, estimate(request)


def main() -> None:
    errors: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for maker, tokens, guessed in samples():
        errors[maker].append((tokens, abs(guessed - tokens) / tokens))
    print("| maker | requests | median error | 90 % within | median, over 500 tokens |\n|---|---|---|---|---|")  # noqa: T201
    for maker, found in sorted(errors.items()):
        each = sorted(error for _, error in found)
        large = [error for tokens, error in found if tokens > 500] or [0.0]
        row = (statistics.median(each), each[int(len(each) * 0.9)], statistics.median(large))
        print(f"| {maker} | {len(each)} | " + " | ".join(f"{value:.0%}" for value in row) + " |")  # noqa: T201


if __name__ == "__main__":
    if not CORPUS.is_dir():
        sys.exit(f"There is no recorded traffic at {CORPUS}.")
    main()
