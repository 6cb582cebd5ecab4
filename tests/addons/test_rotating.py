"""A file that turns over, also under several processes at once."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from cliproxy.addons import rotating
from cliproxy.addons.rotating import append, clear, kept

LINES = 400


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "FILE_BYTES", 1000)


def test_it_turns_over_and_the_oldest_goes(tmp_path: Path) -> None:
    path = tmp_path / "below" / "log"
    for number in range(1000):
        append(path, b"line %d\n" % number)
    files = kept(path)
    assert [file.name for file in files] == ["log", "log.1", "log.2", "log.3"]
    assert all(file.stat().st_mode & 0o777 == 0o600 and file.stat().st_size <= 1000 for file in files)
    numbers = [int(line.split()[1]) for file in reversed(files) for line in file.read_text().splitlines()]
    assert numbers == list(range(numbers[0], 1000))
    clear(path)
    assert kept(path) == [path] and path.read_bytes() == b""


def _write(path: Path, who: int) -> None:
    rotating.FILE_BYTES, rotating.FILES = 1000, 100
    for number in range(LINES):
        append(path, b"%d of %d\n" % (number, who))


def test_several_processes_lose_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotating, "FILES", 100)
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(tmp_path / "log", who)) for who in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    lines = [line for file in kept(tmp_path / "log") for line in file.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{number} of {who}" for number in range(LINES) for who in range(3))
    assert all(file.stat().st_size <= 1100 for file in kept(tmp_path / "log"))


def test_what_can_not_be_written_to_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        append(tmp_path, b"x")
