"""Pain 12, edge 8: usage."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators import ir
from cliproxy.translators.gemini.usage import parse_usage, render_usage


@pytest.mark.parametrize(
    "wire, usage",
    [
        ({"promptTokenCount": 10, "candidatesTokenCount": 3, "thoughtsTokenCount": 4, "cachedContentTokenCount": 6,
          "totalTokenCount": 17}, ir.Usage(10, 7, 6, None, 4)),
        ({"promptTokenCount": 10, "toolUsePromptTokenCount": 5}, ir.Usage(15)),
        ({"promptTokenCount": 0, "candidatesTokenCount": 0, "cachedContentTokenCount": 0}, ir.Usage(0, 0, 0)),
        ({"promptTokenCount": 2.0, "candidatesTokenCount": None, "thoughtsTokenCount": 4}, ir.Usage(2, 4, reasoning=4)),
        ({"trafficType": "ON_DEMAND", "promptTokenCount": "many"}, ir.Usage()),
    ],
)  # fmt: skip
def test_cached_is_in_the_input_and_thoughts_are_output(wire: Any, usage: ir.Usage) -> None:
    assert parse_usage(wire) == usage


def test_renders_what_is_known() -> None:
    assert render_usage(ir.Usage(10, 7, 6, 1, 4)) == {
        "promptTokenCount": 10,
        "cachedContentTokenCount": 6,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 4,
        "totalTokenCount": 17,
    }
    assert render_usage(ir.Usage()) == {}
