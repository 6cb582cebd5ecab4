"""The exported Python file is run, and answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from exported import TEXT, Site
from kept_flows import said

from cliproxy.cli.flows.exports.portable import portable
from cliproxy.cli.flows.exports.python_file import body, python_file


def run(program: str, environ: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    (tmp_path / "ask.py").write_text(program)
    command = [sys.executable, "-I", str(tmp_path / "ask.py")]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env=environ)


def test_it_answers(site: Site, tmp_path: Path) -> None:
    assert TEXT in run(site.export(0, "python"), site.environ, tmp_path).stdout
    assert "event: message_stop" in run(site.export(1, "python"), site.environ, tmp_path).stdout


def test_a_refusal_is_told(site: Site, tmp_path: Path) -> None:
    environ = {name: value for name, value in site.environ.items() if name != "CLIPROXY_KEY"}
    refused = run(site.export(0, "python"), environ, tmp_path)
    assert refused.returncode == 1 and "401" in refused.stderr and "Invalid API key" in refused.stderr


def test_the_providers_address_and_key() -> None:
    made = python_file(portable(said("aa", []), "provider"))
    assert "URL = 'https://api.openai.com/v1/chat/completions'" in made and "'OPENAI_API_KEY'" in made


def test_a_body_that_is_no_json_is_bytes() -> None:
    assert body(b"\xff{") == b"\xff{" and body(b'{"a": null}') == {"a": None}
