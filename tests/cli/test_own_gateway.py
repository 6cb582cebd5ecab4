"""A gateway for the time of something else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from cliproxy.cli.faults import Fault
from cliproxy.cli.own_gateway import own_gateway


def test_it_answers_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with own_gateway("--demo") as url:
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


def test_what_it_says_when_it_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Fault, match="there is no folder nowhere"), own_gateway("--replay", "nowhere"):
        pass
