"""Sends an exchange to a provider with a credential, and to the next one when an attempt fails."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.formats import FORMATS

from . import counting, exchange, outgoing, replies, upstreams
from .accounts.pool import Credential, Outcome, Pool
from .applied import Applied
from .attempts import Attempt, GatewayError
from .doors.door import PLAIN
from .exchange import AttemptRecord, Exchange
from .preparation import prepare
from .routes import Routes
from .settings import Settings

logger = logging.getLogger(__name__)

RETRIED = frozenset({401, 402, 403, 408, 429})
"""Statuses, beside all from 500 on, that another credential may not meet. The rest is the request's own fault."""
RETRIED_CODES = frozenset({"API_KEY_INVALID"})
"""Google says 400 to a key that it does not know."""
LAST_START = 45.0
"""Seconds after which no further attempt begins: its answer would come when clients have given up (60 s)."""
_STATUS = {"connect": 502, "dropped": 502, "timeout": 504, "stream": 502}


class Dispatch:
    def __init__(self) -> None:
        self.pool = Pool(())
        self.routes = Routes(Settings())

    def use(self, applied: Applied) -> None:
        self.routes = applied.routes
        self.pool = Pool(applied.routes.credentials(), applied.settings.load_balance.strategy)

    def upstream_attempt(self, attempt: Attempt) -> None:
        flow = attempt.flow
        call = exchange.of(flow)
        if not call or call.revoked or flow.response:
            return
        now = time.time()
        credential = self.pool.acquire(call.upstream.provider, call.model, now, self._ruled_out(call, now))
        if not credential:
            self._answer(flow, call, none_left(call))
            return
        call.credential, call.attempt_began = credential, now
        call.tried.add(credential.id)
        fault = self._enter(call, credential)
        if call.uncounted:
            self._release(call, 200, "ok")
            flow.response = counting.estimated(call)
            return
        if fault := fault or outgoing.write(flow, call, credential):
            self._release(call, fault.status, "request_fault")
            self._answer(flow, call, fault)
            return
        attempt.stream = call.stream
        attempt.secret_headers = upstreams.secret_headers(call.upstream, credential)
        attempt.go = True

    def _enter(self, call: Exchange, credential: Credential) -> ir.Error | None:
        """An account is let in by another door than a key: then the request must be said in that one's way."""
        entrance = self.routes.entrance(credential)
        if not entrance or entrance.name == call.upstream.name:
            return None
        call.retarget(entrance, call.model)
        return prepare(call)

    def gateway_error(self, error: GatewayError) -> None:
        """In the client's format what mitmproxy would tell as a page of HTML."""
        call = exchange.of(error.flow)
        sent = call.sent if call else error.flow.request
        error.flow.response = replies.error(sent, ir.Error(error.status, error.message))

    # -- how an attempt ended -----------------------------------------------------------

    def upstream_slow(self, attempt: Attempt) -> None:
        call = exchange.of(attempt.flow)
        # What passes through may take its time (an image, a transcription), and would be paid for twice.
        attempt.go = bool(call and call.operation != "pass" and self._may_try_again(call))

    def upstream_failed(self, attempt: Attempt) -> None:
        flow = attempt.flow
        call = exchange.of(flow)
        if not call:
            return
        if call.recording and attempt.failure == "status" and flow.response:
            call.recording.whole(time.time(), flow.response)
        error = self._error(flow, call, attempt)
        retriable = error.status in RETRIED or error.status >= 500 or error.code in RETRIED_CODES
        self._release(call, error.status, "failed" if retriable else "request_fault", attempt)
        if retriable and not attempt.committed and not attempt.spent and self._may_try_again(call):
            attempt.go = True
        elif attempt.failure != "status" or attempt.committed:
            if attempt.committed and call.stream:
                attempt.late = b"".join(call.render(error))
            self._answer(flow, call, error)

    def _error(self, flow: http.HTTPFlow, call: Exchange, attempt: Attempt) -> ir.Error:
        """What went wrong, as the client shall hear it."""
        if attempt.failure == "status" and flow.response:
            return provider_error(call, flow.response)
        if attempt.failure == "stream" and call.collected and call.collected.error:
            return call.collected.error
        status = _STATUS[attempt.failure or "dropped"]
        return ir.Error(status, f"{call.upstream.name} did not answer ({attempt.failure}): {attempt.message}")

    def _may_try_again(self, call: Exchange) -> bool:
        now = time.time()
        able = self.pool.able(call.upstream.provider, call.model, now, self._ruled_out(call, now))
        return now - call.began < LAST_START and bool(able)

    def _ruled_out(self, call: Exchange, now: float) -> set[str]:
        """The credentials that were tried; those whose door has other paths than what passes through; and where
        something lasting is asked for, all but its owner. What is new, or all that there is, belongs to the first of
        those that can, so that it is found again."""
        if call.operation != "pass" and not call.pinned:
            return call.tried
        able = self.pool.able(call.upstream.provider, call.model, now, call.tried)
        if call.operation == "pass":
            able = [one for one in able if (door := self.routes.entrance(one)) and door.door is PLAIN]
        kept = {call.pinned} if call.pinned else {one.id for one in able[: 1 if call.lasting else None]}
        every = self.pool.able(call.upstream.provider, call.model, now, call.tried)
        return call.tried | {one.id for one in every if one.id not in kept}

    def _release(self, call: Exchange, status: int, outcome: Outcome, attempt: Attempt | None = None) -> None:
        if not call.credential:
            return
        now = time.time()
        failure = attempt.failure or "" if attempt else ""
        record = AttemptRecord(
            call.credential.id,
            call.upstream.name,
            0 if failure in _STATUS else status,
            now - call.attempt_began,
            f"{failure} ({attempt.message})" if attempt and failure in _STATUS else "",
        )
        call.attempts.append(record)
        self.pool.release(call.credential, now, outcome)
        call.credential = None
        if outcome == "failed":
            logger.warning("%s · %s · %s", call.id, call.model, record)

    def _answer(self, flow: http.HTTPFlow, call: Exchange, error: ir.Error) -> None:
        call.answered_here = True
        flow.response = replies.error(call.sent, error)

    def response(self, flow: http.HTTPFlow) -> None:
        if (call := exchange.of(flow)) and flow.response:
            broken = call.collected is not None and call.collected.error is not None
            self._release(call, flow.response.status_code, "failed" if broken else "ok")

    def error(self, flow: http.HTTPFlow) -> None:
        """The client left."""
        if call := exchange.of(flow):
            self._release(call, 499, "cancelled")


def none_left(call: Exchange) -> ir.Error:
    """Nobody can be asked, or nobody any more."""
    if not call.pinned:
        return ir.Error(503, f"No credential is configured for {call.upstream.name}.")
    owned = f"{call.upstream.name} keeps this for the credential {call.pinned!r} alone, which is not available."
    if call.operation != "generate" or not ("previous_response_id" in call.body or "thread" in call.body):
        return ir.Error(503, owned)
    code = "thread_not_found" if call.format is FORMATS["anthropic"] else "previous_response_not_found"
    return ir.Error(400, f"{owned} Send the whole conversation.", code=code)


def provider_error(call: Exchange, response: http.Response) -> ir.Error:
    """The provider's error in neutral words, with the hint when to come back."""
    text = response.get_text(strict=False) or ""
    try:
        body: object = wire.loads(text)
    except ValueError:
        body = text
    error = call.answer_format.parse_error(response.status_code, body)
    return replace(error, retry_after=header_hint(response.headers) or error.retry_after)


def header_hint(headers: http.Headers) -> float | None:
    """Seconds from ``retry-after-ms`` or ``retry-after`` (RFC 9110, section 10.2.3; the date form is not used here)."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    return None
