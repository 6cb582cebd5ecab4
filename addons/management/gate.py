"""Who may use the management API: by key, by address, and no more after five failures, whichever process saw them."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from ..state.shared import Shared

FAILURES = 5
LOCKED_FOR = 30 * 60.0
"""Seconds that an address is locked out after so many failures in a row."""
TABLE = "lockouts"
"""By address: ``failures``, and with the last one ``until`` (epoch seconds). An entry ends by itself."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`retry_after` in seconds; 0 where coming back changes nothing."""

    status: int
    message: str
    retry_after: float = 0.0


class Gate:
    """`secret` "" is a gate that stays shut."""

    def __init__(self, shared: Shared, secret: str = "", allow_remote: bool = False) -> None:
        self._shared, self._secret, self._allow_remote = shared, secret, allow_remote
        self._forgive = False

    def __repr__(self) -> str:
        return f"<management gate, {'open' if self._secret else 'off'}>"

    def use(self, secret: str, allow_remote: bool) -> None:
        """A new key: those who were locked out for the old one may try again."""
        self._forgive = self._forgive or bool(self._secret and secret != self._secret)
        self._secret, self._allow_remote = secret, allow_remote

    async def judge(self, peer: str, shown: Iterable[str], now: float) -> Refusal | None:
        """None lets in. `peer`: the address of the connection itself; `shown`: the keys it brings; `now` in seconds."""
        if not self._secret:
            message = "The management API is off; set remote-management.secret-key or $MANAGEMENT_PASSWORD."
            return Refusal(404, message)
        if not self._allow_remote and not is_local(peer):
            return Refusal(403, "The management API serves this machine only; see remote-management.allow-remote.")
        if self._forgive:
            await self._forget()
        store, address = self._shared.store, who(peer)
        failed = (await store.read(TABLE, [address])).get(address, {})
        if now < failed.get("until", 0):
            return Refusal(429, "Too many failures; this address is locked out.", failed["until"] - now)
        given = list(shown)
        if any(hmac.compare_digest(self._secret.encode(), key.encode("utf-8", "surrogateescape")) for key in given):
            if failed:
                await store.delete(TABLE, [address])
            return None
        if not given:  # nobody guesses without a key: a browser or a probe that lost its way
            return Refusal(401, "Send the management key, as X-Management-Key or `Authorization: Bearer …`.")
        return await self._fail(address, now)

    async def _fail(self, address: str, now: float) -> Refusal:
        """Whoever counts the last one, of however many processes, sets the end."""
        store, end = self._shared.store, now + LOCKED_FOR
        failed = await store.add(TABLE, address, {"failures": 1}, end)
        if failed["failures"] < FAILURES:
            return Refusal(401, "This is not the management key.")
        if failed["failures"] == FAILURES:
            await store.add(TABLE, address, {"until": end}, end)
        return Refusal(429, "Too many failures; this address is locked out.", LOCKED_FOR)

    async def _forget(self) -> None:
        self._forgive = False
        store = self._shared.store
        await store.delete(TABLE, await store.scan(TABLE))


def is_local(peer: str) -> bool:
    """Whether the connection comes from this machine."""
    address = _address(peer)
    return address is not None and address.is_loopback


def who(peer: str) -> str:
    """What counts as one address: a whole /64 of IPv6, which is what one subscriber has."""
    address = _address(peer)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address or peer)


def _address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
