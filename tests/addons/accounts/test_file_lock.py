from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cliproxy.addons.accounts.file_lock import Busy, locked

HOLDER = """
import asyncio, sys
from pathlib import Path
from cliproxy.addons.accounts.file_lock import locked
async def hold():
    async with locked(Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.sleep(60)
asyncio.run(hold())
"""


async def test_only_one_holds_it(tmp_path: Path) -> None:
    inside = most = 0

    async def hold() -> None:
        nonlocal inside, most
        async with locked(tmp_path / "a"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(hold() for _ in range(5)))
    assert most == 1


async def test_another_file_has_another_lock(tmp_path: Path) -> None:
    async with locked(tmp_path / "a"), locked(tmp_path / "b", patience=0):
        pass


async def test_it_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with locked(tmp_path / "a"):
            raise RuntimeError
    async with locked(tmp_path / "a", patience=0):
        pass


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "a")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_it_holds_against_another_process_and_goes_with_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(Busy, match="held by another process"):
        async with locked(tmp_path / "a", patience=0.1):
            pass
    holder.kill()
    async with locked(tmp_path / "a", patience=5):
        pass
