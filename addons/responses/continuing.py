"""Gives a request of the Responses API the conversation that its `previous_response_id` stands for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import FORMATS

from .. import exchange, replies
from ..exchange import Exchange
from . import sockets
from .keeper import Keeper, Kept
from .keeping import seen
from .sockets import Socket
from .transcript import items_of, said_again
from .turn import Turn
from .watcher import Watcher

RESPONSES = FORMATS["openai_responses"]


class Continuing:
    """Between routing and translation: what is added here is translated like all else."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    async def request(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or flow.response or call.format is not RESPONSES or call.operation != "generate":
            return
        socket = sockets.of(flow.client_conn)
        call.turn = turn = begun(call, flow.id, socket, self.keeper.settings.store)
        previous = call.body.get("previous_response_id")
        answer: http.Response | ir.Error | None = await self._continue(call, turn, str(previous)) if previous else None
        if socket or call.body.get("store") is not False:
            turn.watcher = Watcher(partial(seen, self.keeper, call, turn))
        if socket and socket.prewarm and not answer:
            answer = prewarm(call, turn)
        if answer:
            call.answered_here = True
            flow.response = replies.error(call.sent, answer) if isinstance(answer, ir.Error) else answer

    async def _continue(self, call: Exchange, turn: Turn, previous: str) -> ir.Error | None:
        kept = await self.keeper.find(previous, call.client)
        remembered = turn.socket.last if turn.socket else None
        if kept and kept.here:
            return await self._expand(call, turn, kept)
        if remembered and remembered.id == previous:
            turn.before, turn.previous = remembered.items, previous
            return expand(call, turn, remembered.provider)
        own = call.answer_format is RESPONSES
        if kept and own and kept.provider == call.upstream.provider:
            call.pinned = kept.credential
            return None
        if kept:
            return lost(previous, f"is kept by {kept.provider}, and can be continued there only")
        if own and not self.keeper.several:
            return None  # the provider may know it
        why = "is not known here: it was not stored, has expired, or is another client's"
        return lost(previous, why if self.keeper.settings.store else f"{why}; this gateway keeps no responses")

    async def _expand(self, call: Exchange, turn: Turn, kept: Kept) -> ir.Error | None:
        before = await self.keeper.items(kept)
        if before is None:
            return lost(kept.id, "goes on with responses that are no longer kept")
        turn.before, turn.previous = before, kept.id
        turn.chain = [*kept.chain, kept.id]
        return expand(call, turn, kept.provider)


def begun(call: Exchange, flow_id: str, socket: Socket | None, store: bool) -> Turn:
    keep = store and call.body.get("store") is not False
    if keep and call.answer_format is not RESPONSES:
        call.body = {name: value for name, value in call.body.items() if name != "store"}  # it is done here
    return Turn(flow_id.replace("-", ""), keep, socket, input=items_of(call.body.get("input")) or [])


def expand(call: Exchange, turn: Turn, home: str) -> ir.Error | None:
    """Say the whole conversation in place of its last response's id."""
    if items_of(call.body.get("input")) is None:
        return ir.Error(400, "input must be a string or a list of items.", param="input")
    turn.home = home
    body = {name: value for name, value in call.body.items() if name != "previous_response_id"}
    call.body = {**body, "input": [*said_again(turn.before), *turn.input]}
    call.rewritten = wire.dumps(call.body)
    return None


def lost(previous: str, why: str) -> ir.Error:
    message = f"The response {previous[:80]!r} {why}. Send the whole conversation as `input`."
    return ir.Error(400, message, code="previous_response_not_found", param="previous_response_id")


def prewarm(call: Exchange, turn: Turn) -> http.Response | ir.Error:
    """`generate: false`: the client will go on with this input; nothing is asked of a provider."""
    try:
        asked = replace(call.request, store=turn.keep, previous_response_id=turn.previous)
    except ir.BadRequest as fault:
        return ir.Error(400, str(fault), param=fault.param)
    renderer = RESPONSES.StreamRenderer(ir.Context(turn.token, int(call.began), asked))
    events: tuple[ir.Event, ...] = (ir.Start("", call.model), ir.Finish("stop", ir.Usage(input=0, output=0)))
    chunks = [chunk for event in events for chunk in renderer.feed(event)]
    assert turn.watcher
    turn.watcher.feed(chunks)
    return http.Response.make(200, b"".join(chunks), {"content-type": "text/event-stream"})
