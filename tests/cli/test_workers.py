"""Several workers: started, replaced, given up on, and ended together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cliproxy.addons.worker import WORKER
from cliproxy.cli.workers import reserved

SUPERVISOR = """
    import sys
    from cliproxy.cli.workers import Workers
    sys.exit(Workers([sys.executable, "-c", sys.argv[1]], 2, 0).run())
"""
# One write a line: two of them write to the same file at once.
PATIENT = "import os, time; os.write(1, f\"{os.environ['CLIPROXY_WORKER']} {os.getpid()}\\n\".encode()); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + PATIENT


def supervised(script: str, folder: Path, before: str = "") -> subprocess.Popen[str]:
    program = textwrap.dedent(before) + textwrap.dedent(SUPERVISOR)
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen([sys.executable, "-c", program, script], stdout=out, stderr=err, text=True)


def said(folder: Path) -> list[tuple[int, int]]:
    """Number and process id of each worker that began."""
    lines = (folder / "out").read_text().split("\n")[:-1]
    return [(int(line.split()[0]), int(line.split()[1])) for line in lines]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_crashed_worker_is_replaced_and_all_end_together(tmp_path: Path) -> None:
    process = supervised(PATIENT, tmp_path)
    until(lambda: len(said(tmp_path)) == 2)
    assert {number for number, _ in said(tmp_path)} == {1, 2}
    number, victim = said(tmp_path)[0]
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(said(tmp_path)) == 3)
    assert said(tmp_path)[2][0] == number
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not any(alive(one) for _, one in said(tmp_path))
    assert f"Worker {number} ended with -9" in (tmp_path / "err").read_text()


def test_workers_that_crash_again_and_again_are_given_up(tmp_path: Path) -> None:
    process = supervised("raise SystemExit(3)", tmp_path)
    assert process.wait(30) == 1
    assert "5 workers ended within 30 seconds" in (tmp_path / "err").read_text()


def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    process = supervised(STUBBORN, tmp_path, "import cliproxy.cli.workers as w\nw.KILL_AFTER = 0.2\n")
    until(lambda: len(said(tmp_path)) == 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not any(alive(one) for _, one in said(tmp_path))


def test_the_port_is_held_but_nobody_answers_there() -> None:
    with reserved("127.0.0.1", 0) as port:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)
        with pytest.raises(OSError), socket.socket() as other:
            other.bind(("127.0.0.1", port))
        got: list[bool] = []
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen()
            thread = threading.Thread(target=lambda: got.append(bool(listener.accept())))
            thread.start()
            socket.create_connection(("127.0.0.1", port), 1).close()
            thread.join(5)
        assert got == [True]


def test_a_workers_number_is_where_the_addon_looks_for_it() -> None:
    assert WORKER in PATIENT
