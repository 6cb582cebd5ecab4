"""Writes the request of one attempt: what the provider gets, where, and under which headers."""

from __future__ import annotations

from mitmproxy import http

from cliproxy.translators import ir, wire

from . import upstreams
from .accounts.pool import Credential
from .exchange import Exchange, Sent


def write(flow: http.HTTPFlow, call: Exchange, credential: Credential) -> ir.Error | None:
    """Aim the flow at the exchange's upstream, or say why that can't be. Secrets: see `upstreams.aim`."""
    sent, upstream, format = call.sent, call.upstream, call.answer_format
    own = (sent.path, sent.content or b"" if call.enveloped else b"") if call.same_format else ()
    asked = upstream.asked(format, call.model, call.stream, credential, *own)
    if fault := upstream.door.fault(asked):
        return ir.Error(400, fault, param="model")
    if call.same_format:
        body, fields = call.payload, call.body
        headers = upstreams.passed_headers(sent.headers, format)
        plain = ir.Request(asked.model, stream=asked.stream)
        target = upstreams.same_target(sent.path, format, format.endpoint(plain))
    else:
        request = call.prepared
        assert request  # Translation has made it, or refused
        fields = upstream.render(format, request)
        body = wire.dumps(fields)
        headers = upstreams.own_headers(sent.headers, format, asked.stream)
        target = format.endpoint(request)
    upstream.dress(headers)
    flow.request.headers = headers
    target = upstream.door.target(target, asked)
    upstreams.aim(flow.request, upstream, credential, target, upstream.body(body, fields, asked))
    if call.recording:
        call.recording.attempts.append(Sent(flow.request.copy(), credential.id, call.attempt_began))
    return None
