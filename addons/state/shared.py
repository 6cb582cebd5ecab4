"""The one store of this gateway: whoever keeps something beyond a request asks here for it."""

from __future__ import annotations

import time

from .store import MemoryStore, Store


class Shared:
    """The last of the addons, so that what others keep at the end still finds the store open."""

    def __init__(self) -> None:
        self.store: Store = MemoryStore(time.time)

    async def done(self) -> None:
        await self.store.close()
