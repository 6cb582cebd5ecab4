"""`cliproxy exec` with the real command-line clients: each heeds what it is told, in an empty home folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

CLIENTS = Path(os.environ.get("CLIENTS", Path.home() / ".cache" / "cliproxy-clients"))
NODE = CLIENTS / "node22" / "node_modules" / "node" / "bin"
SAID = "This answer comes from a recorded flow"
QUIET = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1"}

DRIVES = {
    "claude-code": ("claude", ["-p", "Hello!"]),
    "codex": ("codex", ["exec", "--skip-git-repo-check", "Hello!"]),
    "gemini-cli": ("gemini", ["--skip-trust", "-p", "Hello!"]),
    "qwen-code": ("qwen", ["-p", "Hello!"]),
}


@pytest.fixture
def home() -> Iterator[Path]:
    """Not below /tmp: Gemini CLI heeds no settings there."""
    with tempfile.TemporaryDirectory(dir=CLIENTS.parent) as folder:
        yield Path(folder)


@pytest.mark.parametrize("client", DRIVES)
def test_a_client_is_led_to_the_gateway(client: str, home: Path) -> None:
    program, arguments = DRIVES[client]
    path = CLIENTS / client / "node_modules" / ".bin" / program
    if not path.exists() or not NODE.is_dir():
        pytest.skip(f"{client} is not installed in {CLIENTS}")
    environ = {"HOME": str(home), "PATH": f"{NODE}:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8", **QUIET}
    command = [sys.executable, "-m", "cliproxy.cli", "exec", "--demo", "--model", "gpt-5", "--", str(path), *arguments]
    done = subprocess.run(
        command, env=environ, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and SAID in done.stdout, done.stdout[-800:] + done.stderr[-800:]


def test_a_program_on_an_sdk_is_led_there_too(home: Path) -> None:
    ask = (
        "import anthropic, openai; from google import genai\n"
        "turn = [{'role': 'user', 'content': 'Hello!'}]\n"
        "print(openai.OpenAI().chat.completions.create(model='gpt-5', messages=turn).choices[0].message.content)\n"
        "print(anthropic.Anthropic().messages.create(model='gpt-5', max_tokens=9, messages=turn).content[0].text)\n"
        "client = genai.Client()\n"
        "print(client.models.generate_content(model='gpt-5', contents='Hello!').text)\n"
    )
    pytest.importorskip("anthropic")
    command = [sys.executable, "-m", "cliproxy.cli", "exec", "--demo", "--", sys.executable, "-c", ask]
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    done = subprocess.run(
        command, env={**inherited, "HOME": str(home)}, cwd=home, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.count(SAID) == 3, done.stderr[-800:]
