"""A recorded request as something to send again: without secrets, with the names of variables where keys belong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus, urlsplit

from mitmproxy import http

from cliproxy.addons.providers import KINDS
from cliproxy.addons.recordings import Recorded, comment
from cliproxy.addons.redact import QUERY
from cliproxy.addons.upstreams import passed_headers
from cliproxy.translators.formats import FORMATS, Format

from ...faults import Fault

type Side = Literal["client", "provider"]

LOCAL = "http://127.0.0.1:8317"


@dataclass(frozen=True, slots=True)
class Portable:
    """`base` is what `url_variable` may replace ("" where nothing may); `key_variable` holds the key ("" for none)."""

    told: str
    method: str
    base: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    key_header: str
    key_prefix: str
    key_variable: str
    url_variable: str
    response: http.Response | None

    @property
    def text(self) -> str:
        """The body; bytes that are no text survive `encode("utf-8", "surrogateescape")`."""
        return self.body.decode("utf-8", "surrogateescape")


def portable(one: Recorded, side: Side) -> Portable:
    """Raises Fault where that side was never spoken to."""
    if side == "client":
        return _made(one, one.request, one.response, one.format, LOCAL, "CLIPROXY_URL")
    last = one.last
    if not last:
        raise Fault(f"No provider was asked in {one.id}; only the client's side can be exported.")
    parts = urlsplit(last.request.url)
    return _made(one, last.request, last.response, one.provider_format, f"{parts.scheme}://{parts.netloc}", "")


def _made(
    one: Recorded,
    request: http.Request,
    response: http.Response | None,
    format: Format | None,
    base: str,
    url_variable: str,
) -> Portable:
    kind = None if url_variable else KINDS.get(str(one.facts.get("provider", "")))
    headers = passed_headers(request.headers, format or FORMATS["openai_chat"])
    own = kind.key_header if kind else "authorization"
    return Portable(
        told=comment(one.facts) if one.facts.get("model") else f"{request.method} {request.path.partition('?')[0]}",
        method=request.method,
        base=base,
        target=without_key(request.path),
        headers=tuple((n, v) for n, v in headers.items(multi=True) if n.lower() != own),
        body=request.get_content(strict=False) or b"",
        key_header=own,
        key_prefix=kind.key_prefix if kind else "Bearer ",
        key_variable=(kind.env_var if kind else "CLIPROXY_KEY" if url_variable else "API_KEY"),
        url_variable=url_variable,
        response=response,
    )


def without_key(path: str) -> str:
    bare, _, query = path.partition("?")
    kept = [field for field in query.split("&") if field and not _secret(field)]
    return f"{bare}?{'&'.join(kept)}" if kept else bare


def _secret(field: str) -> bool:
    return unquote_plus(field.partition("=")[0]).lower() in QUERY


def without(headers: Iterable[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in names]
