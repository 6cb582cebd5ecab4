"""A session of Claude Code, recorded and run again without its provider: the same bytes on every side.

The session's id and the device's are given, and home and project are the same: then Claude Code itself says the same.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from running import free_port

from cliproxy.addons import offline, recordings
from cliproxy.addons.offline import Side
from cliproxy.addons.recordings import Recorded

SHARED = Path(__file__).parents[3] / "shared" / "clients"
CLIENTS = Path(os.environ.get("CLIENTS", Path.home() / ".cache" / "cliproxy-clients"))
NODE = CLIENTS / "node22" / "node_modules" / "node" / "bin"
CLAUDE = CLIENTS / "claude-code" / "node_modules" / ".bin" / "claude"
PYTHON = CLIENTS / "py-stub" / "bin" / "python"
TOKEN = "TOKEN-0123456789ab"
SESSION = "0b5c7d0e-1111-4222-8333-444455556666"
QUIET = (
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    not (CLAUDE.exists() and PYTHON.exists() and SHARED.is_dir()), reason="Claude Code and its stand-in are not there"
)


@contextlib.contextmanager
def stub() -> Iterator[str]:
    """Stands in for the providers."""
    port = free_port()
    process = subprocess.Popen([PYTHON, SHARED / "stub.py", "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def claude(site: Path, *arguments: str) -> str:
    """What it prints, in a home folder that is always the same."""
    home = site / "home"
    for path in sorted(home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    home.mkdir(exist_ok=True)
    (home / ".claude.json").write_text('{"userID": "' + "a" * 64 + '"}')
    prompt = (
        f"Use one of your tools to read this file and then tell me its content. READ-FILE: {site}/project/secret.txt"
    )
    words = ["-p", prompt, "--allowedTools", "Read", "--session-id", SESSION]
    command = [sys.executable, "-m", "cliproxy.cli", "exec", *arguments, "--", str(CLAUDE), *words]
    environ = {"HOME": str(home), "PATH": f"{NODE}:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=site / "project", env={**environ, **dict.fromkeys(QUIET, "1")}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-800:] + done.stderr[-800:]
    return done.stdout


def read(folder: Path) -> list[Recorded]:
    return [one for file in recordings.files(folder) for one in recordings.read(file)]


def answered(one: Recorded) -> bytes:
    """By the provider."""
    return b"".join(data for _, data in one.chunks)


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "gpt-4o"])
def test_the_replayed_session_is_the_recorded_one_byte_by_byte(tmp_path: Path, model: str) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "secret.txt").write_text(TOKEN)
    config = tmp_path / "config.yaml"
    with stub() as url:
        anthropic = {"base-url": url, "api-key": "sk-test-a"}
        openai = {"base-url": f"{url}/v1", "api-key": "sk-test-o"}
        config.write_text(yaml.safe_dump({"anthropic": anthropic, "openai": openai}))
        first = claude(tmp_path, "--model", model, "--config", str(config), "--record", str(tmp_path / "first"))
    assert "FINAL-ANSWER" in first and TOKEN in first
    replay = ("--replay", str(tmp_path / "first"), "--speed", "0", "--record", str(tmp_path / "second"))
    assert claude(tmp_path, "--model", model, *replay) == first  # the stand-in is gone
    then, now = read(tmp_path / "first"), read(tmp_path / "second")
    assert len(then) == len(now) >= 2
    for before, after in zip(then, now, strict=True):
        assert before.last and after.last and before.response and after.response
        assert after.last.request.content == before.last.request.content
        assert answered(after) == answered(before)
        assert [side.verdict for side in offline.compared(before)] == ["bytes", "bytes"]
        assert offline.compared(after) == [Side("request", "bytes"), Side("answer", "bytes")]
    assert [one.last.request.host for one in now if one.last] == ["127.0.0.1"] * len(now)
