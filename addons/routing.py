"""Reads what a client wants, and begins an exchange with the provider that its model belongs to."""

from __future__ import annotations

import time
from typing import Any

from mitmproxy import http

from cliproxy.translators import thinking, wire
from cliproxy.translators.formats import FORMATS

from . import counting, endpoints, exchange, multipart, pass_routes, replies
from .applied import Applied
from .endpoints import Endpoint
from .exchange import Exchange
from .passages import Passing
from .requests import Refused, method_checked, read_body, unpacked
from .routes import Routes
from .settings import Settings
from .uploads import Upload, upload


class Routing:
    def __init__(self) -> None:
        self.settings = Settings()
        self.routes = Routes(self.settings)

    def use(self, applied: Applied) -> None:
        self.settings, self.routes = applied.settings, applied.routes

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        if not flow.response and exchange.client_of(flow) is not None:
            flow.request.stream = upload(flow.request) or False

    def request(self, flow: http.HTTPFlow) -> None:
        client = exchange.client_of(flow)
        if flow.response or client is None:
            return
        found = endpoints.find(flow.request.path, flow.request.headers, flow.request.query)
        try:
            checked = method_checked(flow.request, found)
            if checked.passing:
                exchange.begin(flow, self._passing(flow, checked.passing, client))
            elif checked.operation in ("generate", "count"):
                exchange.begin(flow, self._exchange(flow, checked, client))
        except Refused as refused:
            flow.response = replies.error(flow.request, refused.error)
            flow.response.headers.update(refused.headers)

    def _exchange(self, flow: http.HTTPFlow, endpoint: Endpoint, client: str) -> Exchange:
        body = read_body(flow.request, self.settings.limits.body_size)
        if endpoint.enveloped:
            model, stream, body = opened(body, flow.request)
        else:
            model, stream = asked(endpoint, body, flow.request.path)
        check_printable(model)
        name, amount = thinking.split_suffix(model)
        found = self.routes.resolve(name)
        if not found:
            raise Refused(404, f"No provider serves the model {name!r}. {self._configured()}", "model")
        upstream, model = found
        generate = endpoint.operation == "generate"
        counter = None if generate else upstream.counter(endpoint.format, model)
        return Exchange(
            id=flow.id.partition("-")[0],
            client=client,
            format=endpoint.format,
            sent=flow.request.copy(),
            body=counting.unwrapped(endpoint.format, body) if endpoint.operation == "count" else body,
            model=model,
            stream=stream,
            began=time.time(),
            upstream=upstream,
            answer_format=counter.format if counter else upstream.format_for(endpoint.format, model),
            thinking=amount,
            enveloped=endpoint.enveloped,
            alias=name if name != model else "",
            fallbacks=self.routes.fallbacks(name, model) if generate else [],
            strict=self.settings.strict or flow.request.headers.get("x-cliproxy-strict") == "1",
            operation=endpoint.operation,
            notes={"route": self.routes.why(name)},
            target=counter.target if counter else "",
        )

    def _passing(self, flow: http.HTTPFlow, passing: Passing, client: str) -> Exchange:
        """Nothing of it is read but the model; where it names none, "" stands for any."""
        if not flow.request.stream:
            unpacked(flow.request, self.settings.limits.body_size)
        body = read_passing(flow.request, passing)
        model = passing.model or named_model(flow.request, body)
        check_printable(model)
        upstream = pass_routes.upstream_for(passing, flow.request, self.routes, model)
        return Exchange(
            id=flow.id.partition("-")[0],
            client=client,
            format=passing.format,
            sent=flow.request.copy(),
            body=body,
            model=model,
            stream=False,
            began=time.time(),
            upstream=upstream,
            answer_format=passing.format,
            operation="pass",
            target=passing.target,
            lasting=passing.passage.lasting,
            about=passing.id,
        )

    def _configured(self) -> str:
        names = [upstream.name for upstream in self.routes.upstreams()]
        if not names:
            return "No provider is configured."
        return f"Configured are: {', '.join(names)}; GET /v1/models lists their models."


def asked(endpoint: Endpoint, body: dict[str, Any], path: str) -> tuple[str, bool]:
    """The model, and whether the answer shall stream: Gemini says both in the path, the others in the body."""
    if endpoint.format is FORMATS["gemini"]:
        return endpoint.model, path.partition("?")[0].rstrip("/").endswith(":streamGenerateContent")
    model, stream = endpoint.model or body.get("model"), body.get("stream")
    if not isinstance(model, str) or not model:
        raise Refused(400, f"model must be a string that names a model, not {wire.kind_of(model)}.", "model")
    if stream is not None and not isinstance(stream, bool):
        raise Refused(400, f"stream must be true or false, not {wire.kind_of(stream)}.", "stream")
    return model, bool(stream) or path.partition("?")[0].endswith(":streamRawPredict")


def check_printable(model: str) -> None:
    """The name goes into headers, lines of the log and tables: a line break in it could make up another one."""
    if not model.isprintable():
        raise Refused(400, f"model must be a name without control characters, not {model[:80]!r}.", "model")


def read_passing(request: http.Request, passing: Passing) -> dict[str, Any]:
    """The JSON that names a model; nothing of what names none, or is a form."""
    named = passing.passage.model == "body"
    return read_body(request) if named and not multipart.boundary(request.headers.get("content-type", "")) else {}


def named_model(request: http.Request, body: dict[str, Any]) -> str:
    """The model that a JSON body or a multipart form names; "" where there is none."""
    if isinstance(request.stream, Upload):
        return request.stream.model
    if boundary := multipart.boundary(request.headers.get("content-type", "")):
        finder = multipart.FieldFinder(boundary, "model")
        finder.feed(request.raw_content or b"")
        return finder.value or ""
    model = body.get("model", "")
    if not isinstance(model, str):
        raise Refused(400, f"model must be a string that names a model, not {wire.kind_of(model)}.", "model")
    return model


def opened(body: dict[str, Any], request: http.Request) -> tuple[str, bool, dict[str, Any]]:
    """Model, stream and the request itself of a client that speaks as to Code Assist."""
    inner = body.get("request")
    model = body.get("model") or (inner.get("model") if isinstance(inner, dict) else None)  # there where tokens count
    if not isinstance(model, str) or not model:
        raise Refused(400, f"model must be a string that names a model, not {wire.kind_of(model)}.", "model")
    if not isinstance(inner, dict):
        raise Refused(400, f"request must be an object, not {wire.kind_of(inner)}.", "request")
    stream = request.path.partition("?")[0].endswith(":streamGenerateContent")
    if stream and request.query.get("alt") != "sse":
        raise Refused(400, "streamGenerateContent is served here with ?alt=sse only.", "alt")
    return model.removeprefix("models/"), stream, inner
