"""Who serves the next attempt of an exchange: a credential of its model, or else of a model to fall back to."""

from __future__ import annotations

import asyncio
import logging
import math
import time

from cliproxy.translators import ir
from cliproxy.translators.formats import FORMATS

from .accounts import affinity
from .accounts.cooldowns import TRANSIENT, Rest
from .accounts.pool import Credential, Pool
from .accounts.shared_pool import SharedPool
from .doors.door import PLAIN
from .exchange import Exchange
from .preparation import prepare
from .routes import Routes
from .settings import Settings

logger = logging.getLogger(__name__)

ATTEMPTS = 20
"""So many an exchange makes at most."""
PATIENCE = 2.0
"""Seconds that a request waits for a provider that failed a moment ago, rather than to be refused."""
SHOWN = 5
"""So many resting credentials are named to the client."""


class Choice:
    def __init__(self, pool: Pool, shared: SharedPool) -> None:
        self._pool, self._shared = pool, shared
        self._routes, self._settings = Routes(Settings()), Settings()

    def use(self, routes: Routes, settings: Settings) -> None:
        self._routes, self._settings = routes, settings

    @property
    def last_start(self) -> float:
        """Seconds after which no further attempt begins: its answer would come when clients have given up."""
        return self._settings.timeouts.total * 0.8

    def possible(self, call: Exchange) -> bool:
        """Whether another attempt may be made, and there is somebody to make it with."""
        now = time.time()
        if now - call.began >= self.last_start or len(call.attempts) >= ATTEMPTS:
            return False
        able = self._pool.able(call.upstream.provider, call.model, now, self._ruled_out(call, now))
        return bool(able or (call.fallbacks and not call.pinned) or self._pause(call, now))

    async def next(self, call: Exchange) -> Credential | ir.Error:
        """The credential, acquired, and the exchange prepared for its door; else what the client shall hear."""
        while True:
            credential = await self._acquired(call)
            if credential:
                fault = self._enter(call, credential)
                if not fault:
                    return credential
                self.skip(call, credential, fault)
            elif pause := self._pause(call, time.time()):
                await asyncio.sleep(pause)
            elif not self._fall_back(call):
                return self._refusal(call)

    def skip(self, call: Exchange, credential: Credential, fault: ir.Error) -> None:
        """This request can't be said to that one; nobody was asked."""
        self._pool.release(credential, call.model)
        call.credential, call.failure = None, call.failure or fault

    async def _acquired(self, call: Exchange) -> Credential | None:
        provider, model = call.upstream.provider, call.model
        at = await self._shared.look(provider, model, self._conversation(call), time.time())
        at = next((id for id in call.renewed if id not in call.tried), at)
        now = time.time()
        ruled_out = self._ruled_out(call, now)
        able = {one.id for one in self._pool.able(provider, model, now, ruled_out)} if at else ()
        credential = self._pool.acquire(provider, model, now, ruled_out, at)
        if credential:
            call.credential, call.attempt_began = credential, now
            call.tried.add(credential.id)
            await self._shared.chosen(credential, model, now)
            if at or call.conversation:
                call.notes["affinity"] = placed(at or "", credential.id)
            if call.conversation and at not in able:
                await self._shared.bind(call.conversation.token, credential, now)
        return credential

    def _ruled_out(self, call: Exchange, now: float) -> set[str]:
        """The credentials that were tried; those whose door has other paths than what passes through; and where
        something lasting is asked for, all but its owner. What is new, or all that there is, belongs to the first of
        those that can, so that it is found again."""
        if call.operation != "pass" and not call.pinned:
            return call.tried
        every = self._pool.able(call.upstream.provider, call.model, now, call.tried)
        able = every
        if call.operation == "pass":
            able = [one for one in every if (door := self._routes.entrance(one)) and door.door is PLAIN]
        kept = {call.pinned} if call.pinned else {one.id for one in able[: 1 if call.lasting else None]}
        return call.tried | {one.id for one in every if one.id not in kept}

    def _conversation(self, call: Exchange) -> str:
        """What to look for; "" where the request may be served anywhere."""
        wanted = self._settings.load_balance.affinity and call.operation == "generate" and not call.pinned
        if not wanted or self._pool.count(call.upstream.provider) < 2:
            return ""
        call.conversation = affinity.conversation(call.sent.headers, call.body, call.format.NAME)
        return call.conversation.token if call.conversation and not call.conversation.opening else ""

    def _enter(self, call: Exchange, credential: Credential) -> ir.Error | None:
        """An account is let in by another door than a key: then the request must be said in that one's way."""
        entrance = self._routes.entrance(credential)
        if not entrance or entrance.name == call.upstream.name:
            return None
        call.retarget(entrance, call.model)
        return prepare(call)

    def _pause(self, call: Exchange, now: float) -> float:
        """Seconds until somebody untried has rested from a failure of a moment ago; 0 where it is not worth waiting."""
        provider, model = call.upstream.provider, call.model
        if all(one.credential.id in call.tried for one in self._pool.serving(provider, model)):
            return 0.0
        rests = (rest for id, rest in self._obstacles(call, now) if id not in call.tried)
        ends = [rest.until - now for rest in rests if rest.kind in TRANSIENT and rest.until > now]
        soonest = min(ends, default=math.inf)
        in_time = now + soonest - call.began < self.last_start
        return soonest + 0.01 if soonest <= PATIENCE and in_time else 0.0

    # -- other models ----------------------------------------------------------------------

    def _fall_back(self, call: Exchange) -> bool:
        """Aim at the next model that this request can be said to; False when there is none left."""
        self._note(call)
        while call.fallbacks and not call.pinned:
            name = call.fallbacks.pop(0)
            found = self._routes.resolve(name)
            if not found:
                logger.warning("%s · no provider serves %s, a model to fall back to", call.id, name)
                continue
            before = call.model
            call.retarget(*found)
            call.tried.clear()
            if not (fault := prepare(call)):
                call.notes["route"] = f"a fallback from {before}"
                logger.warning("%s · falls back from %s to %s", call.id, before, call.model)
                return True
            logger.warning("%s · can't fall back to %s: %s", call.id, call.model, fault.message)
        return False

    # -- nobody is left --------------------------------------------------------------------

    def soonest(self, call: Exchange) -> float | None:
        """Seconds until somebody may be asked for the model again; None where somebody may be now."""
        now = time.time()
        able = self._pool.able(call.upstream.provider, call.model, now)
        if any(call.pinned in ("", one.id) for one in able):
            return None
        ends = [rest.until - now for _, rest in self._obstacles(call, now)]
        return max(1.0, min(ends)) if ends else None

    def _obstacles(self, call: Exchange, now: float) -> list[tuple[str, Rest]]:
        """Who rests of those that could serve this."""
        provider = call.upstream.provider
        found = self._pool.obstacles(provider, call.model, now)
        return [(id, rest) for id, rest in found if not call.pinned or id in (provider, call.pinned)]

    def _note(self, call: Exchange) -> None:
        """Why nobody serves this model now, before another one is tried."""
        now = time.time()
        if obstacles := self._obstacles(call, now):
            call.obstacles.append((min(rest.until for _, rest in obstacles), resting(call, obstacles, now)))

    def _refusal(self, call: Exchange) -> ir.Error:
        if call.failure:
            return call.failure
        if call.pinned and not call.obstacles:
            return owner_gone(call)
        if call.obstacles:
            soonest = max(1.0, min(until for until, _ in call.obstacles) - time.time())
            return ir.Error(429, " ".join(text for _, text in call.obstacles), retry_after=math.ceil(soonest))
        provider = call.upstream.provider
        if not self._pool.count(provider):
            return ir.Error(503, f"No credential is configured for {provider}.")
        if all(one.disabled for one in self._pool.accounts(provider)):
            return ir.Error(503, f"All credentials of {provider} are disabled.")
        return ir.Error(503, f"No credential of {provider} may serve the model {call.model!r}.")


def owner_gone(call: Exchange) -> ir.Error:
    """What only one credential can answer, and that one is not there."""
    owned = f"{call.upstream.name} keeps this for the credential {call.pinned!r} alone, which is not available."
    if call.operation != "generate" or not ("previous_response_id" in call.body or "thread" in call.body):
        return ir.Error(503, owned)
    code = "thread_not_found" if call.format is FORMATS["anthropic"] else "previous_response_not_found"
    return ir.Error(400, f"{owned} Send the whole conversation.", code=code)


def placed(at: str, id: str) -> str:
    """Where a conversation goes on, in words. `at`: the credential that served it before, "" where there is none."""
    if not at:
        return f"a conversation that is new here; it stays with {id}"
    return "where the conversation was before" if at == id else f"was at {at}, which can't serve it now"


def resting(call: Exchange, obstacles: list[tuple[str, Rest]], now: float) -> str:
    """Which rest, for how long and why; nothing of what a provider said."""
    named = [f"{id} for {max(1, math.ceil(rest.until - now))} s ({rest.reason})" for id, rest in obstacles[:SHOWN]]
    more = f", and {len(obstacles) - SHOWN} more" if len(obstacles) > SHOWN else ""
    return f"All credentials of {call.upstream.provider} for {call.model} rest: {', '.join(named)}{more}."
