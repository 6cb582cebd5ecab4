"""`cliproxy flows show`."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_flows import folder, run, told
from recorded_exchanges import translated


@pytest.mark.parametrize(
    "view, parts",
    [
        ("conversation", ["How warm is it in Paris?", "get_weather", "18 °C"]),
        ("client", ["POST /v1/messages", "event: message_start"]),
        ("provider", ["attempt 2 · openai-2", "chat.completion.chunk"]),
        ("explain", ["attempts:", "openai-1: 503", "top_k"]),
    ],
)
def test_the_four_ways(tmp_path: Path, view: str, parts: list[str]) -> None:
    shown = run("flows", "show", "1a2b", "--from", folder(tmp_path, translated()), "--as", view).output
    assert all(part in shown for part in parts), shown


def test_for_programs(tmp_path: Path) -> None:
    one = told("flows", "show", "last", "--from", folder(tmp_path, translated()))
    assert one["view"] == "conversation" and "Paris" in one["text"] and one["id"] == "1a2b3c4d"
