"""A gateway for the time that something else takes: started on a free port, and ended with it."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .faults import Fault

START_SECONDS, END_SECONDS = 60.0, 10.0
_LISTENS = re.compile(r"^cliproxy listens on (\S+)$", re.MULTILINE)


@contextlib.contextmanager
def own_gateway(*arguments: str) -> Iterator[str]:
    """`arguments`: of `cliproxy run`. Gives the base URL; raises Fault with what it says when it doesn't start."""
    with tempfile.TemporaryDirectory(prefix="cliproxy-") as folder:
        log = Path(folder, "log")
        command = [sys.executable, "-m", "cliproxy.cli", "run", "--port", "0", *arguments]
        with log.open("wb") as output:
            # In a session of its own: Ctrl-C in the terminal is the client's, which may still want an answer.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        try:
            yield _address(process, log)
        finally:
            _end(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        said = log.read_text("utf-8", "replace")
        if found := _LISTENS.search(said):
            return found[1]
        if ended:
            raise Fault(*(said.splitlines() or [f"The gateway ended with {process.returncode}."]))
        time.sleep(0.02)
    raise Fault(f"The gateway did not start within {START_SECONDS:.0f} seconds.", *log.read_text().splitlines())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
