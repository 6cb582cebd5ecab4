"""Metrics, held against Prometheus' text format."""

from __future__ import annotations

import re

from cliproxy.addons.management.metrics import Gauge, rendered, sample
from cliproxy.addons.usage.counts import Key

LINE = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\})? (\d+(\.\d+)?|\+Inf)')
USAGE = [
    (Key("all", "", "openai", 'a"b\\c\nd', "openai-1", "ci"), {"requests": 2, "status.200": 2, "input": 12_345_678}),
    (Key("all", "", "openai", 'a"b\\c\nd', "openai-2", "ci"), {"requests": 1, "status.200": 1, "lost.seed": 1}),
]
COUNTERS = {"attempts|openai-1": {"429": 1.0}, "duration|openai": {"0": 1.0, "1": 2.0, "11": 4.0, "seconds": 1234.0}}


def text(*gauges: Gauge) -> str:
    return rendered(USAGE, COUNTERS, gauges)


def test_every_line_is_of_the_format() -> None:
    found = text(("cliproxy_account_able", "Whether it can serve.", {"account": "openai-1"}, 1))
    assert found.endswith("\n")
    samples = [line for line in found.splitlines() if not line.startswith("#")]
    assert samples and all(LINE.fullmatch(line) for line in samples), found
    heads = re.findall(r"# TYPE (\S+) (\S+)", found)
    assert len(heads) == len(set(heads)) == 5


def test_accounts_and_clients_are_added_up_and_no_digit_is_lost() -> None:
    assert 'model="a\\"b\\\\c\\nd",status="200"} 3' in text()
    assert 'type="input"} 12345678' in text()


def test_a_histogram_is_cumulative() -> None:
    counts = [int(line.rpartition(" ")[2]) for line in text().splitlines() if "_bucket{" in line]
    assert counts == sorted(counts) and counts[0] == 1 and counts[-1] == 7
    assert 'cliproxy_request_duration_seconds_count{provider="openai"} 7' in text()


def test_labels_are_escaped() -> None:
    assert sample("a", {"b": 'x"\\\n'}, 1) == r'a{b="x\"\\\n"} 1'
