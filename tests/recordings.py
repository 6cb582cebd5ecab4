"""Recorded provider traffic (../shared/corpus), for tests that skip where it is not there."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
ALL = os.environ.get("CORPUS") == "all"
needed = pytest.mark.skipif(not CORPUS.exists(), reason=f"no recordings at {CORPUS}")


def records(wire: str) -> Iterator[dict[str, Any]]:
    """The records of a wire: some of each kind, or all of them where ``CORPUS=all``."""
    name = wire if ALL else "core"
    with gzip.open(CORPUS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["wire"] == wire:
                yield record


def gaps(file: Path) -> frozenset[str]:
    """Ids listed as known gaps: the first word of each line that is no comment."""
    lines = file.read_text().splitlines() if file.exists() else []
    return frozenset(line.split()[0] for line in lines if line.strip() and not line.startswith("#"))


def cut(body: str, size: int = 37) -> Iterator[bytes]:
    """The bytes of a body in pieces: recorders keep no boundaries."""
    data = body.encode("utf-8", "surrogatepass")
    return (data[at : at + size] for at in range(0, len(data), size))
