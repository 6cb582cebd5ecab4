"""How the credentials and accounts fare, and what an operator may do with them: disable, enable, reset, sign out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..accounts import edits
from ..accounts.file_lock import Busy
from ..accounts.signed_in import SignedIn
from ..accounts.token_files import TokenFile
from ..accounts.views import AccountView
from ..dispatch import Dispatch
from .call import Fault


async def listing(dispatch: Dispatch, signed_in: SignedIn, now: float) -> list[dict[str, Any]]:
    """All credentials in the order of their use, then the accounts that can't be used as they are."""
    tokens = {token.id: token for token in signed_in.list()}
    pooled = await dispatch.accounts()
    known = {view.id for view in pooled}
    idle = (token for token in tokens.values() if token.id not in known)
    return [*(shown(view, tokens.get(view.id), now) for view in pooled), *(unused(token, now) for token in idle)]


async def change(dispatch: Dispatch, signed_in: SignedIn, id: str, body: dict[str, Any], now: float) -> dict[str, Any]:
    """`body`: ``disabled`` (true or false), ``reset`` (true), or both. Raises `Fault`."""
    await _one(dispatch, signed_in, id, now)
    if "disabled" in body:
        edit = edits.disabled if body["disabled"] else edits.enabled
        if not await _edited(signed_in, id, edit):
            await dispatch.disable(id, body["disabled"])
    if body.get("reset"):
        await dispatch.reset(id)
    return await _one(dispatch, signed_in, id, now)


async def remove(dispatch: Dispatch, signed_in: SignedIn, id: str, now: float) -> dict[str, Any]:
    """Sign an account out: its token file goes. Raises `Fault`."""
    await _one(dispatch, signed_in, id, now)
    if not await _edited(signed_in, id, edits.removed):
        raise Fault(409, f"{id} stands in the configuration: take it away there, or disable it.")
    return {"status": "ok", "removed": id}


async def _one(dispatch: Dispatch, signed_in: SignedIn, id: str, now: float) -> dict[str, Any]:
    found = await listing(dispatch, signed_in, now)
    for one in found:
        if one["account"] == id:
            return one
    raise Fault(404, f"There is no account {id!r}; there are: {', '.join(one['account'] for one in found) or 'none'}.")


async def _edited(signed_in: SignedIn, id: str, edit: Any) -> bool:
    """False: it is no signed-in account."""
    try:
        token = await edits.edited(signed_in.settings.auth.dir, id, edit)
    except (Busy, OSError) as fault:
        raise Fault(500, f"{id}: its file could not be changed: {fault}") from None
    if token:
        signed_in.look()
    return token is not None


def shown(view: AccountView, token: TokenFile | None, now: float) -> dict[str, Any]:
    """One credential; times are ISO 8601 in UTC."""
    limited = {"limit": view.quota, "used": view.quota_used, "until": moment(view.quota_until)}
    resting = [
        {"scope": rest.scope, "model": rest.model, "until": moment(rest.until), "reason": rest.reason}
        for rest in view.resting
    ]
    return {
        **_of_token(token),
        "account": view.id,
        "provider": view.provider,
        "state": state(view, token, now),
        "resting_until": moment(view.resting_until),
        "resting": resting,
        "in_flight": view.in_flight,
        "failures": view.failures,
        "last_error": view.last_error or (token.last_error if token else ""),
        "quota": None if view.quota is None else limited,
    }


def unused(token: TokenFile, now: float) -> dict[str, Any]:
    view = AccountView(token.id, token.provider, token.disabled, 0, 0, "", None, 0, 0.0, ())
    return shown(view, token, now)


def state(view: AccountView, token: TokenFile | None, now: float) -> str:
    if view.disabled or (token and token.disabled):
        return "disabled"
    if token and token.sign_in_needed and token.expired(now):
        return "sign-in-needed"
    return "resting" if any(not rest.model for rest in view.resting) else "ready"


def provider_state(accounts: Iterable[dict[str, Any]]) -> str:
    """What `health` says of a provider with these accounts: "connected" where one of them can serve every model,
    "limited" where some models rest with all that can serve."""
    known = list(accounts)
    ready = [one for one in known if one["state"] == "ready"]
    if ready:
        return "connected" if any(not one["resting"] for one in ready) else "limited"
    states = {one["state"] for one in known}
    return next((state for state in ("resting", "sign-in-needed", "disabled") if state in states), "no credential")


def _of_token(token: TokenFile | None) -> dict[str, Any]:
    if not token:
        return {"kind": "key", "who": "", "plan": "", "expires": None}
    return {"kind": "signed-in", "who": token.who, "plan": token.plan, "expires": moment(token.expires_at or 0)}


def moment(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else None
