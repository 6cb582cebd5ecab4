"""Keeps the responses that clients may come back to, as they pass."""

from __future__ import annotations

from mitmproxy import http

from cliproxy.translators import wire
from cliproxy.translators.ir import Json

from .. import exchange
from ..exchange import Exchange
from . import sockets
from .keeper import Keeper, Kept
from .sockets import Remembered
from .turn import Turn


class Keeping:
    """Behind translation: what the client is answered is what is kept."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    async def response(self, flow: http.HTTPFlow) -> None:
        call, response = exchange.of(flow), flow.response
        turn = call.turn if call else None
        if turn and turn.watcher and response and not response.stream and response.status_code < 400:
            turn.watcher.whole(response.get_content(strict=False) or b"")
        await self._keep(turn)

    async def error(self, flow: http.HTTPFlow) -> None:
        """The client left; it may have heard the end."""
        call = exchange.of(flow)
        await self._keep(call.turn if call else None)

    async def _keep(self, turn: Turn | None) -> None:
        if turn and turn.kept:
            await self.keeper.keep(turn.kept)


def seen(keeper: Keeper, call: Exchange, turn: Turn, response: Json, last: bool) -> bool:
    """Judge one response object that goes to the client; whether the next ones matter.

    The client may come back as soon as it has seen the last one, so it is announced here and written later.
    """
    id = response.get("id")
    if not isinstance(id, str):
        return False
    credential = maker(call)
    by_provider = call.same_format and not call.answered_here and response.get("store") is True
    if by_provider:
        turn.kept = Kept(id, call.client, call.upstream.provider, credential)
    elif not last:
        return True
    elif response.get("status") not in ("completed", "incomplete"):
        return False
    else:
        _remember(turn, call, id, response)
        if turn.keep:
            said = turn.input if turn.chain else [*turn.before, *turn.input]
            turn.kept = Kept(id, call.client, call.upstream.provider, credential, said, response, turn.chain)
    if turn.kept:
        keeper.announce(turn.kept)
    return False


def _remember(turn: Turn, call: Exchange, id: str, response: Json) -> None:
    output = response.get("output")
    if turn.socket and isinstance(output, list):
        data = wire.dumps([*turn.before, *turn.input, *output])
        sockets.remember(turn.socket, Remembered(id, call.upstream.provider, data))


def maker(call: Exchange) -> str:
    """The credential that answers, or, when the attempt is over, has answered."""
    if call.credential:
        return call.credential.id
    return call.attempts[-1].credential if call.attempts else ""
