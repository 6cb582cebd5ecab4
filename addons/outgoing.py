"""Writes the request of one attempt: what the provider gets, where, and under which headers."""

from __future__ import annotations

from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, wire
from cliproxy.translators.splice import spliced

from . import counting, upstreams
from .accounts.pool import Credential
from .doors import vertex
from .exchange import Exchange, Sent


def write(flow: http.HTTPFlow, call: Exchange, credential: Credential) -> ir.Error | None:
    """Aim the flow at the exchange's upstream, or say why that can't be. Secrets: see `upstreams.aim`."""
    if call.operation == "pass":
        _pass_on(flow, call, credential)
    elif fault := _write(flow, call, credential):
        return fault
    if call.recording:
        call.recording.attempts.append(Sent(flow.request.copy(), credential.id, call.attempt_began))
    return None


def _write(flow: http.HTTPFlow, call: Exchange, credential: Credential) -> ir.Error | None:
    sent, upstream, format = call.sent, call.upstream, call.answer_format
    own = _own(call) if call.same_format else {}
    asked = upstream.asked(format, call.model, call.stream, credential, counting=call.operation == "count", **own)
    if fault := upstream.door.fault(asked):
        return ir.Error(400, fault, param="model")
    if call.same_format:
        body, fields = counting.same(call) if asked.counting else (call.payload, call.body)
        headers = upstreams.passed_headers(sent.headers, format)
        if asked.version and "anthropic-version" not in sent.headers:
            headers["anthropic-version"] = asked.version
        plain = ir.Request(asked.model, stream=asked.stream)
        target = upstreams.same_target(sent.path, format, call.target or format.endpoint(plain))
    else:
        request = call.prepared
        assert request  # Translation has made it, or refused
        fields = upstream.render(format, request)
        fields = counting.asked(call, fields) if asked.counting else fields
        body = wire.dumps(fields)
        headers = upstreams.own_headers(sent.headers, format, asked.stream)
        target = call.target or format.endpoint(request)
    upstream.dress(headers)
    flow.request.headers = headers
    target = upstream.door.target(target, asked)
    upstreams.aim(flow.request, upstream, credential, target, upstream.body(body, fields, asked))
    return None


def _own(call: Exchange) -> dict[str, Any]:
    """What a request that is passed on says of itself beside its words."""
    version = call.sent.headers.get("anthropic-version") or call.body.get("anthropic_version")
    return {
        "path": call.sent.path,
        "enveloped": call.sent.content or b"" if call.enveloped else b"",
        "version": vertex.API_VERSIONS.get(version, version) if isinstance(version, str) else "",
    }


def _pass_on(flow: http.HTTPFlow, call: Exchange, credential: Credential) -> None:
    """As it came, but for the model's name where the provider knows it by another."""
    body, named = call.sent.content or b"", call.body.get("model")
    if named and named != call.model:
        body = spliced(body, {"model": wire.dumps(call.model)})
    headers = upstreams.passed_headers(call.sent.headers, call.format)
    call.upstream.dress(headers)
    flow.request.headers = headers
    target = upstreams.same_target(call.sent.path, call.format, call.target)
    upstreams.aim(flow.request, call.upstream, credential, target, body)
    if flow.request.stream:
        _frame(flow.request, call.sent)


def _frame(request: http.Request, sent: http.Request) -> None:
    """A body that is carried as it comes is as long, and packed, as the client says."""
    request.data.content = None
    request.headers.pop("content-length", None)
    for name in ("content-length", "content-encoding"):
        if name in sent.headers:
            request.headers[name] = sent.headers[name]
    if "content-length" not in request.headers:
        request.headers["transfer-encoding"] = "chunked"
