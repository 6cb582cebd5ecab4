"""A script for mitmdump that breaks one handler at a time: the request's header `x-plant` says which, `x-plant-method`
in requests of which method (of a WebSocket the messages are POST, the upgrade is GET)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mitmproxy import ctx
from mitmproxy.addonmanager import traverse

HOOKS = (
    "requestheaders", "request", "upstream_attempt", "upstream_failed", "upstream_slow", "upstream_held",
    "gateway_error", "responseheaders", "response",
)  # fmt: skip


def plants(addons: Iterable[object]) -> Iterator[tuple[object, str, str]]:
    """Where something can break: the addon, the hook, and what the two are called together."""
    for addon in addons:
        for hook in HOOKS:
            if type(addon).__module__.startswith("cliproxy.addons") and callable(getattr(addon, hook, None)):
                yield addon, hook, f"{type(addon).__name__.lower()}.{hook}"


def planted(name: str, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(handler)
    def handle(arg: Any) -> Any:
        flow = getattr(arg, "flow", arg)
        if plant := flow.request.headers.get("x-plant"):
            wanted = flow.request.headers.get("x-plant-method") or flow.request.method
            # the header does not go upstream, so it is gone by the answer
            flow.metadata["plant"] = plant if wanted == flow.request.method else "elsewhere"
        if flow.metadata.get("plant") == name:
            raise RuntimeError(f"planted in {name}")
        return handler(arg)

    return handle


def running() -> None:
    for addon, hook, name in list(plants(traverse(ctx.master.addons.chain))):
        setattr(addon, hook, planted(name, getattr(addon, hook)))
    ctx.master.addons._table.clear()
