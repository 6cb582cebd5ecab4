"""Signing in through the management API: for gateways on machines without a browser or a terminal."""

from __future__ import annotations

from typing import Any

from cliproxy.translators.wire import kind_of

from ..accounts.offers import attend
from ..accounts.sign_in import Fault, SignIn, SignIns

STATUS = {"input": 400, "unknown": 404, "impossible": 409, "pasted": 409, "failed": 409}
"""The HTTP status of each kind of fault."""
_KINDS: dict[str, type] = {"provider": str, "label": str, "project": str, "device": bool, "state": str, "url": str}


async def start(sign_ins: SignIns, body: dict[str, Any]) -> dict[str, Any]:
    """Begin one, and wait for it in the background as far as that is possible here. Raises `Fault`."""
    asked = _checked(body, ("provider",), ("label", "project", "device"))
    one = await sign_ins.begin(**asked)
    attend(sign_ins, one)
    return shown(one)


async def callback(sign_ins: SignIns, body: dict[str, Any]) -> dict[str, Any]:
    """Raises `Fault`."""
    asked = _checked(body, ("state", "url"))
    await sign_ins.complete(asked["state"], asked["url"])
    return shown(sign_ins.status(asked["state"]))


async def status(sign_ins: SignIns, state: str) -> dict[str, Any]:
    """Raises `Fault`."""
    return shown(sign_ins.status(state))


def shown(one: SignIn) -> dict[str, Any]:
    told = {
        "state": one.state,
        "provider": one.facts.provider,
        "status": one.outcome,
        "url": one.url,
        "user_code": one.device.user_code if one.device else "",
        "message": one.message,
        "account": one.account,
    }
    return {name: value for name, value in told.items() if value}


def _checked(body: dict[str, Any], needed: tuple[str, ...], more: tuple[str, ...] = ()) -> dict[str, Any]:
    for name, value in body.items():
        if name not in (*needed, *more):
            raise Fault(f"{name}: there is no such field; there are: {', '.join((*needed, *more))}.", "input")
        if not isinstance(value, _KINDS[name]):
            wanted = "true or false" if _KINDS[name] is bool else "text"
            raise Fault(f"{name}: must be {wanted}, not {kind_of(value)}.", "input")
    if missing := [name for name in needed if name not in body]:
        raise Fault(f"{missing[0]}: is missing.", "input")
    return body
