"""Asks providers for their lists of models, with the credentials of the pool, and keeps what they said for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from mitmproxy import http

from .accounts.pool import Credential
from .doors.door import ANTHROPIC_VERSION, PLAIN
from .model_info import ModelInfo, parse
from .routes import Routes
from .settings import ProviderSettings, Settings
from .upstreams import USER_AGENT, Upstream, join, secret_headers

logger = logging.getLogger(__name__)

FRESH = 3600.0
AGAIN = 60.0
"""Seconds that a list is good for; and until a provider that gave none is asked again."""
TIMEOUT = 10.0
PAGES = 20
_PATHS = {"anthropic": ("/v1/models", "limit", "after_id"), "gemini": ("/v1beta/models", "pageSize", "pageToken")}
"""By format: the path, and the words for a page's size and its beginning. All others have no pages."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`models` None: the provider gave none. `at`: epoch seconds."""

    models: tuple[ModelInfo, ...] | None
    at: float

    def due(self, now: float) -> bool:
        return now - self.at > (AGAIN if self.models is None else FRESH)


class ModelLists:
    """What the providers said so far; a list that can't be had anew stays as it was."""

    def __init__(self) -> None:
        self._fetched: dict[tuple[str, str], Fetched] = {}
        self._routes = Routes(Settings())
        self._asked: tuple[ProviderSettings, ...] = ()

    def use(self, settings: Settings, routes: Routes) -> None:
        self._routes = routes
        self._asked = tuple(one for one in settings.providers.values() if asked(one))

    def known(self) -> Mapping[str, tuple[ModelInfo, ...]]:
        """Provider → its models, of those that told them."""
        found = {one.name: self._fetched.get((one.name, one.base_url)) for one in self._asked}
        return {name: each.models for name, each in found.items() if each and each.models is not None}

    def due(self, now: float) -> list[ProviderSettings]:
        never = Fetched((), 0.0)
        return [one for one in self._asked if self._fetched.get((one.name, one.base_url), never).due(now)]

    async def refresh(self, providers: Iterable[ProviderSettings]) -> None:
        await asyncio.gather(*map(self._refresh, providers))

    async def _refresh(self, provider: ProviderSettings) -> None:
        key, before = (provider.name, provider.base_url), self._fetched.get((provider.name, provider.base_url))
        for credential in self._routes.credentials():
            upstream = self._routes.entrance(credential)
            if credential.provider == provider.name and upstream and upstream.door is PLAIN:
                try:
                    self._fetched[key] = Fetched(tuple(await fetch(upstream, credential)), time.time())
                    return
                except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
                    said = str(fault) or type(fault).__name__
                    logger.info("%s gave %s no list of models: %s", provider.name, credential.id, said)
        kept = before.models if before else None
        self._fetched[key] = Fetched(kept, time.time() - (FRESH - AGAIN if kept is not None else 0))


def asked(provider: ProviderSettings) -> bool:
    """Whose own list is wanted: not where the configuration has one, nor where recordings answer."""
    return not provider.models and not provider.replay and not any(one.models for one in provider.credentials)


async def fetch(upstream: Upstream, credential: Credential) -> list[ModelInfo]:
    """All pages of a provider's list. Raises `httpx.HTTPError` or `ValueError`."""
    format = upstream.formats[0].NAME
    path, size, after = _PATHS.get(format, ("/models", "", ""))
    headers = http.Headers()
    if format == "anthropic":
        headers["anthropic-version"] = ANTHROPIC_VERSION
    upstream.dress(headers)
    sent = {**dict(headers.items()), **dict(secret_headers(upstream, credential)), "user-agent": USER_AGENT}
    url, query = join(credential.base_url or upstream.base_url, path), {size: "1000"} if size else {}
    found: list[ModelInfo] = []
    async with httpx.AsyncClient(timeout=TIMEOUT, headers=sent, proxy=credential.proxy or None) as client:
        for _ in range(PAGES):
            response = await client.get(url, params=query)
            if response.status_code != 200:
                raise ValueError(f"it answered with status {response.status_code}")
            page, next_page = parse(upstream.provider, _json(response))
            found += page
            if not next_page or not after:
                break
            query[after] = next_page
    return found


def _json(response: httpx.Response) -> Any:
    return response.json()
