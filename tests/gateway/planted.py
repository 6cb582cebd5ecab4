"""A script for mitmdump that breaks one handler at a time: the request's header `x-plant` says which."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from mitmproxy import ctx

HOOKS = ("requestheaders", "request", "upstream_attempt", "upstream_failed", "responseheaders", "response")
ADDONS = ("clientauth", "routing", "models", "translation", "dispatch", "recorder")


def planted(name: str, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(handler)
    def handle(arg: Any) -> Any:
        flow = getattr(arg, "flow", arg)
        if flow.request.headers.get("x-plant") == name or flow.metadata.get("plant") == name:
            raise RuntimeError(f"planted in {name}")
        if plant := flow.request.headers.get("x-plant"):
            flow.metadata["plant"] = plant  # the header does not go upstream, so it is gone by the answer
        return handler(arg)

    return handle


def running() -> None:
    for addon in ADDONS:
        one = ctx.master.addons.get(addon)
        for hook in HOOKS:
            if handler := getattr(one, hook, None):
                setattr(one, hook, planted(f"{addon}.{hook}", handler))
    ctx.master.addons._table.clear()
