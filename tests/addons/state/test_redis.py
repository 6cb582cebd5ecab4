"""The state on a server, with a real Valkey: what only a server brings about."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import redis
from states import valkey

from cliproxy.addons.state.redis import RedisStore, place
from cliproxy.addons.state.store import Document, Unreachable


def longer(before: Document | None) -> Document:
    return {"n": (before or {}).get("n", 0) + 1}


async def test_two_gateways_change_the_same_entries(tmp_path: Path) -> None:
    with valkey(tmp_path) as server:
        one, two = RedisStore(server.url), RedisStore(server.url)
        await asyncio.gather(*(store.update("t", "d", longer) for store in (one, two) * 20))
        await asyncio.gather(*(store.add("t", "c", {"n": 0.5}) for store in (one, two) * 20))
        assert await one.read("t", ["d", "c"]) == {"d": {"n": 40}, "c": {"n": 20}}
        await one.close()
        await two.close()


async def test_a_server_that_goes_away_is_said_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    with valkey(tmp_path) as server:
        store = RedisStore(server.url)
        await store.add("t", "c", {"n": 1})
        server.stop()
        for _ in range(2):
            with pytest.raises(Unreachable):
                await store.add("t", "c", {"n": 1})
        server.start()
        assert await store.add("t", "c", {"n": 1}) == {"n": 1}  # a new server has nothing in it
        assert await store.update("t", "d", longer) == {"n": 1}
        await store.close()


async def test_a_server_that_was_started_anew_between_two_uses_is_no_failure(tmp_path: Path) -> None:
    with valkey(tmp_path) as server:
        store = RedisStore(server.url)
        await store.add("t", "c", {"n": 1})
        server.stop()
        server.start()
        assert await store.add("t", "c", {"n": 1}) == {"n": 1}
        await store.close()


async def test_a_server_that_does_not_answer_is_not_waited_for_long() -> None:
    release = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    store = RedisStore(f"redis://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    async with asyncio.timeout(10):
        with pytest.raises(Unreachable):
            await store.read("t", ["c"])
    release.set()
    await store.close()
    listener.close()


async def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    with valkey(tmp_path) as server, redis.Redis(port=server.port) as admin:
        admin.config_set("requirepass", "sk-test-right")
        store = RedisStore(server.url.replace("//", "//:sk-test-password@"))
        with pytest.raises(Unreachable) as caught:
            await store.read("t", ["c"])
        assert "sk-test" not in str(caught.value)
        await store.close()
        store = RedisStore(server.url.replace("//", "//:sk-test-right@"))
        assert await store.add("t", "c", {"n": 1}) == {"n": 1}
        await store.close()


async def test_entries_end_by_the_servers_clock(tmp_path: Path) -> None:
    with valkey(tmp_path) as server:
        store = RedisStore(server.url)
        await store.update("t", "past", longer, expires=time.time() - 1)
        await store.add("t", "past", {"n": 1}, expires=time.time() - 1)
        assert await store.scan("t") == {}
        await store.close()


@pytest.mark.parametrize(
    "url, shown",
    [
        ("redis://user:sk-test-password@host:6379/0", "host:6379"),
        ("valkeys://host", "host"),
    ],
)
def test_the_place_is_shown_without_its_password(url: str, shown: str) -> None:
    assert place(url) == shown
