"""Lines that the user types while something else is waited for too, without taking what is typed later."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator

type Put = Callable[[str | None], None]


@contextlib.contextmanager
def typed_lines(put: Put) -> Iterator[None]:
    """Each line of standard input goes to `put`, and None after the last one. Inside the running event loop."""
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()

    def ready() -> None:
        data = os.read(descriptor, 65536)
        for line in data.decode(errors="replace").splitlines():
            put(line.strip())
        if not data:
            loop.remove_reader(descriptor)
            put(None)

    try:
        loop.add_reader(descriptor, ready)
    except PermissionError:  # a file, or /dev/null: reading it never waits
        _read(put)
        yield
    except NotImplementedError:  # Windows
        threading.Thread(target=_read, args=[lambda line: loop.call_soon_threadsafe(put, line)], daemon=True).start()
        yield
    else:
        try:
            yield
        finally:
            loop.remove_reader(descriptor)


def _read(put: Callable[[str | None], object]) -> None:
    with contextlib.suppress(RuntimeError, OSError, ValueError):  # the loop, or the input, is closed
        for line in sys.stdin:
            put(line.strip())
        put(None)
