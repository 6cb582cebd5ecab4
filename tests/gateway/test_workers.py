"""`run --workers 2`: both serve on one port, one that is killed is replaced, SIGTERM ends all."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx
from running import KEY, Gateway, gateway
from scripted import provider, whole

ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-test",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "ok"}}],
}


def children(of: int) -> set[int]:
    found = Path(f"/proc/{of}/task/{of}/children")
    return {int(child) for child in found.read_text().split()}


def served(one: Gateway) -> int:
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "x"}]}
    headers = {"authorization": f"Bearer {KEY}"}
    return httpx.post(f"{one.url}/v1/chat/completions", json=body, headers=headers, timeout=10).status_code


def listening(port: str) -> int:
    """How many sockets listen there."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{int(port):04X}") and line.split()[3] == "0A" for line in lines)


def wait_for(one: Gateway, count: int) -> None:
    deadline = time.monotonic() + 30
    while listening(one.url.rpartition(":")[2]) != count:
        assert time.monotonic() < deadline, one.log()
        time.sleep(0.05)


def test_two_workers() -> None:
    with provider(whole(ANSWER)) as upstream:
        config = {"openai": {"api-key": "sk-test-openai", "base-url": upstream.url}}
        with gateway(config, "--workers", "2") as one:
            wait_for(one, 2)
            assert {served(one) for _ in range(20)} == {200}
            first = children(one.process.pid)
            assert len(first) == 2
            os.kill(min(first), signal.SIGKILL)
            wait_for(one, 1)
            assert served(one) == 200
            wait_for(one, 2)
            assert {served(one) for _ in range(20)} == {200}
            one.process.send_signal(signal.SIGTERM)
            assert one.process.wait(15) == 0
            assert not any(Path(f"/proc/{worker}").exists() for worker in first)
            assert one.log().count("cliproxy listens on") in (1, 2)  # again, where the first worker was replaced
            assert "Traceback" not in one.log()


def test_workers_do_not_outlive_their_parent() -> None:
    with gateway({}, "--workers", "2") as one:
        wait_for(one, 2)
        workers = children(one.process.pid)
        one.process.kill()
        wait_for(one, 0)
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_one_worker_continues_what_another_answered() -> None:
    with provider(whole(ANSWER)) as upstream:
        config = {"custom-providers": {"own": {"base-url": upstream.url, "models": ["gpt-test"]}}}
        with gateway(config, "--workers", "2") as one:
            wait_for(one, 2)
            previous: str | None = None
            for turn in range(20):  # each on a connection of its own, so that both workers have a part in it
                body = {"model": "gpt-test", "input": f"turn {turn}", "previous_response_id": previous}
                headers = {"authorization": f"Bearer {KEY}"}
                answer = httpx.post(f"{one.url}/v1/responses", json=body, headers=headers, timeout=10)
                assert answer.status_code == 200, answer.text
                previous = answer.json()["id"]
            said = [message["content"] for message in upstream.seen[-1].json["messages"]]
            assert said == [part for turn in range(20) for part in (f"turn {turn}", "ok")][:-1]
