"""Only clients with one of the configured keys get in."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from mitmproxy import http

from cliproxy.translators import ir

from . import endpoints, exchange, replies
from .applied import Applied
from .management.gate import is_local
from .management.paths import is_management
from .redact import Redactor
from .responses import sockets
from .settings import is_loopback

OPEN = frozenset({"health", "about"})
"""Operations that need no key."""
REMOTE = "This gateway has no client key, so it serves this machine only (auth.api-keys in its configuration)."
"""The configuration is not let open the port to others without a key; but the keys may go when it is open already."""
STRANGE = (
    "Pages of other origins are let in with a client key only (auth.api-keys in the configuration), "
    "or if cors.origins names them."
)

_PLACES = Redactor()


class ClientAuth:
    def __init__(self) -> None:
        self.tls_only = False
        self.keys: dict[str, str] = {}
        """Key → its name. Empty: everyone may come in, which the configuration allows on loopback only."""
        self.origins: frozenset[str] = frozenset()
        self.expires: dict[str, datetime] = {}
        """Name of a key → when it ends."""

    def use(self, applied: Applied) -> None:
        named = applied.settings.auth.by_name
        self.keys = {key.key: name for name, key in named.items()}
        self.expires = {name: key.expires for name, key in named.items() if key.expires}
        self.origins = frozenset(applied.settings.cors.origins)
        self.tls_only = applied.settings.tls.enabled

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        self._judge(flow)
        blot_out(flow.request)

    def _judge(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        if self.tls_only and not flow.client_conn.tls_established:
            flow.response = replies.error(request, ir.Error(400, "This port speaks HTTPS only."))
            return
        if is_management(request.path):
            return  # it has a gate of its own, and admits nobody to a provider
        found = endpoints.find(request.path, request.headers, request.query)
        if found and found.operation in OPEN:
            exchange.admit(flow, "")
            return
        socket = sockets.of(flow.client_conn)
        name = self._still(socket.client) if socket else admitted(presented(request), self.keys)
        if name is None:
            flow.response = replies.error(request, ir.Error(401, refusal(request)))
        elif not self.keys and not is_local(str((flow.client_conn.peername or ("",))[0])):
            flow.response = replies.error(request, ir.Error(403, REMOTE))
        elif not self.keys and self._strange(request.headers.get("origin", "")):
            flow.response = replies.error(request, ir.Error(403, STRANGE))
        elif end := self._expired(name):
            flow.response = replies.error(
                request, ir.Error(401, f"The API key {name!r} expired on {end:%Y-%m-%d %H:%M} UTC.")
            )
        else:
            exchange.admit(flow, name)

    def _strange(self, origin: str) -> bool:
        """Whether a page of somebody else's asks, in the browser of this machine: some requests, such as forms and the
        opening of a WebSocket, browsers send for any page without asking us first. Programs have other schemes."""
        place = urlsplit(origin)
        page = origin == "null" or place.scheme in ("http", "https")
        return page and not is_loopback(place.hostname or "") and not self.origins & {origin, "*"}

    def in_force(self, name: str) -> bool:
        """Whether a key that was shown before, and is known by its name only, would still let in."""
        return self._still(name) is not None and not self._expired(name)

    def _still(self, name: str) -> str | None:
        """A WebSocket showed its key when it was opened; that key may be gone by now."""
        return name if name in self.keys.values() or not self.keys else None

    def _expired(self, name: str) -> datetime | None:
        end = self.expires.get(name)
        return end if end and datetime.now(UTC) >= end else None


def blot_out(request: http.Request) -> None:
    """From here on nobody needs the client's key, and a flow can be seen and saved."""
    request.headers = _PLACES.headers(request.headers)
    request.path = _PLACES.path(request.path)


def presented(request: http.Request) -> Iterator[str]:
    """Each client library shows its key in its own way; all of them are accepted on every path."""
    authorization = request.headers.get("authorization", "")
    scheme, _, rest = authorization.partition(" ")
    if authorization:
        yield rest.strip() if scheme.lower() == "bearer" and rest else authorization
    for name in ("x-api-key", "x-goog-api-key"):
        if name in request.headers:
            yield request.headers[name]
    if "key" in request.query:
        yield request.query["key"]


def admitted(shown: Iterable[str], keys: dict[str, str]) -> str | None:
    """The name of the first key that fits; None when none does. Takes the same time whichever fits."""
    if not keys:
        return "anyone"
    found = None
    for candidate in shown:
        given = candidate.encode("utf-8", "surrogateescape")
        for key, name in keys.items():
            if hmac.compare_digest(key.encode(), given):
                found = found or name
    return found


def refusal(request: http.Request) -> str:
    if not any(presented(request)):
        return "No API key was sent. Send one of the gateway's keys, as `Authorization: Bearer …` or `x-api-key`."
    return "Invalid API key: it is none of the gateway's keys (auth.api-keys in its configuration)."
