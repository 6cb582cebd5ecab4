"""Serves the management API on the gateway's own port: who may ask, what is asked, and the answer in JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator
from inspect import isawaitable
from typing import Any
from urllib.parse import unquote

from mitmproxy import http

from cliproxy.translators import wire

from .. import replies
from ..applied import Applied
from ..redact import Redactor
from ..state.shared import Shared
from .call import Call, Fault
from .gate import Gate
from .operations import JsonSchema, Operation, find
from .paths import BASE, below, is_management
from .resources import Resources

KINDS = {400: "invalid_request", 401: "authentication", 403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
KINDS |= {409: "conflict", 429: "locked_out", 500: "internal"}


class Management:
    def __init__(self, resources: Resources, shared: Shared) -> None:
        self._resources = resources
        self._gate = Gate(shared)
        self._redactor = Redactor()

    def use(self, applied: Applied) -> None:
        remote = applied.settings.remote_management
        self._gate.use(remote.secret_key, remote.allow_remote)
        self._redactor = applied.redactor

    async def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Before the body is read: strangers don't get to send us megabytes."""
        if not is_management(flow.request.path) or flow.response:
            return
        found = self._found(flow.request)
        if any(operation.open for operation, _ in found):
            return
        peer = str((flow.client_conn.peername or ("",))[0])
        refusal = await self._gate.judge(peer, presented(flow.request), time.time())
        if refusal:
            flow.response = error(refusal.status, refusal.message)
            if refusal.retry_after:
                flow.response.headers["retry-after"] = str(max(1, round(refusal.retry_after)))

    async def request(self, flow: http.HTTPFlow) -> None:
        if not is_management(flow.request.path) or flow.response:
            return
        response = await self._answered(flow.request)
        response.content = self._redactor.data(response.content or b"")
        flow.response = response

    async def _answered(self, request: http.Request) -> http.Response:
        try:
            operation, parts = self._operation(request)
            call = Call(parts, query_of(request, operation), body_of(request, operation))
            answer = getattr(self._resources, operation.name)(call)
            answer = await answer if isawaitable(answer) else answer
        except Fault as fault:
            response = error(fault.status, str(fault), fault.details)
            if fault.status == 405:
                response.headers["allow"] = ", ".join(operation.method for operation, _ in self._found(request))
            return response
        if isinstance(answer, str):
            return http.Response.make(200, answer, {"content-type": operation.content_type})
        return replies.json(200, answer)

    def _found(self, request: http.Request) -> list[tuple[Operation, dict[str, str]]]:
        return find(below(request.path))

    def _operation(self, request: http.Request) -> tuple[Operation, dict[str, str]]:
        found = self._found(request)
        if not found:
            raise Fault(404, f"There is no such operation; GET {BASE}/openapi.json lists those there are.")
        for operation, parts in found:
            if request.method == operation.method:
                return operation, {name: unquote(part) for name, part in parts.items()}
        raise Fault(405, f"Not by {request.method}; use {' or '.join(operation.method for operation, _ in found)}.")


def presented(request: http.Request) -> Iterator[str]:
    if "x-management-key" in request.headers:
        yield request.headers["x-management-key"]
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest:
        yield rest.strip()


def query_of(request: http.Request, operation: Operation) -> dict[str, Any]:
    """The query's values as the operation wants them. Raises `Fault`."""
    known = {parameter.name: parameter for parameter in operation.query}
    found: dict[str, Any] = {}
    for name, text in request.query.items(multi=True):
        if name not in known:
            raise Fault(400, f"{name}: there is no such parameter; there are: {', '.join(known) or 'none'}.")
        if name in found:
            raise Fault(400, f"{name}: is there twice.")
        found[name] = value_of(name, text, known[name].schema)
    return found


def value_of(name: str, text: str, schema: JsonSchema) -> Any:
    if "enum" in schema and text not in schema["enum"]:
        raise Fault(400, f"{name}: must be one of {', '.join(schema['enum'])}.")
    if schema["type"] != "integer":
        return text
    low, high = schema["minimum"], schema["maximum"]
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    raise Fault(400, f"{name}: must be a whole number from {low} to {high}.")


def body_of(request: http.Request, operation: Operation) -> Any:
    """Raises `Fault` where the body is not the JSON object that the operation asks for."""
    if not operation.body:
        return None
    try:
        body = wire.loads(request.content or b"")
    except ValueError as fault:
        raise Fault(400, f"The body is not valid JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Fault(400, f"The body must be a JSON object, not {wire.kind_of(body)}.")
    return body


def error(status: int, message: str, details: list[str] | None = None) -> http.Response:
    told: dict[str, Any] = {"type": KINDS.get(status, "error"), "message": message}
    if details:
        told["details"] = details
    return replies.json(status, {"error": told})
