"""The HTTP(S) proxy on the way to a provider, with the credentials that it asks for."""

from __future__ import annotations

import base64
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from mitmproxy import http
from mitmproxy.net.server_spec import ServerSpec

_PORTS = {"http": 80, "https": 443}


class ProxyAddress(tuple[str, int]):
    """Host and port, as mitmproxy knows a proxy. Another login is another proxy: their connections are not shared.

    The login is no element, so that it is in no flow that is saved.
    """

    authorization: str = ""

    @staticmethod
    def of(host: str, port: int, authorization: str) -> ProxyAddress:
        made = ProxyAddress((host, port))
        made.authorization = authorization
        return made

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and self.authorization == getattr(other, "authorization", "")

    __hash__ = tuple.__hash__


def via(proxy: str) -> ServerSpec | None:
    """What a connection is asked for with; None for no proxy. `proxy`: http(s)://[user:password@]host[:port]."""
    if not proxy:
        return None
    parts = urlsplit(proxy)
    scheme = cast(Literal["http", "https"], parts.scheme)
    address = ProxyAddress.of(
        parts.hostname or "", parts.port or _PORTS[scheme], _basic(parts.username, parts.password)
    )
    return scheme, address


def _basic(user: str | None, password: str | None) -> str:
    """RFC 7617."""
    if user is None:
        return ""
    login = f"{unquote(user)}:{unquote(password or '')}".encode()
    return f"Basic {base64.b64encode(login).decode()}"


class Egress:
    def http_connect_upstream(self, flow: http.HTTPFlow) -> None:
        """This flow is the CONNECT alone: nobody sees or keeps it."""
        if authorization := getattr(flow.server_conn.address, "authorization", ""):
            flow.request.headers["proxy-authorization"] = authorization
