"""What one exchange counts as, and where."""

from __future__ import annotations

import pytest
from endings import told

from cliproxy.addons.usage.counts import Key, fields, keys
from cliproxy.translators import ir


def test_it_counts_for_ever_for_the_day_and_for_the_hour_in_which_it_ended() -> None:
    found = [(key.period, key.stamp) for key, _ in keys(told(), "gpt-5")]
    assert found == [("all", ""), ("day", "2026-03-04"), ("hour", "2026-03-04T06")]
    ends = [expires for _, expires in keys(told(), "gpt-5")]
    assert ends[0] is None and ends[1] and ends[2] and ends[1] > ends[2] > told().began


@pytest.mark.parametrize("model", ["gpt-5", "a|b%c", "ключ 🔑\n", "(other)", "\udcff"])
def test_a_key_can_be_read_again(model: str) -> None:
    key = Key("day", "2026-03-04", "openai", model, "openai-1", "")
    again = Key.parse(str(key))
    assert again == key or model == "\udcff"
    assert str(key).isascii()


@pytest.mark.parametrize(
    "more, expected",
    [
        ({}, {"requests": 1, "input": 1000, "output": 200, "cache_read": 400, "cost": 0.5, "status.200": 1}),
        ({"status": 502, "failed": True, "usage": None}, {"requests": 1, "failures": 1, "status.502": 1}),
        (
            {"status": 499, "partial": True, "usage": ir.Usage(input=7)},
            {"requests": 1, "partial": 1, "status.499": 1, "input": 7, "cost": 0.5},
        ),
        ({"usage": None}, {"requests": 1, "unmeasured": 1, "status.200": 1}),
        (
            {"usage": None, "lost": ("tools.strict", "seed")},
            {"requests": 1, "unmeasured": 1, "status.200": 1, "lost.tools.strict": 1, "lost.seed": 1},
        ),
    ],
)
def test_fields(more: dict[str, object], expected: dict[str, float]) -> None:
    one = told(seconds=0.0, **more)
    assert fields(one, 0.5 if one.usage else None) == expected


def test_what_has_no_price_is_counted_so() -> None:
    assert fields(told(), None)["unpriced"] == 1
    assert "unpriced" not in fields(told(), 0.0)
    assert "unpriced" not in fields(told(usage=None), None)
