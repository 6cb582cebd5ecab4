"""Signing in by a code that is typed in on another device: RFC 8628, and ChatGPT's own way of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from .oauth_facts import Facts
from .token_endpoint import Refused, Unreachable, grant, post
from .token_files import Fields

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL = 5.0
SLOWER = 5.0
"""Seconds that each `slow_down` adds (RFC 8628, section 3.5)."""
LONGEST = 1800.0
_OPENAI_LIFETIME = 900.0

type Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """`page` is where the user types `user_code`; `page_with_code` spares the typing, where the provider has it."""

    device_code: str = field(repr=False)
    user_code: str
    page: str
    page_with_code: str = ""
    interval: float = INTERVAL
    lifetime: float = LONGEST


async def begin(http: httpx.AsyncClient, facts: Facts, challenge: str) -> DeviceCode:
    """Raises `Refused` or `Unreachable`."""
    if _is_openai(facts):
        return await _begin_openai(http, facts)
    asked = {
        "client_id": facts.client_id,
        "scope": " ".join(facts.scopes),
        "code_challenge": challenge,  # Qwen wants one; the standard has others pass over it
        "code_challenge_method": "S256",
    }
    answer = await post(http, facts.device_authorization_url, asked)
    return DeviceCode(
        _text(answer, "device_code"),
        _text(answer, "user_code"),
        _text(answer, "verification_uri"),
        str(answer.get("verification_uri_complete") or ""),
        _seconds(answer.get("interval"), INTERVAL),
        min(LONGEST, _seconds(answer.get("expires_in"), LONGEST)),
    )


async def tokens(
    http: httpx.AsyncClient, facts: Facts, code: DeviceCode, verifier: str, sleep: Sleep = asyncio.sleep
) -> Fields:
    """The token endpoint's answer, once the user has typed the code. Raises `Refused` or `Unreachable`."""
    once = _once_openai if _is_openai(facts) else _once
    interval, deadline = code.interval, time.monotonic() + code.lifetime
    while time.monotonic() < deadline:
        await sleep(interval)
        try:
            if (answer := await once(http, facts, code, verifier)) is not None:
                return answer
        except Refused as refusal:
            if refusal.error != "slow_down":
                raise _told(facts, refusal) from None
            interval += SLOWER
        except Unreachable:
            interval = min(interval * 2, 60.0)  # "exponential backoff", RFC 8628, section 3.5
    raise _told(facts, Refused("expired_token"))


async def _once(http: httpx.AsyncClient, facts: Facts, code: DeviceCode, verifier: str) -> Fields | None:
    try:
        return await grant(http, facts, GRANT, device_code=code.device_code, code_verifier=verifier)
    except Refused as refusal:
        if refusal.error == "authorization_pending":
            return None
        raise


def _told(facts: Facts, refusal: Refused) -> Refused:
    match refusal.error:
        case "expired_token":
            return Refused(refusal.error, "the code was not typed in in time; begin again")
        case "access_denied":
            return Refused(refusal.error, f"the sign-in was turned down at {facts.title}")
    return refusal


# -- ChatGPT's way: the code is traded for an authorization code, and that for tokens -----------


def _is_openai(facts: Facts) -> bool:
    return urlsplit(facts.device_authorization_url).path.endswith("/deviceauth/usercode")


async def _begin_openai(http: httpx.AsyncClient, facts: Facts) -> DeviceCode:
    answer = await post(http, facts.device_authorization_url, {"client_id": facts.client_id}, as_json=True)
    return DeviceCode(
        _text(answer, "device_auth_id"),
        _text(answer, "user_code") if "user_code" in answer else _text(answer, "usercode"),
        urljoin(facts.device_authorization_url, "/codex/device"),
        interval=_seconds(answer.get("interval"), INTERVAL),
        lifetime=_OPENAI_LIFETIME,
    )


async def _once_openai(http: httpx.AsyncClient, facts: Facts, code: DeviceCode, verifier: str) -> Fields | None:
    url = urljoin(facts.device_authorization_url, "token")
    try:
        response = await http.post(url, json={"device_auth_id": code.device_code, "user_code": code.user_code})
    except httpx.HTTPError as fault:
        raise Unreachable(f"{url} cannot be reached ({type(fault).__name__}).") from None
    if response.status_code in (403, 404):  # how it says that the code was not typed yet
        return None
    if not response.is_success:
        raise Unreachable(f"{url} answered with status {response.status_code}.")
    answer = response.json()
    return await grant(
        http,
        facts,
        "authorization_code",
        code=_text(answer, "authorization_code"),
        code_verifier=_text(answer, "code_verifier"),
        redirect_uri=urljoin(facts.device_authorization_url, "/deviceauth/callback"),
    )


def _text(answer: Fields, name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Unreachable(f"The answer to the device flow has no {name}.")
    return value


def _seconds(value: object, otherwise: float) -> float:
    """OpenAI writes its interval as text."""
    try:
        found = float(value) if isinstance(value, int | float | str) else otherwise
    except ValueError:
        return otherwise
    return found if found > 0 else otherwise
