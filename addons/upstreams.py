"""How a provider is spoken to: where, in which formats, with which headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit

from mitmproxy import http
from mitmproxy.net.http import url

from cliproxy.translators import ir
from cliproxy.translators.anthropic.refusals import refused
from cliproxy.translators.counts import COUNTS
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.ir import Json
from cliproxy.translators.openai_chat.dialects import COMPATIBLE, DIALECTS, Dialect, adapted, lacks
from cliproxy.translators.splice import spliced

from .accounts.pool import Credential
from .doors.door import ANTHROPIC_VERSION, PLAIN, Asked, Door
from .passages import gemini_target
from .providers import by_prefix

USER_AGENT = f"cliproxy/{version('cliproxy')}"
_SECRET_HEADERS = ("authorization", "proxy-authorization", "x-api-key", "x-goog-api-key", "cookie")
_HOP_HEADERS = (
    "connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "host",
    "content-length", "content-encoding", "accept-encoding", "forwarded", "via", "origin", "referer",
)  # fmt: skip
_DROPPED = frozenset((*_SECRET_HEADERS, *_HOP_HEADERS))
_DROPPED_PREFIXES = ("x-cliproxy-", "x-forwarded-", "sec-", "x-management-")
_ANSWER_HEADERS = re.compile(
    r"content-(type|encoding)|retry-after(-ms)?|x-should-retry|(x-)?request-id|x-ratelimit-.*|anthropic-.*|openai-.*|x-goog-.*"
)


@dataclass(frozen=True, slots=True)
class Target:
    """What `losses.losses` asks of a target."""

    NAME: str
    SUPPORTS: frozenset[str]


@dataclass(frozen=True, slots=True)
class Counter:
    """The format that a count of tokens is asked for in, and where: below the base URL."""

    format: Format
    target: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """An entrance of a provider, as routing chose it. `formats`: what it speaks, the one to translate into first.

    `provider`: whose credentials open it; "" is that of its own name. `headers` are sent with each request.
    """

    name: str
    formats: tuple[Format, ...]
    base_url: str
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    provider: str = ""
    door: Door = PLAIN
    headers: tuple[tuple[str, str], ...] = ()
    project: str = ""
    location: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "provider", self.provider or self.name)

    def format_for(self, client: Format, model: str = "") -> Format:
        """The client's own format where the provider speaks it: then no byte needs to change."""
        if only := self.door.format(model):
            return FORMATS[only]
        return client if client in self.formats else self.formats[0]

    def asked(self, format: Format, model: str, stream: bool, credential: Credential, **own: Any) -> Asked:
        """What an attempt asks for here. `own`: what else of `Asked` the client says of itself."""
        return Asked(
            format,
            self.door.model(model),
            stream or self.door.always_streams,
            project=credential.project or self.project,
            location=self.location,
            **own,
        )

    def counter(self, client: Format, model: str) -> Counter | None:
        """Where to ask for a count of tokens, in the client's own format if that can be; None: nobody counts here."""
        only = self.door.format(model)
        able = [one for one in self.formats if one.NAME in COUNTS and only in ("", one.NAME) and self.door.counts]
        if not able:
            return None
        format = client if client in able else able[0]
        return Counter(format, counter_target(format, self.door.model(model)))

    def target(self, format: Format, request: ir.Request) -> Target:
        """What of this request can be said to this provider: not every server or model knows all words of a format."""
        supports = format.SUPPORTS
        if format is FORMATS["openai_chat"]:
            supports -= lacks(self._dialect(request.model), request)
        elif format is FORMATS["anthropic"]:
            supports = (supports | {"system.mid"}) - refused(request)
        return Target(format.NAME, supports - self.door.lacks(format, request))

    def render(self, format: Format, request: ir.Request) -> Json:
        """The request in a format, as this provider reads it."""
        body = format.render_request(request)
        if format is not FORMATS["openai_chat"]:
            return body
        return adapted(body, self._dialect(request.model), request.thinking)

    def _dialect(self, model: str) -> Dialect:
        """OpenAI's own models are OpenAI's wherever they run."""
        kind = by_prefix(model)
        return DIALECTS.get(self.provider) or (DIALECTS["openai"] if kind and kind.name == "openai" else COMPATIBLE)

    def body(self, text: bytes, fields: Json, asked: Asked) -> bytes:
        """`text`, which reads as `fields`, as it is sent here."""
        changes = self.door.changes(fields, asked)
        return self.door.envelope(spliced(text, changes) if changes else text, asked)

    def dress(self, headers: http.Headers) -> None:
        """Make the headers those of a request to this entrance."""
        for name in self.door.withheld:
            headers.pop(name, None)
        for name, value in self.headers:
            if name == "anthropic-beta":
                told = [one.strip() for listed in headers.get_all(name) for one in listed.split(",")]
                value = ",".join(dict.fromkeys([*filter(None, told), *value.split(",")]))
            headers[name] = value


def counter_target(format: Format, model: str) -> str:
    path = COUNTS[format.NAME].path
    return gemini_target(model, "countTokens") if "{model}" in path else path


def aim(request: http.Request, upstream: Upstream, credential: Credential, target: str, body: bytes) -> None:
    """Write where this attempt goes. `target`: path and query below the base URL.

    What is secret is not written: the flow can be seen and saved. In its place stands the credential's label.
    """
    request.headers["accept-encoding"] = "identity"  # a stream must be readable as it passes
    for name, _ in secret_headers(upstream, credential):
        request.headers[name] = f"[{credential.id}]"
    request.data.authority = b""  # of a client that takes us for a proxy: a server is asked by path alone
    request.url = join(credential.base_url or upstream.base_url, target)
    request.host_header = url.hostport(request.scheme, request.host, request.port)
    request.content = body


def secret_headers(upstream: Upstream, credential: Credential) -> tuple[tuple[str, str], ...]:
    """The headers that let us in, for the wire alone."""
    key = ((upstream.key_header, upstream.key_prefix + credential.secret),) if credential.secret else ()
    return (*key, *credential.headers)


def passed_headers(client: http.Headers, format: Format) -> http.Headers:
    """The client's own headers for a provider of its own format: all but keys, cookies and those of one hop."""
    kept = [(name, value) for name, value in client.items(multi=True) if _passes(name.lower())]
    if format is FORMATS["anthropic"] and "anthropic-version" not in client:
        kept.append(("anthropic-version", ANTHROPIC_VERSION))
    return _headers(kept)


def _passes(name: str) -> bool:
    return name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)


def own_headers(client: http.Headers, format: Format, stream: bool) -> http.Headers:
    """The headers of a request that we wrote: nothing in it is the client's but the trace it belongs to."""
    headers = [
        ("content-type", "application/json"),
        ("accept", "text/event-stream" if stream else "application/json"),
        ("user-agent", USER_AGENT),
    ]
    if format is FORMATS["anthropic"]:
        headers.append(("anthropic-version", ANTHROPIC_VERSION))
    headers += [(name, client[name]) for name in ("traceparent", "tracestate", "x-request-id") if name in client]
    return _headers(headers)


def answer_headers(provider: http.Headers) -> http.Headers:
    """What of the provider's headers concerns the client: limits, request ids, the content's type."""
    return _headers((n, v) for n, v in provider.items(multi=True) if _ANSWER_HEADERS.fullmatch(n.lower()))


def _headers(fields: Iterable[tuple[str, str]]) -> http.Headers:
    return http.Headers((name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in fields)


def join(base_url: str, target: str) -> str:
    """One URL, with a version segment that both bring taken once. A bare OpenAI-style host gets its /v1."""
    base = base_url.rstrip("/")
    if target.startswith("/upload/"):  # Google's uploads: the word stands before the version
        return re.sub(r"/v1(beta1?)?$", "", base) + target
    path = urlsplit(base).path.rstrip("/")
    first = "/" + target.lstrip("/").split("/", 1)[0]
    if path.endswith(first) and first in ("/v1", "/v1beta", "/v1beta1"):
        return base + target.removeprefix(first)
    if not path and not re.match(r"/v\d", target):
        return f"{base}/v1{target}"
    return base + target


_URL_CHARACTERS = bytes(range(0x21, 0x7F))
"""All that may stand in a URL as it is; what else clients send raw must be quoted, or mitmproxy refuses the URL."""
_GEMINI_PATH = re.compile(r"^/(?P<version>v1beta1|v1beta|v1)/(?P<rest>(?:publishers/google/)?models/.*)$")


def same_target(path: str, format: Format, endpoint: str) -> str:
    """Path and query for a request that stays as it is: the client's query, byte for byte, without its key.

    `endpoint`: where the format itself would send it. Gemini has its version in the path, and the client chose it.
    """
    bare, _, query = path.partition("?")
    fields = (field for field in query.split("&") if unquote_plus(field.partition("=")[0]) != "key")
    kept = quote("&".join(fields), safe=_URL_CHARACTERS, errors="surrogateescape")
    target = endpoint.partition("?")[0]
    if format is FORMATS["gemini"] and (match := _GEMINI_PATH.match(bare)):
        target = target.replace("/v1beta/", f"/{match['version']}/", 1)
    return f"{target}?{kept}" if kept else target
