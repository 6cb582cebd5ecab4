"""Command-line clients that nobody here wrote, through the gateway to each upstream format.

A scripted provider (`clients/stub.py` of the shared reference material) issues one call to the client's own tool that
reads files; only a client whose tool really ran can print the token that lies in the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import KEY, Gateway, free_port, gateway

SHARED = Path(__file__).parents[3] / "shared" / "clients"
CLIENTS = Path(os.environ.get("CLIENTS", Path.home() / ".cache" / "cliproxy-clients"))
FORMATS = ("openai", "responses", "anthropic", "gemini")
COMMAND_LINE = ("claude-code", "codex", "gemini-cli", "qwen-code")
SDKS = (
    "py-openai-chat", "py-openai-chat-stream", "py-openai-responses", "py-openai-responses-stream", "py-openai-legacy",
    "py-anthropic", "py-anthropic-stream", "py-anthropic-think", "py-google", "py-google-stream", "py-google-auto",
    "js-openai-chat", "js-openai-chat-stream", "js-openai-responses", "js-openai-responses-stream",
    "js-anthropic", "js-anthropic-stream", "js-google", "js-google-stream",
    "js-ai-openai-stream", "js-ai-openaichat-stream", "js-ai-anthropic-stream", "js-ai-google", "js-ai-google-stream",
    "js-ai-compatible-stream",
)  # fmt: skip
QUICK = ("py-anthropic-stream", "py-google", "js-openai-responses-stream", "js-ai-openaichat-stream")
"""These SDK drives run every time; all of them when DRIVES=all (some four minutes)."""
DRIVES = (*COMMAND_LINE, "claude-code-bearer", *(SDKS if os.environ.get("DRIVES") == "all" else QUICK))
NEEDED = ("node22", "claude-code", "codex", "gemini-cli", "qwen-code", "npm-sdks", "py-stub", "py-sdks")


@pytest.fixture(scope="module")
def installed() -> None:
    """Installs what is missing, once, where npm is there."""
    if not SHARED.is_dir():
        pytest.skip("the drives of real clients are not beside this checkout")
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, so the command-line clients can't be")
    missing = [name for name in NEEDED if not (CLIENTS / name).is_dir()]
    if missing:
        environ = {**os.environ, "CLIENTS": str(CLIENTS), "PYTHON": sys.executable}
        done = subprocess.run(
            ["bash", str(SHARED / "install.sh"), *missing], env=environ, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"the clients can't be installed here: {done.stderr[-300:]}")


@pytest.fixture(scope="module")
def stub(installed: None) -> Iterator[str]:
    port = free_port()
    python = CLIENTS / "py-stub" / "bin" / "python"
    command = [str(python), str(SHARED / "stub.py"), "--port", str(port), "--quiet", "--max", "5000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", params=FORMATS)
def site(request: pytest.FixtureRequest, stub: str) -> Iterator[tuple[str, Gateway]]:
    base = f"{stub}/v1" if request.param in ("openai", "responses") else stub
    provider = {"base-url": base, "api-key": "sk-test-upstream", "format": request.param}
    config = {"custom-providers": {"stub": provider}, "routes": [{"pattern": ".", "provider": "stub"}]}
    with gateway(config) as running:
        yield request.param, running


@pytest.mark.parametrize("client", DRIVES)
def test_a_client_reads_its_file(site: tuple[str, Gateway], client: str) -> None:
    if not (CLIENTS / client.removesuffix("-bearer")).is_dir() and client.startswith(COMMAND_LINE):
        pytest.skip(f"{client} is not installed")
    command = ["bash", str(SHARED / "drive.sh"), client, site[1].url, KEY, ""]
    environ = {**os.environ, "CLIENTS": str(CLIENTS)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=environ)
    assert done.returncode == 0, f"{done.stdout[-2500:]}\n{site[1].log()[-2000:]}"


def test_lists_counts_and_embeddings_by_three_sdks(stub: str) -> None:
    """py-misc: ten calls, each to the provider whose format it is in."""
    keys = {"api-key": "sk-test-upstream"}
    providers = {"openai": {"base-url": f"{stub}/v1", **keys}, "anthropic": {"base-url": stub, **keys}}
    with gateway({**providers, "gemini": {"base-url": stub, **keys}}) as running:
        python, drive = CLIENTS / "py-sdks" / "bin" / "python", SHARED / "sdk_py.py"
        prompt = f"READ-FILE: {running.home / 'config.yaml'}"
        environ = {**os.environ, "GW_BASE": running.url, "GW_KEY": KEY, "GW_PROMPT": prompt}
        done = subprocess.run(
            [str(python), str(drive), "misc"], capture_output=True, text=True, timeout=150, env=environ
        )
        results = done.stdout.partition("FINAL-ANSWER")[0].splitlines()
        assert done.returncode == 0 and len(results) == 10, done.stdout + done.stderr[-2000:]
        assert all(re.fullmatch(r"[a-z.]+=\S+", line) for line in results), results
