"""What the end of an attempt means for the pool, and who is told: other gateways, the log, webhooks."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from cliproxy.translators import ir

from .accounts.cooldowns import RULES, Kind
from .accounts.pool import Change, Credential, Pool
from .accounts.shared_pool import SharedPool
from .webhooks import Webhooks

logger = logging.getLogger(__name__)


class Outcomes:
    def __init__(self, pool: Pool, shared: SharedPool, webhooks: Webhooks) -> None:
        self._pool, self._shared, self._webhooks = pool, shared, webhooks

    async def answered(self, credential: Credential, model: str, began: float) -> None:
        await self._shared.tell(self._pool.answered(credential, model, began), time.time())

    async def failed(self, credential: Credential, model: str, kind: Kind, error: ir.Error) -> None:
        now = time.time()
        changes = self._pool.failed(credential, model, now, kind, error.status, error.retry_after, random.random())
        await self._shared.tell(changes, now)
        self._say(changes, now)

    async def used(self, credential: Credential, usage: ir.Usage | None) -> None:
        """Count the tokens against the credential's quota."""
        tokens = (usage.input or 0) + (usage.output or 0) if usage else 0
        now = time.time()
        if await self._shared.used(credential, tokens, now):
            until = _stamp(credential.turn_of_window(now))
            logger.warning(
                "%s has used up its quota of %d tokens; it rests until %s.", credential.id, credential.quota, until
            )
            told = {
                "account": credential.id,
                "provider": credential.provider,
                "quota": credential.quota,
                "until": until,
            }
            self._webhooks.tell("quota.exceeded", told)

    def _say(self, changes: Iterable[Change], now: float) -> None:
        """Once a rest."""
        for change in changes:
            if not change.rest or not change.new:
                continue
            who, seconds = change.account or change.provider, change.rest.until - now
            logger.warning(
                "%s rests for %.0f s%s: %s", who, seconds, f" ({change.model})" * bool(change.model), change.rest.reason
            )
            self._webhooks.tell(
                "account.resting",
                {
                    "account": change.account or None,
                    "provider": change.provider,
                    "model": change.model or None,
                    "scope": RULES[change.rest.kind].scope if change.account else "provider",
                    "reason": change.rest.reason,
                    "until": _stamp(change.rest.until),
                },
            )


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
