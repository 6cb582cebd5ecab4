"""Reads what a client wants, and begins an exchange with the provider that its model belongs to."""

from __future__ import annotations

import time
from typing import Any

from mitmproxy import http

from cliproxy.translators import ir, thinking, wire
from cliproxy.translators.formats import FORMATS

from . import endpoints, exchange, replies
from .applied import Applied
from .endpoints import Endpoint
from .exchange import Exchange
from .routes import Routes
from .settings import Settings


class Routing:
    def __init__(self) -> None:
        self.settings = Settings()
        self.routes = Routes(self.settings)

    def use(self, applied: Applied) -> None:
        self.settings, self.routes = applied.settings, applied.routes

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        if flow.response or request.headers.get("upgrade", "").lower() != "websocket":
            return
        # 426 makes clients fall back to HTTP at once; any other status costs them seconds of further tries.
        message = "WebSocket is not served here; send the request by HTTP POST."
        flow.response = replies.error(request, ir.Error(426, message))
        flow.response.headers["upgrade"] = "HTTP/1.1"

    def request(self, flow: http.HTTPFlow) -> None:
        client = exchange.client_of(flow)
        if flow.response or client is None:
            return
        found = endpoints.find(flow.request.path, flow.request.headers, flow.request.query)
        try:
            checked = method_checked(flow.request, found)
            if checked.operation == "generate":
                exchange.begin(flow, self._exchange(flow, checked, client))
        except Refused as refused:
            flow.response = replies.error(flow.request, refused.error)
            flow.response.headers.update(refused.headers)

    def _exchange(self, flow: http.HTTPFlow, endpoint: Endpoint, client: str) -> Exchange:
        body = read_body(flow.request)
        model, stream = asked(endpoint, body, flow.request.path)
        model, amount = thinking.split_suffix(model)
        upstream = self.routes.find(model)
        if not upstream:
            raise Refused(404, f"No provider serves the model {model!r}. {self._configured()}", "model")
        return Exchange(
            id=flow.id.partition("-")[0],
            client=client,
            format=endpoint.format,
            sent=flow.request.copy(),
            body=body,
            model=model,
            stream=stream,
            began=time.time(),
            upstream=upstream,
            answer_format=upstream.format_for(endpoint.format, model),
            thinking=amount,
            strict=self.settings.strict or flow.request.headers.get("x-cliproxy-strict") == "1",
        )

    def _configured(self) -> str:
        names = [upstream.name for upstream in self.routes.upstreams()]
        if not names:
            return "No provider is configured."
        return f"Configured are: {', '.join(names)}; GET /v1/models lists their models."


class Refused(Exception):
    """The client's request can't be served: `error` says why."""

    def __init__(self, status: int, message: str, param: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.error = ir.Error(status, message, param=param)
        self.headers = headers or {}


def method_checked(request: http.Request, found: Endpoint | None) -> Endpoint:
    """The endpoint, if it is served and by this method."""
    if not found:
        served = "; ".join(endpoints.SERVED)
        raise Refused(404, f"Nothing is served at {request.path.partition('?')[0]!r}. Served are: {served}.")
    if request.method not in found.methods:
        allowed = ", ".join(found.methods)
        raise Refused(405, f"{request.method} is not served here; use {allowed}.", headers={"allow": allowed})
    return found


def read_body(request: http.Request) -> dict[str, Any]:
    """The JSON object that the client sent. Raises `Refused`, with the place of the fault."""
    try:
        content = request.content
    except ValueError as fault:
        encoding = request.headers.get("content-encoding", "")
        raise Refused(400, f"The body can't be decoded as {encoding!r}: {fault}") from None
    if not content:
        raise Refused(400, "The body is empty; it must be a JSON object.")
    try:
        body = wire.loads(content)
    except ValueError as fault:
        raise Refused(400, f"The body is not valid JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise Refused(400, f"The body must be a JSON object, not {wire.kind_of(body)}.")
    return body


def asked(endpoint: Endpoint, body: dict[str, Any], path: str) -> tuple[str, bool]:
    """The model, and whether the answer shall stream: Gemini says both in the path, the others in the body."""
    if endpoint.format is FORMATS["gemini"]:
        return endpoint.model, path.partition("?")[0].rstrip("/").endswith(":streamGenerateContent")
    model, stream = body.get("model"), body.get("stream")
    if not isinstance(model, str) or not model:
        raise Refused(400, f"model must be a string that names a model, not {wire.kind_of(model)}.", "model")
    if stream is not None and not isinstance(stream, bool):
        raise Refused(400, f"stream must be true or false, not {wire.kind_of(stream)}.", "stream")
    return model, bool(stream)
