"""Command-line clients in their ways for Google's clouds: Claude Code and Gemini CLI, at Vertex AI and Code Assist."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import vendors
from running import KEY, Gateway, gateway
from scripted import Provider, provider
from wires import TEXT, assist_stream, gemini_stream, message_stream

CLIENTS = Path(os.environ.get("CLIENTS", Path.home() / ".cache" / "cliproxy-clients"))
NODE = CLIENTS / "node22" / "node_modules" / "node" / "bin"
TOKEN, PROJECT = "ya29.sk-test-token", "our-project"
PLACE = {"project": "our-project", "location": "global"}
SETTINGS = (
    '{"security":{"auth":{"selectedType":"%s"}},"general":{"enableAutoUpdate":false,"disableAutoUpdate":true},'
    '"privacy":{"usageStatisticsEnabled":false},"telemetry":{"enabled":false}}'
)


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Gateway, Provider]]:
    with provider(message_stream()) as upstream:
        account = {"key": TOKEN, "label": "account", "door": "vertex-account"}
        assist = {"key": TOKEN, "label": "assist", "door": "code-assist", "project": PROJECT}
        config = {
            "vertex": {"base-url": upstream.url, **PLACE},
            "load-balance": {"credentials": {"vertex": [account], "gemini": [assist]}},
            "doors": {"code-assist": {"base-url": upstream.url}},
        }
        with gateway(config) as running:
            yield running, upstream


def run(client: str, home: Path, *command: str, **environ: str) -> str:
    binary = CLIENTS / command[0]
    if not binary.exists():
        pytest.skip(f"{client} is not installed")
    clean = {
        "HOME": str(home), "PATH": f"{NODE}:/usr/local/bin:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8",
        "DO_NOT_TRACK": "1", "NO_PROXY": "127.0.0.1,localhost", **environ,
    }  # fmt: skip
    done = subprocess.run(
        [str(binary), *command[1:]], env=clean, cwd=home, capture_output=True, text=True, timeout=120,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    return done.stdout


def test_claude_code_at_vertex(site: tuple[Gateway, Provider], tmp_path: Path) -> None:
    running, upstream = site
    upstream.seen.clear()
    upstream.answers[:] = [message_stream()]
    said = run(
        "claude-code", tmp_path, "claude-code/node_modules/.bin/claude", "-p", "Hi",
        CLAUDE_CODE_USE_VERTEX="1", ANTHROPIC_VERTEX_BASE_URL=f"{running.url}/v1", CLAUDE_CODE_SKIP_VERTEX_AUTH="1",
        ANTHROPIC_VERTEX_PROJECT_ID="theirs", CLOUD_ML_REGION="us-east5", ANTHROPIC_MODEL="vertex-claude-x",
        ANTHROPIC_SMALL_FAST_MODEL="vertex-claude-x", ANTHROPIC_AUTH_TOKEN=KEY,
        ANTHROPIC_CUSTOM_HEADERS=f"x-api-key: {KEY}", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        DISABLE_AUTOUPDATER="1", DISABLE_TELEMETRY="1", DISABLE_ERROR_REPORTING="1",
    )  # fmt: skip
    assert TEXT in said
    assert upstream.seen
    for seen in upstream.seen:
        vendors.vertex_claude(seen, "claude-x", True, **PLACE, key=TOKEN)


def test_gemini_cli_at_vertex(site: tuple[Gateway, Provider], tmp_path: Path) -> None:
    running, upstream = site
    upstream.seen.clear()
    upstream.answers[:] = [gemini_stream()]
    (tmp_path / ".gemini").mkdir()
    (tmp_path / ".gemini" / "settings.json").write_text(SETTINGS % "vertex-ai")
    said = run(
        "gemini-cli", tmp_path, "gemini-cli/node_modules/.bin/gemini", "-m", "vertex-gemini-2.5-pro", "-p", "Hi",
        GOOGLE_GENAI_USE_VERTEXAI="true", GOOGLE_API_KEY=KEY, GOOGLE_VERTEX_BASE_URL=running.url,
        GEMINI_CLI_TRUST_WORKSPACE="true", GEMINI_TELEMETRY_ENABLED="false",
    )  # fmt: skip
    assert TEXT in said
    assert upstream.seen
    for seen in upstream.seen:
        vendors.vertex_gemini(seen, "gemini-2.5-pro", True, **PLACE, key=TOKEN)


def test_gemini_cli_at_code_assist(site: tuple[Gateway, Provider], tmp_path: Path) -> None:
    running, upstream = site
    upstream.seen.clear()
    upstream.answers[:] = [assist_stream()]
    (tmp_path / ".gemini").mkdir()
    (tmp_path / ".gemini" / "settings.json").write_text(SETTINGS % "oauth-personal")
    said = run(
        "gemini-cli", tmp_path, "gemini-cli/node_modules/.bin/gemini", "-m", "gemini-2.5-pro", "-p", "Hi",
        CODE_ASSIST_ENDPOINT=running.url, GOOGLE_GENAI_USE_GCA="true", GOOGLE_CLOUD_ACCESS_TOKEN=KEY,
        GOOGLE_CLOUD_PROJECT="theirs", GEMINI_CLI_TRUST_WORKSPACE="true", GEMINI_TELEMETRY_ENABLED="false",
    )  # fmt: skip
    assert TEXT in said
    assert upstream.seen
    for seen in upstream.seen:
        vendors.code_assist(seen, "gemini-2.5-pro", True, TOKEN, PROJECT)
        assert "theirs" not in seen.body.decode()
