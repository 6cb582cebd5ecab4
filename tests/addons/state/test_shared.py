"""The gateway's store is there from the start and closed at the end."""

from __future__ import annotations

from cliproxy.addons.gateway import addons
from cliproxy.addons.state.shared import Shared


async def test_it_is_open_until_the_end() -> None:
    shared = Shared()
    await shared.store.add("t", "k", {"n": 1})
    assert await shared.store.read("t", ["k"]) == {"k": {"n": 1}}
    await shared.done()


def test_it_ends_after_all_who_may_still_write() -> None:
    assert isinstance(addons[-1], Shared)
