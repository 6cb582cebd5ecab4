"""The plugin at rest. In tests/gateway/test_pytest_plugin.py it runs, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripted import provider
from wires import TEXT, chat

from cliproxy.cli.pytest_plugin import Gateway


def test_it_costs_a_start_of_pytest_nothing() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import cliproxy.cli.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.home())
    assert done.stdout == "['cliproxy', 'cliproxy.cli', 'cliproxy.cli.pytest_plugin']\n"


def test_a_request_is_asked_and_its_answer_read() -> None:
    with provider(chat()) as one:
        gateway = Gateway(one.url, "sk-test-k", {})
        told = gateway.ask("/v1/chat/completions", {"model": "gpt-test", "messages": []}, {"x-a": "b"})
        assert (told.status, told.text) == (200, TEXT)
        assert one.seen[0].json == {"model": "gpt-test", "messages": []}
        gateway.ask("/v1/chat/completions", b'{"as": "it is"}')
        assert one.seen[1].body == b'{"as": "it is"}' and one.seen[1].headers["authorization"] == "Bearer sk-test-k"
    assert gateway.openai_base_url == f"{one.url}/v1" and "sk-test-k" not in repr(gateway)
