"""The store on a Redis or Valkey server, which several gateways share (needs ``cliproxy[redis]``)."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .store import Change, Document, Unreachable

PREFIX = "cliproxy"
TIMEOUT = 0.5
"""Seconds for one word with the server. A request waits for it, so it is little."""
DOCUMENT = "."
"""An entry is a hash: of a counter's fields, or of this one field, which holds a document."""

_ADD = """
for i = 2, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[1] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return redis.call('HGETALL', KEYS[1])
"""
_REPLACE = """
if (redis.call('HGET', KEYS[1], '.') or '') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], '.', ARGV[2]) end
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
return 1
"""


class RedisStore:
    """Raises `Unreachable`. Ends of entries are kept by the server, so by its clock."""

    degraded = ""

    def __init__(self, url: str) -> None:
        """`url`: redis(s)://… or valkey(s)://…, which say the same."""
        once = Retry(NoBackoff(), 1)  # a connection that the server closed meanwhile is no failure
        self._server: Redis = Redis.from_url(
            re.sub(r"^valkey", "redis", url),
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=once,
        )
        self._add = self._server.register_script(_ADD)
        self._replace = self._server.register_script(_REPLACE)

    async def read(self, table: str, keys: Iterable[str]) -> dict[str, Document]:
        wanted = list(keys)
        if not wanted:
            return {}
        async with self._server.pipeline(transaction=False) as pipeline:
            for key in wanted:
                pipeline.hgetall(_name(table, key))
            found = await _asked(pipeline.execute())
        return {key: _parsed(fields) for key, fields in zip(wanted, found, strict=True) if fields}

    async def update(self, table: str, key: str, change: Change, expires: float | None = None) -> Document | None:
        name = _name(table, key)
        while True:
            before = await _asked(self._server.hget(name, DOCUMENT))
            after = change(json.loads(before) if before else None)
            text = "" if after is None else json.dumps(after)
            if await _asked(self._replace(keys=[name], args=[before or "", text, _end(expires)])):
                return after

    async def add(
        self, table: str, key: str, amounts: Mapping[str, float], expires: float | None = None
    ) -> dict[str, float]:
        pairs = [word for name, amount in amounts.items() for word in (name, repr(amount))]
        fields = await _asked(self._add(keys=[_name(table, key)], args=[_end(expires), *pairs]))
        return {name: float(amount) for name, amount in zip(fields[::2], fields[1::2], strict=True)}

    async def scan(self, table: str, prefix: str = "") -> dict[str, Document]:
        pattern = re.sub(r"([*?\[\]\\])", r"\\\1", _name(table, prefix)) + "*"
        names = await _asked(self._names(pattern))
        start = len(_name(table, ""))
        return await self.read(table, (name[start:] for name in names))

    async def _names(self, pattern: str) -> list[str]:
        return [name async for name in self._server.scan_iter(pattern, 1000)]

    async def delete(self, table: str, keys: Iterable[str]) -> None:
        if names := [_name(table, key) for key in keys]:
            await _asked(self._server.delete(*names))

    async def close(self) -> None:
        await self._server.aclose()


def place(url: str) -> str:
    """Where that is, without user and password."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}{f':{parts.port}' if parts.port else ''}"


async def _asked(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except (RedisError, OSError, TimeoutError) as fault:
        raise Unreachable(str(fault) or type(fault).__name__) from fault


def _name(table: str, key: str) -> str:
    return f"{PREFIX}:{table}:{key}"


def _end(expires: float | None) -> str:
    return "" if expires is None else str(int(expires * 1000))


def _parsed(fields: Mapping[str, str]) -> Document:
    if DOCUMENT in fields:
        document: Document = json.loads(fields[DOCUMENT])
        return document
    return {name: float(amount) for name, amount in fields.items()}
