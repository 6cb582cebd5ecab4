"""Sums, as tables of counts → what is told."""

from __future__ import annotations

import csv
import io

import pytest
from endings import BEGAN, call, told
from jsonschema_rs import Draft202012Validator

from cliproxy.addons.management.operations import USAGE
from cliproxy.addons.state.shared import Shared
from cliproxy.addons.usage.ledger import Ledger
from cliproxy.addons.usage.report import DIMENSIONS, Question, as_csv, counters, document, rows, since
from cliproxy.addons.usage.usage import Usage

HOUR, DAY = 3600.0, 86_400.0


async def kept() -> Shared:
    shared = Shared()
    shared.store._clock = lambda: BEGAN  # type: ignore[attr-defined]
    ledger = Ledger(shared)
    usage = Usage(shared, ledger)
    for one in (
        told(lost=("seed",)),
        told(began=BEGAN - 2 * HOUR, client="laptop"),
        told(began=BEGAN - 3 * DAY, provider="anthropic", model="claude-sonnet-4-5", status=500, failed=True),
        told(began=BEGAN - 30 * DAY, model="=cmd()", status=499, partial=True, usage=None),
    ):
        usage.ended(one, call())
    await ledger.flush()
    return shared


async def told_of(question: Question) -> dict[str, object]:
    shared = await kept()
    return document(await counters(shared.store, question, BEGAN), question)


async def test_the_documented_shape_and_more_beside_it() -> None:
    found = await told_of(Question())
    assert found["total_requests"] == 4
    assert found["requests_by_provider"] == {"openai": 3, "anthropic": 1}
    assert found["tokens_used"] == {"prompt": 3000, "completion": 600}
    assert found["requests_by_status"] == {"200": 2, "499": 1, "500": 1}
    assert found["lost"] == {"seed": 1}
    Draft202012Validator(USAGE).validate(found)


@pytest.mark.parametrize(
    "by, names",
    [
        ("provider", ["openai", "anthropic"]),
        ("model", ["gpt-5", "=cmd()", "claude-sonnet-4-5"]),
        ("client", ["ci", "laptop"]),
        ("account", ["openai-1"]),
        ("day", ["2026-02-02", "2026-03-01", "2026-03-04"]),
        ("hour", ["2026-03-01T06", "2026-03-04T04", "2026-03-04T06"]),
    ],
)
async def test_rows_by_each_dimension(by: str, names: list[str]) -> None:
    assert by in DIMENSIONS
    shared = await kept()
    found = rows(await counters(shared.store, Question(by), BEGAN), by)
    assert [row[by] for row in found] == names


@pytest.mark.parametrize("back, requests", [(HOUR, 2), (DAY, 2), (5 * DAY, 3), (40 * DAY, 4), (0.0, 1)])
async def test_since(back: float, requests: int) -> None:
    assert (await told_of(Question(since=BEGAN - back)))["total_requests"] == requests


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("24h", BEGAN - DAY),
        ("7d", BEGAN - 7 * DAY),
        ("2026-03-04", BEGAN - 6 * HOUR + 1),
        ("0001-01-01", 0.0),
    ],
)
def test_spans_and_moments(text: str, seconds: float) -> None:
    assert since(text, BEGAN) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "d",
        "7",
        "7 d",
        "-1d",
        "٣d",
        "yesterday",
        "2026-13-01",
        "20260101",
        "2026-01-01T00:00",
        "2026-W01-1",
        "1" * 5000 + "d",
    ],
)
def test_what_is_neither(text: str) -> None:
    with pytest.raises(ValueError, match="must be a span"):
        since(text, BEGAN)


async def test_csv_has_no_formula() -> None:
    shared = await kept()
    text = as_csv(await counters(shared.store, Question(), BEGAN), "model")
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["model"] for row in found] == ["gpt-5", "'=cmd()", "claude-sonnet-4-5"]
    assert [row["requests"] for row in found] == ["2", "1", "1"]
