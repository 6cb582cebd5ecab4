"""Calls only the handlers that exist, and lets no exchange go on after one of them failed.

mitmproxy asks every addon for every hook, twice: half of its CPU a request. And an exception in a handler is
logged and the flow goes on: a defect in authentication would be an open door. So its addon manager gets a subclass
that keeps a table of handlers, and answers a flow with 502 when a handler failed before the answer was given.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

from mitmproxy import exceptions, hooks, http
from mitmproxy.addonmanager import AddonManager, traverse

from cliproxy.translators import ir

from . import exchange, replies
from .attempts import Attempt

logger = logging.getLogger(__name__)

FAILED = ir.Error(502, "The gateway failed on this request; its log says why.")

type Handler = Callable[..., Any]


class HandlerTable(AddonManager):
    def install(self) -> None:
        self._table: dict[str, list[tuple[object, Handler]]] = {}

    async def trigger_event(self, event: hooks.Hook) -> None:
        for addon, handler in self._handlers(event.name):
            try:
                result = handler(*event.args())
                if inspect.isawaitable(result):
                    await result
            except exceptions.AddonHalt:
                return
            except exceptions.OptionsError:
                raise
            except Exception:  # the edge that mitmproxy leaves open
                logger.exception("%s failed in %s", type(addon).__name__, event.name)
                for arg in event.args():
                    fail_closed(arg, event.name)
        if event.name == "response":
            _replace_spoiled(event)

    def _handlers(self, name: str) -> list[tuple[object, Handler]]:
        if name not in self._table:
            found = ((addon, getattr(addon, name, None)) for addon in traverse(self.chain))
            self._table[name] = [(addon, handler) for addon, handler in found if callable(handler)]
        return self._table[name]

    def register(self, addon: object) -> object:
        self._table.clear()
        return super().register(addon)  # type: ignore[no-untyped-call]

    def add(self, *addons: object) -> None:
        super().add(*addons)  # type: ignore[no-untyped-call]
        self._table.clear()

    def remove(self, addon: object) -> None:
        super().remove(addon)  # type: ignore[no-untyped-call]
        self._table.clear()

    def clear(self) -> None:
        super().clear()  # type: ignore[no-untyped-call]
        self._table.clear()


def install(manager: AddonManager) -> None:
    """Make a running addon manager one with a table."""
    if not isinstance(manager, HandlerTable):
        manager.__class__ = HandlerTable
        manager.install()  # type: ignore[attr-defined]


def fail_closed(arg: object, hook: str) -> None:
    """The flow behind a hook's argument reaches no provider any more, and its client gets a 502."""
    flow = getattr(arg, "flow", arg)
    if not isinstance(flow, http.HTTPFlow):
        return
    exchange.revoke(flow)
    call = exchange.of(flow)
    if isinstance(arg, Attempt):
        arg.go, arg.revoked = False, True
        arg.late = b"".join(call.render(FAILED)) if call and call.stream and arg.committed else None
    streaming = flow.response is not None and flow.response.stream
    # Behind `responseheaders` the provider's body would still be put in our answer's place: `response` comes later.
    if call and hook == "responseheaders" and not streaming:
        call.spoiled = True
    elif not streaming:
        flow.response = _answer(flow)


def _answer(flow: http.HTTPFlow) -> http.Response:
    call = exchange.of(flow)
    return replies.error(call.sent if call else flow.request, FAILED)


def _replace_spoiled(event: hooks.Hook) -> None:
    """What a failed `responseheaders` left behind is no answer to give."""
    for flow in event.args():
        call = exchange.of(flow) if isinstance(flow, http.HTTPFlow) else None
        if call and call.spoiled:
            flow.response = _answer(flow)
