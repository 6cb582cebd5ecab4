"""Loaded beside the gateway by tests: a request with ``x-test-rested`` finds no credential resting."""

from __future__ import annotations

from mitmproxy import ctx, http


async def requestheaders(flow: http.HTTPFlow) -> None:
    if "x-test-rested" in flow.request.headers:
        dispatch = ctx.master.addons.get("dispatch")
        for account in dispatch.pool.accounts():
            await dispatch.reset(account.credential.id)
