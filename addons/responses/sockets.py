"""The open WebSockets, by client connection: who they were let in as, and what is remembered while they are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from mitmproxy import connection, http

from cliproxy.translators import wire
from cliproxy.translators.ir import Json

from ..settings import ResponsesSettings

REMEMBERED = 256 * 1024 * 1024
"""Bytes that all connections together may remember; beyond that the oldest is forgotten, and its client told so."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last response of a connection, which may be continued there even if nothing else keeps it.

    `data`: the conversation up to and with it, in JSON. `provider`: who was spoken to.
    """

    id: str
    provider: str
    data: bytes = field(repr=False)

    @property
    def items(self) -> list[Json]:
        found: list[Json] = wire.loads(self.data)
        return found


@dataclass(slots=True)
class Socket:
    """One connection. `client`: the name of the key shown at the upgrade; `upgrade`: that request, without its key.

    `lane`, `prewarm`: what the message in hand asked for; there is one at a time.
    """

    client: str
    upgrade: http.Request
    settings: ResponsesSettings
    lane: str = ""
    prewarm: bool = False
    last: Remembered | None = field(default=None, repr=False)


_open: WeakKeyDictionary[connection.Client, Socket] = WeakKeyDictionary()


_rank: dict[int, Socket] = {}
"""Those that remember something, the longest ago first."""


def open(client: connection.Client, socket: Socket) -> None:
    _open[client] = socket


def of(client: connection.Client) -> Socket | None:
    """None for a connection that speaks plain HTTP."""
    return _open.get(client)


def closed(client: connection.Client) -> None:
    if socket := _open.pop(client, None):
        _rank.pop(id(socket), None)


def remember(socket: Socket, last: Remembered) -> None:
    """In place of what it remembered before."""
    _rank.pop(id(socket), None)
    _rank[id(socket)] = socket
    socket.last = last
    total = sum(len(one.last.data) for one in _rank.values() if one.last)
    while total > REMEMBERED:
        oldest = _rank.pop(next(iter(_rank)))
        assert oldest.last
        total -= len(oldest.last.data)
        oldest.last = None


def count() -> int:
    return len(_open)
