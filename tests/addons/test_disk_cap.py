"""Logs and recordings are bounded together; the user's own files are nobody's business."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cliproxy.addons.disk_cap import DiskCap, excess, found
from cliproxy.addons.settings import Logging

RECORDED = [f"2026010{n}T120000.000000-1a2b3c4d.flow" for n in range(1, 7)]


def write(path: Path, size: int, age: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (10_000 - age, 10_000 - age))


@pytest.fixture
def full(tmp_path: Path) -> Path:
    for number, name in enumerate(RECORDED):
        write(tmp_path / "flows" / name, 100, 60 - number)
    write(tmp_path / "flows" / "mine.flow", 1000, 500)
    write(tmp_path / "gateway.log", 100, 400)
    write(tmp_path / "gateway.log.1", 100, 58)
    write(tmp_path / "requests.log.3", 100, 61)
    return tmp_path


def cap(folder: Path, size: int) -> DiskCap:
    made = DiskCap()
    made._logging = Logging(file=folder / "gateway.log", request_log=folder / "requests.log", total_size=size)
    made._folder = folder / "flows"
    return made


def test_the_oldest_go_whatever_they_are(full: Path) -> None:
    cap(full, 600).look()
    left = sorted(path.name for path in full.rglob("*") if path.is_file())
    assert left == sorted([*RECORDED[2:], "mine.flow", "gateway.log", "gateway.log.1"])


def test_what_is_written_to_now_stays(full: Path) -> None:
    cap(full, 1).look()
    assert sorted(path.name for path in full.rglob("*") if path.is_file()) == ["gateway.log", "mine.flow"]


def test_within_the_size_nothing_goes(full: Path) -> None:
    one = cap(full, 900)
    assert sum(kept.size for kept in found(one._logging, one._folder)) == 900
    one.look()
    assert len(list(full.rglob("*.flow"))) == 7


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    assert found(Logging(), None) == [] == found(Logging(file=tmp_path / "no"), tmp_path / "none")
    assert excess([], 0) == []
