"""Writes the request of one attempt: what the provider gets, where, and under which headers."""

from __future__ import annotations

from mitmproxy import http

from cliproxy.translators import ir, wire

from . import upstreams
from .accounts.pool import Credential
from .exchange import Exchange, Sent


def write(flow: http.HTTPFlow, call: Exchange, credential: Credential) -> None:
    """Aim the flow at the exchange's upstream. Secrets are not written: see `upstreams.aim`."""
    sent, upstream = call.sent, call.upstream
    if call.same_format:
        body = sent.content or b""
        flow.request.headers = upstreams.passed_headers(sent.headers, call.format)
        plain = ir.Request(call.model, stream=call.stream)
        target = upstreams.same_target(sent.path, call.format, call.format.endpoint(plain))
    else:
        request = call.prepared
        assert request  # Translation has made it, or refused
        body = wire.dumps(upstream.render(call.answer_format, request))
        flow.request.headers = upstreams.own_headers(sent.headers, call.answer_format, call.stream)
        target = call.answer_format.endpoint(request)
    upstreams.aim(flow.request, upstream, credential, target, body)
    if call.recording:
        call.recording.attempts.append(Sent(flow.request.copy(), credential.id, call.attempt_began))
