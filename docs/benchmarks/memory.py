"""Measures what a long session costs in memory: ``uv run python docs/benchmarks/memory.py [web|run]``.

5,000 streamed exchanges of a coding agent's size (60 KB asked, 100 events answered) over 4 keep-alive connections, each
translated. Ends with 1 if the process is larger than it may be.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import httpx
from running import KEY, free_port, gateway
from scripted import provider
from wires import chat_stream

EXCHANGES, CLIENTS, STEP = 5000, 4, 1000
MOST = {"web": 400.0, "run": 200.0}
"""Megabytes that the process may have in memory at the end."""
TEXT = "what was said before and what a tool found, " * 1400
EVENTS = [{"content": "word "} for _ in range(100)]


class Forgetful(list[Any]):
    """The scripted provider notes what it saw; that is not what is measured."""

    def append(self, seen: Any) -> None:
        pass


def resident(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def asked(number: int) -> bytes:
    messages = [{"role": "user", "content": f"{number}: {TEXT}"}]
    return json.dumps({"model": "gpt-test", "max_tokens": 99, "stream": True, "messages": messages}).encode()


async def ask(url: str, process: int) -> None:
    numbers = iter(range(1, EXCHANGES + 1))
    headers = {"x-api-key": KEY, "content-type": "application/json"}

    async def client() -> None:
        async with httpx.AsyncClient(timeout=60, headers=headers) as session:
            for number in numbers:
                answer = await session.post(f"{url}/v1/messages", content=asked(number))
                assert answer.status_code == 200 and "message_stop" in answer.text
                if number % STEP == 0:
                    print(f"| {number:,} | {resident(process):.0f} MB |", flush=True)  # noqa: T201

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def main(program: str = "web") -> int:
    options = ("--set", f"web_port={free_port()}", "--set", "web_open_browser=false") if program == "web" else ()
    with provider(chat_stream(*EVENTS)) as upstream:
        upstream.seen = Forgetful()
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-key", "models": ["gpt-test"]}}
        with gateway(config, *options, program=program) as running:
            start = resident(running.process.pid)
            print(f"| exchanges | cliproxy {program} |\n|--:|--:|\n| 0 | {start:.0f} MB |")  # noqa: T201
            asyncio.run(ask(running.url, running.process.pid))
            return int(resident(running.process.pid) > MOST[program])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
