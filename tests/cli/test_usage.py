"""`cliproxy usage`, on a state that the gateway's own counting wrote."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from endings import call, told

from cliproxy.addons.state.shared import Shared
from cliproxy.addons.state.sqlite import SqliteStore
from cliproxy.addons.usage.ledger import Ledger
from cliproxy.addons.usage.usage import Usage
from cliproxy.cli.main import main


async def write(path: Path) -> None:
    shared = Shared()
    shared.store = SqliteStore(path, time.time)
    ledger = Ledger(shared)
    usage = Usage(shared, ledger)
    for _ in range(1500):
        usage.ended(replace(told(), began=time.time()), call())
    usage.ended(
        replace(told(client="laptop", status=500, failed=True, usage=None), began=time.time() - 86_400 * 9), call()
    )
    await ledger.flush()
    await shared.store.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["usage", *words])


def test_a_table(home: Path) -> None:
    asyncio.run(write(home / ".cli-proxy-api/state.db"))
    lines = run("--by", "client").output.splitlines()
    assert lines[0].split() == ["client", "requests", "failures", "input", "output", "cached", "cost", "(est.)"]
    assert lines[1].split()[:4] == ["ci", "1,500", "0", "1,500,000"]
    assert lines[2].split() == ["laptop", "1", "1", "0", "0", "0", "$0.0000"]
    assert lines[3].split()[:2] == ["total", "1,501"]
    assert len({len(line) for line in lines}) == 1


def test_since_and_the_other_shapes(home: Path) -> None:
    asyncio.run(write(home / ".cli-proxy-api/state.db"))
    assert json.loads(run("--since", "24h", "--format", "json").output)["total_requests"] == 1500
    assert json.loads(run("--since", "30d", "--format", "json").output)["total_requests"] == 1501
    rows = list(csv.DictReader(io.StringIO(run("--by", "day", "--format", "csv").output)))
    assert [row["requests"] for row in rows] == ["1", "1500"]


def test_nothing_yet(home: Path) -> None:
    assert run().output == "Nothing was counted.\n"


@pytest.mark.parametrize(
    "words, said",
    [
        (["--since", "yesterday"], "--since must be a span such as 24h or 7d"),
        (["--by", "weather"], "'weather' is not one"),
    ],
)
def test_what_is_wrong(home: Path, words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2 and said in result.output


def test_a_state_that_can_not_be_read(home: Path) -> None:
    (home / ".cli-proxy-api").mkdir()
    (home / ".cli-proxy-api/state.db").mkdir()
    result = run()
    assert result.exit_code == 2 and "can't be used" in result.output and "Traceback" not in result.output
