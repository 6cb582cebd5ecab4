"""The one store of this gateway, where `state.url` says: whoever keeps something beyond a request asks here."""

from __future__ import annotations

import time
from pathlib import Path

from ..applied import Applied
from ..settings import IN_MEMORY, STATE_FOLDER
from ..settings_load import ConfigError
from .guarded import Guarded
from .sqlite import SqliteStore
from .store import MemoryStore, Store

FILE = "state.db"


class Shared:
    """`store` is for all addons that keep what several gateways may share. The first configuration decides which it is.

    The last of the addons, so that the others can still write when the gateway ends.
    """

    def __init__(self) -> None:
        self.store: Store = MemoryStore(time.time)
        self._opened = False

    def use(self, applied: Applied) -> None:
        if not self._opened:
            self.store, self._opened = opened(applied.settings.state.url), True

    async def done(self) -> None:
        await self.store.close()


def opened(url: str) -> Store:
    """Nothing is connected to or written before the first use. Raises `ConfigError`."""
    if url == IN_MEMORY:
        return MemoryStore(time.time)
    if not url:
        path = Path.home() / STATE_FOLDER / FILE
        return Guarded(SqliteStore(path, time.time), str(path), time.time)
    try:
        from . import redis
    except ImportError:
        raise ConfigError(["state.url: needs the package redis: `pip install cliproxy[redis]`."]) from None
    return Guarded(redis.RedisStore(url), redis.place(url), time.time)
