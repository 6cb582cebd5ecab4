"""Who answers a request that passes through as it is: whom a header or its model names, or else the first."""

from __future__ import annotations

from mitmproxy import http

from .doors.door import PLAIN
from .passages import Passing
from .requests import Refused
from .routes import Routes
from .upstreams import Upstream

PROVIDER = "x-cliproxy-provider"
"""The header by which a client names the provider, where no model does."""


def upstream_for(passing: Passing, request: http.Request, routes: Routes, model: str) -> Upstream:
    """Raises `Refused`."""
    keyed = {one.provider for one in routes.credentials() if (at := routes.entrance(one)) and at.door is PLAIN}
    able = [upstream for upstream in routes.upstreams() if upstream.name in keyed and serves(upstream, passing)]
    found = named(request, routes) or (routes.find(model) if model else None) or next(iter(able), None)
    path = request.path.partition("?")[0]
    if not found:
        raise Refused(404, f"No configured provider serves {path}.")
    if found not in able:
        raise Refused(404, f"{found.name} does not serve {path}; it is passed through as it is, never translated.")
    return found


def named(request: http.Request, routes: Routes) -> Upstream | None:
    name = request.headers.get(PROVIDER, "")
    if not name:
        return None
    for upstream in routes.upstreams():
        if upstream.name == name:
            return upstream
    names = ", ".join(upstream.name for upstream in routes.upstreams())
    raise Refused(400, f"{PROVIDER}: there is no provider {name!r}. Configured are: {names}.")


def serves(upstream: Upstream, passing: Passing) -> bool:
    """A server of the maker's kind: it speaks that maker's format, below that maker's paths."""
    maker = passing.format.NAME.partition("_")[0]
    speaks = any(format.NAME.partition("_")[0] == maker for format in upstream.formats)
    return speaks and upstream.door is PLAIN
