"""Lets programs in browsers read the answers, if they come from an origin that the configuration names."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from mitmproxy import http

from . import endpoints
from .applied import Applied
from .attempts import Attempt
from .management.paths import is_management

KEPT = "600"
"""Seconds that a browser remembers what it may ask."""


class Cors:
    """Behind authentication, since a browser asks with OPTIONS first, without a key (fetch.spec.whatwg.org), and behind
    whoever writes the headers of answers."""

    def __init__(self) -> None:
        self._origins: frozenset[str] = frozenset()
        self._asking: WeakKeyDictionary[http.HTTPFlow, str] = WeakKeyDictionary()
        """The origins of those that may read their answers."""

    def use(self, applied: Applied) -> None:
        self._origins = frozenset(applied.settings.cors.origins)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        request, origin = flow.request, flow.request.headers.get("origin", "")
        if is_management(request.path):
            return
        if origin and ("*" in self._origins or origin in self._origins):
            self._asking[flow] = origin
        found = endpoints.find(request.path, request.headers, request.query)
        refused = flow.response is not None and flow.response.status_code != 401
        if request.method == "OPTIONS" and found and not refused:
            flow.response = http.Response.make(204, b"", {"allow": ", ".join((*found.methods, "OPTIONS"))})
            if flow in self._asking:
                flow.response.headers.update(preflight(request, found.methods))

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        self._permit(flow)

    def response(self, flow: http.HTTPFlow) -> None:
        self._permit(flow)

    def upstream_held(self, attempt: Attempt) -> None:
        self._permit(attempt.flow)

    def _permit(self, flow: http.HTTPFlow) -> None:
        if flow.response and (origin := self._asking.get(flow)):
            flow.response.headers["access-control-allow-origin"] = origin
            flow.response.headers["access-control-expose-headers"] = "*"
            if "origin" not in (told := flow.response.headers.get("vary", "")):
                flow.response.headers["vary"] = ", ".join(filter(None, (told, "origin")))


def preflight(request: http.Request, methods: tuple[str, ...]) -> dict[str, str]:
    """What a program of an allowed origin may send."""
    allowed = {
        "access-control-allow-methods": ", ".join(methods),
        "access-control-allow-headers": request.headers.get("access-control-request-headers", "*"),
        "access-control-max-age": KEPT,
    }
    if request.headers.get("access-control-request-private-network") == "true":
        allowed["access-control-allow-private-network"] = "true"
    return allowed
