"""Measures what further workers bring: ``uv run python docs/benchmarks/workers.py [WORKERS]`` prints one line.

Wants as many idle cores as workers: client and provider (asyncio servers of this script) take some of one of them, a
few percent of what the gateway takes. The system spreads connections over the workers, not requests, so there are many.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gateway import CASES, KEY, ask, free_port, provide, proxy

CLIENTS = 32
CONNECTIONS = 240
EACH = 6
"""Requests a connection; then it is another one, and perhaps another worker's."""
ROUNDS = 5


async def client(port: int, left: Iterator[int]) -> None:
    """One connection after the other, while there are any left: who gets the busier worker takes fewer of them."""
    for _ in left:
        await ask(port, CASES[1], EACH)


async def a_second(port: int) -> float:
    """Requests a second: the median of the rounds, after one to warm up."""
    found = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        left = iter(range(CONNECTIONS))
        await asyncio.gather(*(client(port, left) for _ in range(CLIENTS)))
        found.append(CONNECTIONS * EACH / (time.perf_counter() - began))
    return statistics.median(found[1:])


async def measured(config: Path, workers: int, home: str) -> float:
    port = free_port()
    command = [sys.executable, "-m", "cliproxy.cli", "run", "--config", str(config), "--port", str(port)]
    async with proxy([*command, "--workers", str(workers)], port, home) as one:
        await asyncio.sleep(3)  # the others of them listen a moment after the first
        return await a_second(one.port)


async def run(workers: int) -> None:
    server = await asyncio.start_server(provide, "127.0.0.1", 0, limit=2**22)
    upstream = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "config.yaml")
        provider = {"api-key": "sk-test", "base-url": f"{upstream}/v1"}
        config.write_text(json.dumps({"auth": {"api-keys": [KEY]}, "openai": provider}))  # noqa: ASYNC240
        alone = await measured(config, 1, home)
        together = await measured(config, workers, home)
    print(f"cores: {os.cpu_count()}, load at the end: {os.getloadavg()[0]:.1f}")  # noqa: T201
    print(f"1 worker: {alone:.0f} requests/s · {workers} workers: {together:.0f} · × {together / alone:.2f}")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 2))
