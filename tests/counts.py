"""Counts that tests make and the end of the run prints: name → number."""

from __future__ import annotations

from collections import Counter

COUNTS: Counter[str] = Counter()
