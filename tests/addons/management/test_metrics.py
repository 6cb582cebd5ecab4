"""Metrics, held against Prometheus' text format."""

from __future__ import annotations

import re

from cliproxy.addons.management.metrics import rendered, sample
from cliproxy.addons.recent import BUCKETS, Totals

LINE = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\})? (\d+(\.\d+)?|\+Inf)')


def totals() -> Totals:
    made = Totals()
    made.requests["openai", 'a"b\\c\nd', "200"] = 2
    made.tokens["openai", "gpt-test", "input"] = 12
    made.attempts["openai-1", "429"] = 1
    made.durations["openai"] = [1, 2] + [0] * (len(BUCKETS) - 2) + [4]
    made.seconds["openai"] = 1234
    return made


def test_every_line_is_of_the_format() -> None:
    text = rendered(totals(), [("cliproxy_account_able", "Whether it can serve.", {"account": "openai-1"}, 1)])
    assert text.endswith("\n")
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert samples and all(LINE.fullmatch(line) for line in samples), text
    heads = re.findall(r"# TYPE (\S+) (\S+)", text)
    assert len(heads) == len(set(heads)) == 5


def test_a_histogram_is_cumulative() -> None:
    text = rendered(totals(), [])
    counts = [int(line.rpartition(" ")[2]) for line in text.splitlines() if "_bucket{" in line]
    assert counts == sorted(counts) and counts[0] == 1 and counts[-1] == 7
    assert 'cliproxy_request_duration_seconds_count{provider="openai"} 7' in text


def test_labels_are_escaped() -> None:
    assert sample("a", {"b": 'x"\\\n'}, 1) == r'a{b="x\"\\\n"} 1'
