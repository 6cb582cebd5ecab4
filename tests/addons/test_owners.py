"""Which account made what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cliproxy.addons.owners import KEPT, MENTIONED, Owner, Owners, made, mentioned
from cliproxy.addons.state.store import MemoryStore

ME = Owner("openai", "openai-2")


@pytest.mark.parametrize(
    "answer, expected",
    [
        ({"id": "file-abc", "object": "file"}, ["file-abc"]),
        ({"id": "batch_1", "input_file_id": "file-a", "output_file_id": None}, ["batch_1", "file-a"]),
        ({"object": "list", "data": [{"id": "a"}, {"id": "b"}, "c"]}, ["a", "b"]),
        ({"file": {"name": "files/abc-1", "uri": "https://x/v1beta/files/abc-1"}}, ["abc-1"]),
        ({"files": [{"name": "files/a"}]}, ["a"]),
        ({"name": "batches/b1", "metadata": {"name": "batches/b1"}}, ["b1"]),
        ({"id": "batch_1", "metadata": {"name": "file-of-another"}}, ["batch_1"]),
        ([], []),
        ("text", []),
    ],
)
def test_what_an_answer_shows_was_made_there(answer: Any, expected: list[str]) -> None:
    assert list(made(answer)) == expected


def test_files_that_a_request_speaks_of() -> None:
    body = b'{"file_id":"file-abcdefgh","x":"file_0123456","u":"https://g/v1beta/files/abc-1","t":"a file-cabinet"}'
    assert mentioned(body) == ["file-abcdefgh", "file_0123456", "abc-1"]


def test_no_request_makes_more_than_some_look_ups() -> None:
    body = b"".join(b'"file-%07d",' % (number % 5000) for number in range(20_000))
    assert mentioned(b'"file-0000000","file-0000000"') == ["file-0000000"]
    assert len(mentioned(body)) == MENTIONED


def test_who_is_only_shown_it_does_not_own_it() -> None:
    store = MemoryStore(lambda: 0.0)
    owners = Owners(lambda: store)
    maker, other = Owner("openai", "openai-1", "ann"), Owner("openai", "openai-1", "bob")

    async def run() -> None:
        await owners.remember(["a"], maker, 0.0)
        await owners.remember(["a", "b"], other, 0.0)
        assert (await owners.of(["a"]), await owners.of(["b"])) == (maker, other)
        await owners.remember(["a"], Owner("openai", "openai-2", "bob"), 0.0)
        assert await owners.of(["a"]) == Owner("openai", "openai-2", "bob"), "another account has one of that name"

    asyncio.run(run())


def test_remembered_until_it_is_gone() -> None:
    now = [100.0]
    store = MemoryStore(lambda: now[0])
    owners = Owners(lambda: store)

    async def run() -> None:
        await owners.remember(["a", "b"], ME, now[0])
        assert await owners.of(["", "nobody", "b"]) == ME
        assert await owners.of([]) is None
        now[0] += KEPT + 1
        assert await owners.of(["a"]) is None

    asyncio.run(run())
