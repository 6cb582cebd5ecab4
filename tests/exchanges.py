"""Flows and exchanges as the addons see them, without a running gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mitmproxy import connection, http
from mitmproxy.test import tflow

from cliproxy.addons import exchange
from cliproxy.addons.applied import Applied
from cliproxy.addons.exchange import Exchange
from cliproxy.addons.redact import Redactor
from cliproxy.addons.routes import Routes
from cliproxy.addons.routing import Routing
from cliproxy.addons.settings_load import parse

CONFIG = """
openai: {api-key: sk-test-openai, models: [gpt-test]}
anthropic: {api-key: sk-test-anthropic, models: [claude-test]}
gemini: {api-key: sk-test-gemini, models: [gemini-test]}
"""
PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_completions": "/v1/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/gemini-test:generateContent",
}
MODELS = {"openai_chat": "gpt-test", "anthropic": "claude-test", "gemini": "gemini-test"}


def request(
    method: str = "POST",
    path: str = PATHS["openai_chat"],
    body: Any = None,
    headers: Mapping[str, str] | Iterable[tuple[bytes, bytes]] = {},
) -> http.Request:
    """As it comes from the client: the path just as given, `body` bytes or what becomes JSON."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    made = http.Request.make(method, "http://127.0.0.1:9/")
    pairs = ((k.encode(), v.encode()) for k, v in headers.items()) if isinstance(headers, Mapping) else headers
    made.headers = http.Headers(pairs)
    made.data.content = content  # as it is: setting `content` would compress it where the headers say so
    made.data.path = path.encode("utf-8", "surrogateescape")
    return made


def flow(*args: Any, **kwargs: Any) -> http.HTTPFlow:
    return tflow.tflow(req=request(*args, **kwargs), server_conn=connection.Server(address=None))


def routing(config: str = CONFIG) -> Routing:
    made = Routing()
    made.settings = parse(config, {}).settings
    made.routes = Routes(made.settings)
    return made


def applied(config: str = CONFIG) -> Applied:
    """A configuration as the addons are given it."""
    loaded = parse(config, {})
    return Applied(loaded.settings, Routes(loaded.settings), Redactor(loaded.secrets))


def begun(flow: http.HTTPFlow, config: str = CONFIG) -> Exchange:
    """The exchange that routing begins for this flow, once a client was let in."""
    exchange.admit(flow, "tester")
    routing(config).request(flow)
    call = exchange.of(flow)
    assert call, flow.response and flow.response.text
    return call


def error_of(response: http.Response | None) -> Any:
    assert response
    return json.loads(response.content or b"")["error"]
