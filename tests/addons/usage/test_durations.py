"""What Prometheus is told of time."""

from __future__ import annotations

import pytest
from endings import told

from cliproxy.addons.exchange import AttemptRecord
from cliproxy.addons.usage.durations import attempts, durations


@pytest.mark.parametrize("seconds, bucket", [(0.0, "0"), (0.1, "0"), (0.11, "1"), (300.0, "10"), (301.0, "11")])
def test_buckets(seconds: float, bucket: str) -> None:
    assert durations(told(seconds=seconds)) == ("duration|openai", {bucket: 1, "seconds": seconds})


def test_attempts() -> None:
    tried = (AttemptRecord("a", "openai", 0, 0.1, "connect (refused)"), AttemptRecord("b", "openai", 200, 0.2))
    assert attempts(told(attempts=tried)) == [("attempts|a", {"connect": 1}), ("attempts|b", {"200": 1})]
