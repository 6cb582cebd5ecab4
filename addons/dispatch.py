"""Sends an exchange to a provider with a credential, and to the next one when an attempt fails."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace

from mitmproxy import http

from cliproxy.translators import ir

from . import counting, egress, exchange, outgoing, replies, upstreams
from .accounts.cooldowns import Kind
from .accounts.fresh import Accounts, Keys
from .accounts.pool import Credential, Pool
from .accounts.shared_pool import SharedPool
from .accounts.views import AccountView, views
from .applied import Applied
from .attempts import Attempt, GatewayError
from .choice import Choice
from .exchange import AttemptRecord, Exchange
from .outcomes import Outcomes
from .provider_errors import STATUS, kind_of, provider_error
from .state.shared import Shared
from .webhooks import Webhooks

logger = logging.getLogger(__name__)


class Dispatch:
    """`accounts`: who renews secrets that change with time."""

    def __init__(self, shared: Shared, webhooks: Webhooks, accounts: Accounts | None = None) -> None:
        self.pool = Pool()
        self._accounts = accounts or Keys()
        self._shared = SharedPool(shared, self.pool)
        self._choice = Choice(self.pool, self._shared)
        self._outcomes = Outcomes(self.pool, self._shared, webhooks)

    def use(self, applied: Applied) -> None:
        credentials = applied.routes.credentials()
        self._shared.later(self.pool.replace(credentials, applied.settings.load_balance.strategy))
        self._choice.use(applied.routes, applied.settings)

    async def upstream_attempt(self, attempt: Attempt) -> None:
        flow = attempt.flow
        call = exchange.of(flow)
        if not call or call.revoked or flow.response:
            return
        call.collected = call.answer = None  # what a failed attempt said is no part of the next one's answer
        while not isinstance(chosen := await self._choice.next(call), ir.Error):
            if call.uncounted:
                self.pool.release(chosen, call.model)
                call.credential, flow.response = None, counting.estimated(call)
                return
            if await self._aimed(attempt, call, chosen):
                return
        self._answer(flow, call, self._with_soonest(call, chosen))

    async def _aimed(self, attempt: Attempt, call: Exchange, chosen: Credential) -> bool:
        """The flow is written for this credential, if that can be."""
        credential = await self._accounts.fresh(chosen, call.attempt_began)
        if not credential:
            call.failure = ir.Error(401, self._accounts.lacking(chosen))
            await self._failed(call, "unauthorized", call.failure)
            return False
        if fault := outgoing.write(attempt.flow, call, credential):
            self._choice.skip(call, chosen, fault)
            return False
        call.credential = credential
        attempt.stream = call.stream
        attempt.secret_headers = upstreams.secret_headers(call.upstream, credential)
        attempt.via = egress.via(credential.proxy)
        attempt.go = True
        return True

    def gateway_error(self, error: GatewayError) -> None:
        """In the client's format what mitmproxy would tell as a page of HTML."""
        call = exchange.of(error.flow)
        sent = call.sent if call else error.flow.request
        error.flow.response = replies.error(sent, ir.Error(error.status, error.message))

    # -- how an attempt ended -----------------------------------------------------------

    def upstream_slow(self, attempt: Attempt) -> None:
        call = exchange.of(attempt.flow)
        # What passes through may take its time (an image, a transcription), and would be paid for twice.
        attempt.go = bool(call and call.operation != "pass" and self._choice.possible(call))

    async def upstream_failed(self, attempt: Attempt) -> None:
        flow = attempt.flow
        call = exchange.of(flow)
        if not call:
            return
        if call.recording and attempt.failure == "status" and flow.response:
            call.recording.whole(time.time(), flow.response)
        error = self._error(flow, call, attempt)
        kind = kind_of(error, attempt.failure)
        if await self._renewed(call, kind, attempt):
            return
        await self._failed(call, kind, error, attempt)
        if kind != "request" and not attempt.committed and not attempt.spent and self._choice.possible(call):
            call.failure = error
            attempt.go = True
        elif attempt.failure != "status" or attempt.committed:
            if attempt.committed and call.stream:
                attempt.late = b"".join(call.render(error))
            self._answer(flow, call, self._with_soonest(call, error))
        elif flow.response and (soonest := self._with_soonest(call, error).retry_after) is not None:
            flow.response.headers.pop("retry-after-ms", None)
            flow.response.headers["retry-after"] = str(math.ceil(soonest))

    async def _renewed(self, call: Exchange, kind: Kind, attempt: Attempt) -> bool:
        """A secret that is refused may only be too old: then it is renewed, once, and asked with again."""
        credential = call.credential
        if (
            kind != "unauthorized"
            or attempt.committed
            or attempt.spent
            or not credential
            or credential.id in call.renewed
        ):
            return False
        call.renewed.add(credential.id)
        renewed = await self._accounts.refreshed(credential)
        if not renewed or not call.credential:  # None: the client left meanwhile
            return False
        self._shared.later(self.pool.renew(renewed))
        self._over(call, 401, attempt)
        call.tried.discard(credential.id)
        attempt.go = True
        return True

    def _error(self, flow: http.HTTPFlow, call: Exchange, attempt: Attempt) -> ir.Error:
        """What went wrong, as the client shall hear it."""
        if attempt.failure == "status" and flow.response:
            return provider_error(call.answer_format, flow.response, time.time())
        if attempt.failure == "stream" and call.collected and call.collected.error:
            return call.collected.error
        status = STATUS[attempt.failure or "dropped"]
        return ir.Error(status, f"{call.upstream.name} did not answer ({attempt.failure}): {attempt.message}")

    def _with_soonest(self, call: Exchange, error: ir.Error) -> ir.Error:
        """The last one asked is not the one to wait for, but the first one to be back."""
        soonest = self._choice.soonest(call) if error.status == 429 else None
        if soonest is None or (error.retry_after is not None and error.retry_after <= soonest):
            return error
        return replace(error, retry_after=soonest)

    async def _failed(self, call: Exchange, kind: Kind, error: ir.Error, attempt: Attempt | None = None) -> None:
        credential, model = call.credential, call.model
        if record := self._over(call, error.status, attempt):
            if kind != "request":
                logger.warning("%s · %s · %s", call.id, model, record)
            assert credential
            await self._outcomes.failed(credential, model, kind, error)

    def _over(self, call: Exchange, status: int, attempt: Attempt | None = None) -> AttemptRecord | None:
        """The attempt is noted and its credential given back; None if there is none under way."""
        credential, call.credential = call.credential, None
        if not credential:
            return None
        failure = attempt.failure or "" if attempt else ""
        silent = failure in STATUS
        record = AttemptRecord(
            credential.id,
            call.upstream.name,
            0 if silent else status,
            time.time() - call.attempt_began,
            f"{failure} ({attempt.message})" if attempt and silent else "",
            call.model,
        )
        call.attempts.append(record)
        self.pool.release(credential, call.model)
        return record

    def _answer(self, flow: http.HTTPFlow, call: Exchange, error: ir.Error) -> None:
        call.answered_here = True
        flow.response = replies.error(call.sent, error)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if call and call.credential and flow.response and flow.response.status_code < 400:
            self.pool.heard(call.credential, call.model)

    async def response(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call or not flow.response or not (credential := call.credential):
            return
        broken = call.collected.error if call.collected else None
        if broken:
            await self._failed(call, kind_of(broken, "stream"), broken)
        else:
            self._over(call, flow.response.status_code)
            if flow.response.status_code < 400:
                await self._outcomes.answered(credential, call.model, call.attempt_began)
        await self._outcomes.used(credential, call.usage)

    async def error(self, flow: http.HTTPFlow) -> None:
        """The client left."""
        if (call := exchange.of(flow)) and (credential := call.credential):
            self._over(call, 499)
            await self._outcomes.used(credential, call.usage)

    # -- for those who look after the gateway ----------------------------------------------

    async def accounts(self) -> list[AccountView]:
        """How each credential fares, here and as far as other gateways have told."""
        now = time.time()
        for provider in {one.credential.provider for one in self.pool.accounts()}:
            await self._shared.look(provider, "", "", now)
        return views(self.pool, now)

    async def disable(self, id: str, disabled: bool = True) -> bool:
        """A disabled credential is asked no more, here and by others, until it is enabled. False: it is not known."""
        account = self.pool.account(id)
        if account:
            await self._shared.disable(account.credential, disabled)
        return account is not None

    async def reset(self, id: str) -> bool:
        """Forget all that rests of a credential, and of its provider. False: it is not known."""
        account = self.pool.account(id)
        if account:
            await self._shared.tell(self.pool.forget(account.credential, time.time()), time.time())
        return account is not None
