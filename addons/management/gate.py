"""Who may use the management API: by key, by address, and no more after five failures. Decisions only, no clock."""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

FAILURES = 5
LOCKED_FOR = 30 * 60.0
"""Seconds that an address is locked out after so many failures in a row."""
ADDRESSES = 10_000
"""Addresses that are remembered; beyond, the one that failed longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`retry_after` in seconds; 0 where coming back changes nothing."""

    status: int
    message: str
    retry_after: float = 0.0


@dataclass(slots=True)
class Failed:
    count: int = 0
    until: float = 0.0


class Gate:
    """`secret` "" is a gate that stays shut."""

    def __init__(self, secret: str = "", allow_remote: bool = False) -> None:
        self._secret, self._allow_remote = secret, allow_remote
        self._failed: OrderedDict[str, Failed] = OrderedDict()

    def __repr__(self) -> str:
        return f"<management gate, {'open' if self._secret else 'off'}, {len(self._failed)} addresses failed>"

    def use(self, secret: str, allow_remote: bool) -> None:
        """A new key: those who were locked out for the old one may try again."""
        if secret != self._secret:
            self._failed.clear()
        self._secret, self._allow_remote = secret, allow_remote

    def judge(self, peer: str, shown: Iterable[str], now: float) -> Refusal | None:
        """None lets in. `peer`: the address of the connection itself; `shown`: the keys it brings; `now` in seconds."""
        if not self._secret:
            message = "The management API is off; set remote-management.secret-key or $MANAGEMENT_PASSWORD."
            return Refusal(404, message)
        if not self._allow_remote and not is_local(peer):
            return Refusal(403, "The management API serves this machine only; see remote-management.allow-remote.")
        failed = self._failed.get(who(peer), Failed())
        if now < failed.until:
            return Refusal(429, "Too many failures; this address is locked out.", failed.until - now)
        given = list(shown)
        if any(hmac.compare_digest(self._secret.encode(), key.encode("utf-8", "surrogateescape")) for key in given):
            self._failed.pop(who(peer), None)
            return None
        if not given:  # nobody guesses without a key: a browser or a probe that lost its way
            return Refusal(401, "Send the management key, as X-Management-Key or `Authorization: Bearer …`.")
        return self._fail(who(peer), failed, now)

    def _fail(self, address: str, failed: Failed, now: float) -> Refusal:
        failed.count += 1
        if failed.count >= FAILURES:
            failed.count, failed.until = 0, now + LOCKED_FOR
        self._failed[address] = failed
        self._failed.move_to_end(address)
        while len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)
        if failed.until > now:
            return Refusal(429, "Too many failures; this address is locked out.", LOCKED_FOR)
        return Refusal(401, "This is not the management key.")


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
