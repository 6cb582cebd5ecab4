"""Which Google Cloud project a Gemini account's requests are counted on: Code Assist gives each account one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from ..providers import ACCOUNT_DOORS
from .token_endpoint import Unreachable
from .token_files import Fields

BASE_URL = ACCOUNT_DOORS["code-assist"].base_url
TRIES, PAUSE = 12, 5.0
METADATA = {"ideType": "IDE_UNSPECIFIED", "platform": "PLATFORM_UNSPECIFIED", "pluginType": "PLUGIN_UNSPECIFIED"}
FREE = "free-tier"


async def project(
    http: httpx.AsyncClient,
    access_token: str,
    wanted: str = "",
    base_url: str = BASE_URL,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> str:
    """The account's project, made where there is none yet. `wanted`: the user's own. Raises `Unreachable`."""

    async def ask(method: str, **body: Any) -> Fields:
        return await _post(http, f"{base_url}/v1internal:{method}", access_token, {**body, "metadata": METADATA})

    own = {"cloudaicompanionProject": wanted} if wanted else {}
    loaded = await ask("loadCodeAssist", **own)
    if found := wanted or _id(loaded):
        return found
    tiers = [tier for tier in loaded.get("allowedTiers") or () if isinstance(tier, dict)]
    tier = next((one.get("id") for one in tiers if one.get("isDefault")), FREE)
    for _ in range(TRIES):
        answer = await ask("onboardUser", tierId=tier)
        if answer.get("done"):
            if found := _id(answer.get("response") or {}):
                return found
            break
        await sleep(PAUSE)
    raise Unreachable("Google gives this account no project of its own; name one by `cliproxy login gemini --project`.")


def _id(answer: Fields) -> str:
    found = answer.get("cloudaicompanionProject")
    found = found.get("id") if isinstance(found, dict) else found
    return found if isinstance(found, str) else ""


async def _post(http: httpx.AsyncClient, url: str, access_token: str, body: Fields) -> Fields:
    try:
        response = await http.post(url, json=body, headers={"authorization": f"Bearer {access_token}"})
        answer = response.json()
    except (httpx.HTTPError, ValueError) as fault:
        raise Unreachable(f"{url} gave no answer ({type(fault).__name__}).") from None
    if not response.is_success or not isinstance(answer, dict):
        raise Unreachable(f"{url} answered with status {response.status_code}.")
    return answer
