"""A running gateway takes over a changed file, and open streams don't notice."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import yaml
from running import KEY, Gateway, gateway
from scripted import provider, stream, whole

STREAMS = 50
DELTAS = 20
AUTH = {"authorization": f"Bearer {KEY}"}


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def rewrite(one: Gateway, **options: object) -> None:
    path = one.home / "config.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **options}))


def listed(one: Gateway) -> list[str]:
    return [model["id"] for model in httpx.get(f"{one.url}/v1/models", headers=AUTH, timeout=10).json()["data"]]


def read(one: Gateway) -> bytes:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}
    with httpx.stream("POST", f"{one.url}/v1/chat/completions", json=body, headers=AUTH, timeout=60) as response:
        return b"".join(response.iter_raw())


def test_fifty_streams_go_on_while_the_configuration_changes() -> None:
    piece = b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n'
    end = b'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    with provider(stream(*[piece] * DELTAS, end, pause=0.2)) as upstream:
        section = {"base-url": upstream.url, "api-key": "sk-test-custom", "models": ["m"]}
        with gateway({"custom-providers": {"local": section}}) as one, ThreadPoolExecutor(STREAMS) as threads:
            answers = [threads.submit(read, one) for _ in range(STREAMS)]
            until(lambda: len(upstream.seen) == STREAMS)
            rewrite(one, **{"custom-providers": {"local": {**section, "models": ["m", "another"]}}})
            until(lambda: listed(one) == ["m", "another"])
            rewrite(one, port="many")
            until(lambda: "stays in force" in one.log())
            assert not all(answer.done() for answer in answers)
            assert {answer.result() for answer in answers} == {piece * DELTAS + end}
            assert listed(one) == ["m", "another"]


def test_a_new_certificate_is_served(tmp_path: Path) -> None:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")

    def certificate(name: str) -> None:
        files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
        subprocess.run([*command, *files], check=True, capture_output=True)

    def served(one: Gateway) -> str:
        return ssl.get_server_certificate(("127.0.0.1", int(one.url.rpartition(":")[2])))

    certificate("first")
    tls = {"enabled": True, "cert-file": str(tmp_path / "cert.pem"), "key-file": str(tmp_path / "key.pem")}
    with provider(whole({})), gateway({"tls": tls}) as one:
        before = served(one)
        assert before.strip() == (tmp_path / "cert.pem").read_text().strip()
        certificate("second")
        until(lambda: served(one) != before)
        assert served(one).strip() == (tmp_path / "cert.pem").read_text().strip()


SLOW = "import asyncio\nasync def running():\n    await asyncio.sleep(2)\n"


def test_a_mistake_while_other_addons_still_start_is_no_failed_start(tmp_path: Path) -> None:
    """mitmproxy ends a program that logs an error during its start; but here requests are served already."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW)
    config = {"openai": {"api-key": "sk-test-o"}, "remote-management": {"secret-key": "sk-test-management"}}
    with gateway(config, "-s", str(script)) as running:
        (running.home / "config.yaml").write_text("port: many\n")
        told = httpx.post(
            f"{running.url}/v0/management/reload", headers={"x-management-key": "sk-test-management"}, timeout=10
        )
        assert told.status_code == 400
        time.sleep(3)  # mitmproxy looks for errors once all addons have started
        assert running.process.poll() is None
        assert httpx.get(f"{running.url}/healthz").status_code == 200
