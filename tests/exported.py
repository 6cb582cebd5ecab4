"""A gateway on recordings, and the exchange that its exports are of: what was exported is run against it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from kept_flows import run
from running import KEY, gateway
from scripted import provider
from wires import CHAT_REQUEST, MESSAGES_REQUEST, TEXT, chat, chat_stream

__all__ = ["TEXT", "Site", "site"]


@dataclass(frozen=True)
class Site:
    """`recordings`: a folder with the two exchanges. `environ`: where the gateway of the replay is."""

    recordings: Path
    environ: dict[str, str]

    def export(self, number: int, shape: str, *more: str) -> str:
        id = sorted(self.recordings.glob("*.flow"))[number].stem.rpartition("-")[2]
        made = run("flows", "export", id, "--from", self.recordings, "--to", shape, *more)
        assert made.exit_code == 0, made.output
        return made.output


ODD = [{"role": "user", "content": 'It\'s "odd" $HOME `x`\né 👍'}]
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {**CHAT_REQUEST, "messages": ODD}),
    ("/v1/messages?beta=true", {**MESSAGES_REQUEST, "model": "gpt-test", "stream": True}),
]


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    with provider(chat(), chat_stream()) as upstream:
        config = {"openai": {"base-url": f"{upstream.url}/v1", "api-key": "sk-test-provider"}}
        with gateway(config, "--record", str(folder)) as running:
            for path, body in REQUESTS:
                headers = {"authorization": f"Bearer {KEY}", "anthropic-version": "2023-06-01"}
                answer = httpx.post(running.url + path, json=body, headers=headers, timeout=20)
                assert answer.status_code == 200, answer.text
    with gateway({"openai": {"replay": {"folder": str(folder), "speed": 0}}}) as running:
        keys = {"CLIPROXY_URL": running.url, "CLIPROXY_KEY": KEY}
        yield Site(folder, {**os.environ, **keys})
