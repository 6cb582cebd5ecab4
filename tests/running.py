"""Starts the gateway as its users do, as a process of its own, and stops it again."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KEY = "sk-test-client-key"
RESTED = ("-s", str(Path(__file__).parent / "gateway" / "rested.py"))
"""For a gateway that many tests share: a request with ``x-test-rested`` finds no credential resting."""
START_SECONDS = 30


@dataclass
class Gateway:
    url: str
    home: Path
    process: subprocess.Popen[str]
    output: list[str]

    def log(self) -> str:
        """What the gateway wrote so far, start block included."""
        return (self.home / "output.txt").read_text()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def gateway(
    config: Mapping[str, Any] | None = None,
    *arguments: str,
    environ: Mapping[str, str] = {},
    program: str = "run",
) -> Iterator[Gateway]:
    """A gateway with this configuration (None: --demo or --replay), a home folder of its own, and a free port."""
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        command = [sys.executable, "-m", "cliproxy.cli", program, "--port", str(port), *arguments]
        if config is None:
            command += [] if "--replay" in arguments else ["--demo"]
        else:
            path = home / "config.yaml"
            path.write_text(yaml.safe_dump({"auth": {"api-keys": [KEY]}, **config}))
            command += ["--config", str(path)]
        inherited = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        with (home / "output.txt").open("w") as output:
            process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                cwd=home,
                env={**inherited, "HOME": str(home), **environ},
            )
        one = Gateway(f"http://127.0.0.1:{port}", home, process, [])
        try:
            _wait_until_ready(one, port)
            yield one
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(one: Gateway, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if one.process.poll() is not None:
            raise AssertionError(f"the gateway ended with {one.process.returncode}:\n{one.log()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise AssertionError(f"the gateway is not ready after {START_SECONDS} s:\n{one.log()}")
