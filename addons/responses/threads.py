"""Anthropic's threads (beta message-threads-2026-08-12): conversations that the provider holds for one account each."""

from __future__ import annotations

from mitmproxy import http

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS

from .. import exchange, replies
from ..exchange import Exchange
from .keeper import Keeper, Kept
from .keeping import maker

ANTHROPIC = FORMATS["anthropic"]


class Threads:
    """A request goes on where its thread is held. The codes of refusals are the API's own: its SDKs act upon them.

    At `thread_unsupported_request` they go on without a thread, at `thread_not_found` they say all again in a new one.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    async def request(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or flow.response or not threaded(call):
            return
        if error := await self._place(call):
            call.answered_here = True
            flow.response = replies.error(call.sent, error)

    async def _place(self, call: Exchange) -> ir.Error | None:
        if call.answer_format is not ANTHROPIC:
            message = f"{call.upstream.name} holds no threads; send the whole conversation without `thread`."
            return ir.Error(400, message, code="thread_unsupported_request", param="thread")
        previous = call.body["thread"].get("previous_message_id")
        if previous is None:
            return None
        kept = await self.keeper.find(str(previous), call.client)
        if kept and kept.provider == call.upstream.provider:
            call.pinned = kept.credential
        elif kept or self.keeper.several:
            message = f"No thread with {str(previous)[:80]!r} is held for this client; replay the whole conversation."
            return ir.Error(400, message, code="thread_not_found", param="thread.previous_message_id")
        return None


class Holders:
    """Behind translation, which reads the answer: who holds the thread that this message may be continued in."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    async def response(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or call.answered_here or not threaded(call):
            return
        start = call.collected.start if call.collected else None
        id = start.id if start else call.answer.id if call.answer else ""
        if id and flow.response and flow.response.status_code < 400:
            kept = Kept(id, call.client, call.upstream.provider, maker(call))
            self.keeper.announce(kept)
            await self.keeper.keep(kept)


def threaded(call: Exchange) -> bool:
    return call.format is ANTHROPIC and call.operation == "generate" and isinstance(call.body.get("thread"), dict)
