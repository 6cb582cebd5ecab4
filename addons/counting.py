"""Answers how many tokens a request is: by a counter of the provider's, else by an estimate that says it is one."""

from __future__ import annotations

import logging

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.counts import COUNTS, parse
from cliproxy.translators.estimate import estimate
from cliproxy.translators.formats import FORMATS, Format

from . import exchange, replies
from .attempts import Attempt
from .doors.door import PLAIN
from .exchange import Exchange
from .providers import KINDS

logger = logging.getLogger(__name__)

ESTIMATED = "x-cliproxy-estimated"
"""What of an answer nobody counted."""
_NO_COUNTER = frozenset({404, 405, 501})
"""What a server says that has no counter, although it speaks the format."""


class Counting:
    def request(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if call and call.uncounted and not flow.response:
            flow.response = estimated(call)

    def upstream_failed(self, attempt: Attempt) -> None:
        """After the dispatching addon: what it would answer is replaced where only the counter is missing."""
        flow = attempt.flow
        call = exchange.of(flow)
        if not call or call.operation != "count" or attempt.go or call.upstream.name in KINDS:
            return
        if attempt.failure == "status" and flow.response and flow.response.status_code in _NO_COUNTER:
            flow.response = estimated(call)


_GOOGLE_ASKS = ("contents", "systemInstruction", "tools")
"""What Google's other doors count; only the Gemini API itself takes a whole request inside the request."""


def asked(call: Exchange, rendered: ir.Json) -> ir.Json:
    """The body for a counter in the upstream's format."""
    if call.answer_format is FORMATS["gemini"] and call.upstream.door is not PLAIN:
        return {name: rendered[name] for name in _GOOGLE_ASKS if name in rendered}
    return COUNTS[call.answer_format.NAME].asked(call.model, rendered)


def same(call: Exchange) -> tuple[bytes, ir.Json]:
    """Body and fields of a count that stays as the client asked it, but for the wrapping that only one door takes."""
    if call.answer_format is not FORMATS["gemini"] or (call.upstream.door is PLAIN and not call.enveloped):
        return call.payload, call.body
    fields = asked(call, call.body)
    return wire.dumps(fields), fields


def unwrapped(format: Format, body: ir.Json) -> ir.Json:
    """The request that a client wants counted."""
    return COUNTS[format.NAME].unwrapped(body)


def told(call: Exchange, content: bytes) -> bytes:
    """The provider's count in the client's format. Raises `ValueError` or `ir.BadAnswer`."""
    answer = wire.loads(content)
    tokens = parse(call.answer_format.NAME, answer if isinstance(answer, dict) else {})
    return content if call.same_format else wire.dumps(COUNTS[call.format.NAME].told(tokens))


def estimated(call: Exchange) -> http.Response:
    """Never a paid generation: where nobody counts, the answer is near and says so."""
    call.answered_here = True
    try:
        tokens = estimate(call.request)
    except ir.BadRequest as fault:
        return replies.error(call.sent, ir.Error(400, str(fault), param=fault.param))
    logger.info("%s · %s · %d tokens, estimated: %s has no counter", call.id, call.model, tokens, call.upstream.name)
    headers = {"x-cliproxy-id": call.id, ESTIMATED: "tokens"}
    return replies.json(200, COUNTS[call.format.NAME].told(tokens), headers)
