"""Several gateways on one port: starts them, replaces one that crashed, and ends them together."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import click

from cliproxy.addons.worker import WORKER

from .faults import Fault

CRASHES, WITHIN = 5, 30.0
"""So many crashes within so many seconds are no accident: then all are ended."""
KILL_AFTER = 10.0
"""Seconds beyond the shutdown timeout after which a worker that doesn't end is killed."""


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[int]:
    """Holds the port for the workers: bound but not listening, so that no connection ever comes here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, port))
        yield int(holder.getsockname()[1])


class Workers:
    """`command`: what each of them runs. `patience`: seconds that they are given to end."""

    def __init__(self, command: Sequence[str], count: int, patience: float) -> None:
        self._command, self._patience = list(command), patience
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._crashes: deque[float] = deque(maxlen=CRASHES)
        self._numbers = range(1, count + 1)
        self._deadline = math.inf
        self._code = 0

    def run(self) -> int:
        """Until they have all ended; gives the exit code."""
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, self._stop)
        for number in self._numbers:
            self._start(number)
        while self._running:
            self._reap()
            if time.monotonic() > self._deadline:
                for process in self._running.values():
                    process.kill()
            time.sleep(0.05)
        return self._code

    def _start(self, number: int) -> None:
        environ = {**os.environ, WORKER: str(number)}
        # In a group of their own: Ctrl-C in the terminal comes to us alone, and we pass it on.
        self._running[number] = subprocess.Popen(self._command, env=environ, start_new_session=True)

    def _reap(self) -> None:
        for number, process in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            del self._running[number]
            if self._deadline == math.inf:
                self._replace(number, code)

    def _replace(self, number: int, code: int) -> None:
        click.echo(f"Worker {number} ended with {code}.", err=True)
        self._crashes.append(time.monotonic())
        if len(self._crashes) < CRASHES or self._crashes[-1] - self._crashes[0] > WITHIN:
            self._start(number)
            return
        click.echo(f"{CRASHES} workers ended within {WITHIN:.0f} seconds; the gateway is ended.", err=True)
        self._code = 1
        self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._end()

    def _end(self) -> None:
        self._deadline = time.monotonic() + self._patience + KILL_AFTER
        for process in self._running.values():
            process.terminate()


def supervise(host: str, port: int, count: int, patience: float, command: Callable[[int], Sequence[str]]) -> int:
    """Run so many workers; `command` gives the words for a port. Raises `Fault` where ports can't be shared."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Fault("--workers needs a system that lets processes share a port (SO_REUSEPORT); this one does not.")
    with reserved(host, port) as bound:
        return Workers(command(bound), count, patience).run()
