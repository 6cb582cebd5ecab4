"""Recordings against today's code: which exchanges would go otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cliproxy.addons.offline import Side, compared
from cliproxy.addons.recordings import Recorded

from .flows.sources import exchange, exchanges, say

FAULTS = {"bytes": ("meaning", "differs"), "meaning": ("differs",)}
"""By what is compared: the verdicts that are differences."""


def run_offline(source: str, path: str | None, by: str, as_json: bool) -> None:
    """Ends the program with 1 where there is a difference."""
    found = [(one.id, compared(one)) for one in chosen(source, path)]
    different = [(id, side) for id, sides in found for side in sides if side.verdict in FAULTS[by]]
    say(_plain(found, by), as_json, lambda: "\n".join(_lines(found, different)))
    if different:
        raise SystemExit(1)


def chosen(source: str, path: str | None) -> Iterator[Recorded]:
    """All of a file or folder, or one exchange."""
    if not path and Path(source).expanduser().exists():
        yield from exchanges(source)
    else:
        yield exchange(source, path)


def _lines(found: list[tuple[str, list[Side]]], different: list[tuple[str, Side]]) -> Iterator[str]:
    for id, side in different:
        yield f"{id}  {side.part}: {'; '.join(side.told)}"
    sides = [side for _, each in found for side in each]
    counts = {verdict: sum(side.verdict == verdict for side in sides) for verdict in WORDS}
    told = ", ".join(f"{count} {WORDS[verdict]}" for verdict, count in counts.items() if count)
    ends = f"{len(different)} difference{'s' * (len(different) > 1)}" if different else "no difference"
    yield f"{len(found)} exchange{'s' * (len(found) != 1)}: {ends} ({told})."


WORDS = {
    "bytes": "sides equal byte by byte",
    "meaning": "sides equal in meaning only",
    "differs": "sides that differ",
    "skipped": "skipped",
}


def _plain(found: list[tuple[str, list[Side]]], by: str) -> list[dict[str, Any]]:
    rows = ((id, sides, any(one.verdict in FAULTS[by] for one in sides)) for id, sides in found)
    return [
        {"id": id, "different": different, "sides": [asdict(one) for one in sides]} for id, sides, different in rows
    ]
