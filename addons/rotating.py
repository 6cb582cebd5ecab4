"""A file that lines are added to and that never grows beyond a size: what was in it goes on as .1, .2 and so on.

Several processes may write to the same one: each line is one write, and only one of them turns the file over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .settings import MIB

FILE_BYTES = 16 * MIB
FILES = 4
"""So many files of that size are kept, the oldest of which goes first."""


def append(path: Path, data: bytes) -> None:
    """Readable by its owner alone. Raises `OSError`."""
    try:
        descriptor = _opened(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _opened(path)
    if os.fstat(descriptor).st_size + len(data) > FILE_BYTES:
        os.close(descriptor)
        descriptor = _turned(path, len(data))
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def kept(path: Path) -> list[Path]:
    """The files that there are, the newest first."""
    return [one for one in _names(path) if one.exists()]


def clear(path: Path) -> None:
    """Empty the file and remove the older ones."""
    for one in kept(path):
        if one == path:
            os.truncate(one, 0)
        else:
            one.unlink(missing_ok=True)


def _names(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(f"{path.name}.{number}") for number in range(1, FILES))


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _turned(path: Path, more: int) -> int:
    """The file to write to now, in the old one's place. Whoever comes second finds that it is done."""
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        _wait_for(lock)
        if path.exists() and path.stat().st_size + more > FILE_BYTES:
            names = list(_names(path))
            for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
                if newer.exists():
                    newer.replace(older)
        return _opened(path)
    finally:
        os.close(lock)  # which gives it back


def _wait_for(lock: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: one process alone
        return
    fcntl.flock(lock, fcntl.LOCK_EX)
