"""Holds each client key to its models, its rate and its quota: before any provider is asked."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from mitmproxy import http
from mitmproxy.utils import asyncio_utils

from cliproxy.translators import ir

from .. import exchange, replies
from ..applied import Applied
from ..ended import Ended
from ..exchange import Exchange
from ..settings import ClientKey, RateLimit
from ..state.shared import Shared
from ..webhooks import Webhooks
from . import bucket
from .bucket import Verdict
from .headers import headers

logger = logging.getLogger(__name__)

BUCKETS, QUOTAS, TOLD = "limits", "quotas", "quotas-told"
"""Tables: a bucket for each client, tokens used by client and day, and of which of them others were told."""
KEPT = 2 * 86_400.0
"""Seconds after which a bucket or a day that nobody used is forgotten: by then it is full, or over."""


class ClientLimits:
    def __init__(self, shared: Shared, webhooks: Webhooks) -> None:
        self._shared, self._webhooks = shared, webhooks
        self._keys: dict[str, ClientKey] = {}
        self._limit = RateLimit()
        self._verdicts: WeakKeyDictionary[http.HTTPFlow, Verdict] = WeakKeyDictionary()

    def use(self, applied: Applied) -> None:
        self._keys, self._limit = applied.settings.auth.by_name, applied.settings.rate_limit

    def limit(self, client: str) -> RateLimit | None:
        """The key's own limit, else that of all."""
        key = self._keys.get(client)
        chosen = (key and key.rate_limit) or self._limit
        return chosen if chosen.enabled else None

    # -- before a provider is asked -------------------------------------------------------

    async def request(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or flow.response:
            return
        key, now = self._keys.get(call.client), time.time()
        refused = not_served(key, call)
        if not refused and call.operation != "count":  # which uses nothing
            refused = await self._over_quota(key, call.client, now) or await self._too_fast(flow, call.client, now)
        if refused:
            call.answered_here = True
            flow.response = replies.error(call.sent, refused)

    async def _over_quota(self, key: ClientKey | None, client: str, now: float) -> ir.Error | None:
        if not key or key.quota is None:
            return None
        day = of_day(client, now)
        used = (await self._shared.store.read(QUOTAS, [day])).get(day, {}).get("tokens", 0)
        if used < key.quota:
            return None
        await self._tell(client, key.quota, int(used), now)
        message = f"The key {client!r} has used its {key.quota:,} tokens of today (UTC)."
        return ir.Error(429, message, code="insufficient_quota", retry_after=until_midnight(now))

    async def _tell(self, client: str, quota: int, used: int, now: float) -> None:
        """Once a key and day, whichever process notices."""
        store, day = self._shared.store, of_day(client, now)
        counted = await store.add(TOLD, day, {"times": 1}, now + KEPT)
        if counted["times"] == 1:
            logger.warning("The client key %s has used up its quota of %d tokens a day.", client, quota)
            self._webhooks.tell("quota.exceeded", {"client": client, "quota": quota, "used": used})

    async def _too_fast(self, flow: http.HTTPFlow, client: str, now: float) -> ir.Error | None:
        limit = self.limit(client)
        if not limit:
            return None
        store = self._shared.store
        found = await store.update(BUCKETS, client, lambda was: bucket.taken(was, limit, now), now + KEPT)
        assert found, "a bucket is never empty of everything"
        self._verdicts[flow] = told = bucket.verdict(found, limit)
        if not told.short:
            return None
        a_minute = limit.requests_per_minute if told.short == "requests" else limit.tokens_per_minute
        message = (
            f"The key {client!r} may use {a_minute:,} {told.short} a minute; come back in {told.retry_after:.1f} s."
        )
        return ir.Error(429, message, code="rate_limit_exceeded", retry_after=told.retry_after)

    # -- when it is answered --------------------------------------------------------------

    def told(self, flow: http.HTTPFlow) -> dict[str, str]:
        """The headers that say how much is left."""
        verdict, call = self._verdicts.get(flow), exchange.of(flow)
        return headers(verdict, call.format, time.time()) if verdict and call else {}

    def ended(self, told: Ended, call: Exchange) -> None:
        tokens = (told.usage.input or 0) + (told.usage.output or 0) if told.usage else 0
        if tokens:
            asyncio_utils.create_task(self._charge(told.client, tokens), name="charge a client key", keep_ref=True)

    async def _charge(self, client: str, tokens: int) -> None:
        key, limit, now = self._keys.get(client), self.limit(client), time.time()
        store = self._shared.store
        if key and key.quota is not None:
            await store.add(QUOTAS, of_day(client, now), {"tokens": tokens}, now + KEPT)
        if limit and limit.tokens_per_minute is not None:
            await store.update(BUCKETS, client, lambda was: bucket.charged(was, limit, tokens, now), now + KEPT)


class LimitHeaders:
    """Behind the addon that makes the answer's head: a limit of the gateway's own replaces what the provider says of
    the account, which is none of the client's business then."""

    def __init__(self, limits: ClientLimits) -> None:
        self._limits = limits

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.response:
            flow.response.headers.update(self._limits.told(flow))


def not_served(key: ClientKey | None, call: Exchange) -> ir.Error | None:
    """A key that is for some models is for nothing else: also not for what names no model."""
    if not key or not key.models or {call.model, call.alias} & set(key.models):
        return None
    asked = f"the model {call.alias or call.model!r}" if call.model else "what names no model"
    return ir.Error(403, f"This key is not for {asked}; it is for: {', '.join(key.models)}.", param="model")


def of_day(client: str, now: float) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d}|{client}"


def until_midnight(now: float) -> float:
    """Seconds until the day is over in UTC."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1)).timestamp() - now
