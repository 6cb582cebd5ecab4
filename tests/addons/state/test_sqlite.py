"""The state's file: whole after a kill, shared by processes, readable by its owner alone."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from states import Clock

from cliproxy.addons.state import sqlite
from cliproxy.addons.state.sqlite import SqliteStore
from cliproxy.addons.state.store import Unreachable

WRITER = """
import asyncio, pathlib, sys, time
from cliproxy.addons.state.sqlite import SqliteStore

async def write(path, times):
    store = SqliteStore(pathlib.Path(path), time.time)
    for number in range(int(times)):
        await store.add("t", "n", {"n": 1})
        await store.update("t", "d", lambda before: {"seen": ((before or {}).get("seen", 0) + 1), "x": "x" * 3000})
        print(number + 1, flush=True)
    await store.close()

asyncio.run(write(*sys.argv[1:]))
"""


def writer(path: Path, times: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(times)], stdout=subprocess.PIPE, text=True)


async def test_the_state_survives_the_process_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "below" / "state.db"
    first = SqliteStore(path, time.time)
    await first.add("t", "n", {"n": 1})
    await first.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    second = SqliteStore(path, time.time)
    assert await second.read("t", ["n"]) == {"n": {"n": 1}}
    await second.close()


def test_nothing_is_written_before_the_first_use(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "state.db", time.time)
    assert not list(tmp_path.iterdir())


async def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    writers = [writer(path, 100) for _ in range(3)]
    for one in writers:
        one.communicate()
    assert [one.returncode for one in writers] == [0, 0, 0]
    store = SqliteStore(path, time.time)
    found = await store.read("t", ["n", "d"])
    assert (found["n"], found["d"]["seen"]) == ({"n": 300}, 300)
    await store.close()


async def test_killed_at_any_moment_it_has_kept_what_it_said_it_had(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    said = 0
    for round in range(8):
        one = writer(path, 10_000)
        assert one.stdout
        before = said
        for _ in range(3 + round * 7):
            said = before + int(one.stdout.readline())
        one.send_signal(signal.SIGKILL)
        rest = one.communicate()[0].split()
        said = before + int(rest[-1]) if rest else said
        store = SqliteStore(path, time.time)
        found = await store.read("t", ["n", "d"])
        await store.close()
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert said <= found["n"]["n"] <= said + 2  # what it was about to say
        said = int(found["n"]["n"])


async def test_what_has_ended_is_taken_out_of_the_file(tmp_path: Path) -> None:
    clock = Clock()
    store = SqliteStore(tmp_path / "state.db", clock)
    for number in range(100):
        await store.add("t", str(number), {"n": 1}, expires=clock.now + 1)
    clock.now += sqlite.PURGE + 1
    await store.add("t", "one more", {"n": 1})
    count = sqlite3.connect(tmp_path / "state.db").execute("SELECT count(*) FROM entries").fetchone()
    assert count == (1,)
    await store.close()


async def test_a_file_that_is_none_is_left_alone_and_said(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("no database at all, but long enough to be taken for one" * 100)
    before = path.read_bytes()
    store = SqliteStore(path, time.time)
    with pytest.raises(Unreachable, match="not a database"):
        await store.read("t", ["n"])
    assert path.read_bytes() == before
    path.unlink()
    await store.add("t", "n", {"n": 1})  # and it is used once it can be
    await store.close()


async def test_a_later_versions_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unreachable, match=r"it is of a later version \(99; this gateway knows 1\)"):
        await SqliteStore(path, time.time).scan("t")


async def test_a_folder_that_cant_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unreachable, match="File exists"):
        await SqliteStore(tmp_path / "file" / "state.db", time.time).scan("t")


async def test_another_process_that_holds_the_file_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCKED", 0.05)
    store = SqliteStore(tmp_path / "state.db", time.time)
    await store.add("t", "n", {"n": 1})
    with sqlite3.connect(tmp_path / "state.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(store.add("t", "n", {"n": 1}))
        beats = 0
        while not waiting.done():
            await asyncio.sleep(0.001)
            beats += 1
        assert beats > 5, "the event loop stood still"
        with pytest.raises(Unreachable, match="locked"):
            await waiting
        other.execute("COMMIT")
    assert await store.add("t", "n", {"n": 1}) == {"n": 2}
    await store.close()


async def test_a_defect_in_a_change_leaves_the_connection_usable(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "state.db", time.time)
    with pytest.raises(ZeroDivisionError):
        await store.update("t", "n", lambda _: {"n": 1 / 0})
    assert await store.add("t", "n", {"n": 1}) == {"n": 1}
    await store.close()
