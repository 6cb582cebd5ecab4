"""What was counted outlives the process: all where it is told to end, but for the last second where it is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import KEY, Gateway, gateway
from scripted import provider, stream
from wires import CHAT_REQUEST, chat, chat_pieces

SECRET = "sk-test-management"
SLACK = 3.0
"""Seconds: the counts are kept once a second, on a machine that may be busy."""


def config(url: str) -> dict[str, Any]:
    return {"openai": {"base-url": f"{url}/v1", "api-key": "sk-test-o"}, "remote-management": {"secret-key": SECRET}}


def counted(one: Gateway) -> Any:
    answer = httpx.get(f"{one.url}/v0/management/usage", headers={"x-management-key": SECRET}, timeout=20)
    assert answer.status_code == 200
    return answer.json()


def children(of: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


class Traffic:
    """Clients that ask until the gateway is gone; `answered`: when each answer was complete."""

    def __init__(self, one: Gateway, clients: int = 4) -> None:
        self.answered: list[float] = []
        self.asked = 0
        self._one, self._lock = one, threading.Lock()
        self._threads = ThreadPoolExecutor(clients)
        self._running = [self._threads.submit(self._ask) for _ in range(clients)]

    def _ask(self) -> None:
        with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=20) as client:
            while True:
                with self._lock:
                    self.asked += 1
                try:
                    answer = client.post(f"{self._one.url}/v1/chat/completions", json=CHAT_REQUEST)
                except httpx.HTTPError:
                    return
                assert answer.status_code == 200
                with self._lock:
                    self.answered.append(time.monotonic())

    def wait_for(self, answers: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.answered) < answers:
            assert time.monotonic() < deadline and not any(one.done() for one in self._running)
            time.sleep(0.02)

    def end(self) -> None:
        for one in self._running:
            one.result(30)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_in_mid_traffic(tmp_path: Path, workers: str) -> None:
    sure = possible = 0
    with provider(chat()) as upstream:
        for round in range(3):
            with gateway(config(upstream.url), "--workers", workers, environ={"HOME": str(tmp_path)}) as one:
                if round:
                    before = counted(one)["total_requests"]
                    assert sure <= before <= possible
                    sure = possible = before
                traffic = Traffic(one)
                traffic.wait_for(50)
                time.sleep(1.5)
                killed = time.monotonic()
                for process in (one.process.pid, *children(one.process.pid)):
                    os.kill(process, signal.SIGKILL)
                one.process.wait()
                traffic.end()
                sure += sum(at < killed - SLACK for at in traffic.answered)
                possible += traffic.asked
        with gateway(config(upstream.url), environ={"HOME": str(tmp_path)}) as one:
            assert sure <= counted(one)["total_requests"] <= possible
    assert sure >= 150
    check = sqlite3.connect(tmp_path / ".cli-proxy-api/state.db").execute("PRAGMA integrity_check").fetchall()
    assert check == [("ok",)]


def test_told_to_end_it_forgets_nothing(tmp_path: Path) -> None:
    with provider(chat()) as upstream:
        environ = {"HOME": str(tmp_path)}
        with gateway(config(upstream.url), "--workers", "2", environ=environ) as one:
            with httpx.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=20) as client:
                for _ in range(25):
                    assert client.post(f"{one.url}/v1/chat/completions", json=CHAT_REQUEST).status_code == 200
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(20) == 0
        with gateway(config(upstream.url), environ=environ) as one:
            found = counted(one)
            assert (found["total_requests"], found["tokens_used"]["prompt"]) == (25, 25 * 9)


def test_a_client_that_leaves_is_counted_once_and_as_partial() -> None:
    pieces = chat_pieces(*[{"content": "x"}] * 50)
    with provider(stream(*pieces, pause=0.1)) as upstream, gateway(config(upstream.url)) as one:
        body = {**CHAT_REQUEST, "stream": True}
        headers = {"authorization": f"Bearer {KEY}"}
        with httpx.stream("POST", f"{one.url}/v1/chat/completions", json=body, headers=headers, timeout=20) as answer:
            next(answer.iter_raw())
        deadline = time.monotonic() + 20
        while not (found := counted(one))["total_requests"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert (found["total_requests"], found["total"]["partial"], found["total"]["failures"]) == (1, 1, 0)
