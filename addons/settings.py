"""What can be configured: a frozen dataclass a section of config.yaml, with the defaults; no secret in a repr."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

STATE_FOLDER = ".cli-proxy-api"
"""Below the home folder: the user's config.yaml, OAuth tokens, mitmproxy's own files, flows."""

MATCHES = ("strict", "nearest")
MISSING = ("refuse", "ask")
EVENTS = ("request.completed", "request.failed", "quota.exceeded", "account.resting", "account.sign-in-needed")
STRATEGIES = ("round-robin", "fill-first", "least-connections")
LOG_LEVELS = ("debug", "info", "warn", "error")
LOG_FORMATS = ("text", "json")

IN_MEMORY = "memory:"
"""`state.url` of a gateway that keeps its state to itself, and forgets it when it ends."""

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A token bucket of requests; `tokens_per_minute` None means that tokens aren't limited."""

    enabled: bool = False
    requests_per_minute: int = 100
    burst: int = 20
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key that clients show. No models means all of them; `quota` is in tokens; `expires` is in UTC."""

    key: str = field(repr=False)
    name: str = ""
    models: tuple[str, ...] = ()
    rate_limit: RateLimit | None = None
    quota: int | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    dir: Path = Path("~", STATE_FOLDER, "auths")  # load() puts the home folder for ~
    api_keys: tuple[ClientKey, ...] = ()

    @property
    def by_name(self) -> dict[str, ClientKey]:
        """The keys by the names under which they are counted; one without a name is called by its place."""
        return {key.name or f"key-{number}": key for number, key in enumerate(self.api_keys, 1)}


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """One way to be let in at a provider, complete: base URL, headers, models and proxy include the provider's own.

    `door`: the account's door, where the key is the token of one; `project` is what that door bills.
    `key` is "" where the upstream asks for none; `label` is what logs and headers may show. No models: all of them.
    """

    label: str
    key: str = field(default="", repr=False)
    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    models: tuple[str, ...] = ()
    proxy: str = field(default="", repr=False)
    quota: int | None = None
    quota_window: float = 86400.0
    weight: int = 1
    priority: int = 0
    door: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """Recordings that answer in place of the network, or, where `missing` is "ask", before it.

    `ignore`: fields that don't count when requests are compared. `speed` 1: timed as recorded, 0: at once.
    """

    folder: Path
    match: str = "strict"
    speed: int = 1
    missing: str = "refuse"
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider that can be used."""

    name: str
    formats: tuple[str, ...]
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    base_url: str = ""
    models: tuple[str, ...] = ()
    credentials: tuple[CredentialSettings, ...] = ()
    replay: ReplaySettings | None = None
    custom: bool = False
    kind: str = ""
    project: str = ""
    location: str = "global"
    service_account: Path | None = None

    @property
    def recorded_only(self) -> bool:
        """Whether recordings alone answer: no key is needed, and none is sent."""
        return self.replay is not None and self.replay.missing == "refuse"


@dataclass(frozen=True, slots=True)
class Route:
    """Models that match go to `upstream`: the provider of that name, or, where the route has a base URL or a key of its
    own, a copy of it with these, under a name and labels of its own. None: that provider has no credential."""

    pattern: re.Pattern[str]
    provider: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    upstream: ProviderSettings | None = None


@dataclass(frozen=True, slots=True)
class ModelAlias:
    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class LoadBalance:
    strategy: str = "round-robin"
    affinity: bool = True


@dataclass(frozen=True, slots=True)
class Logging:
    """`total_size`: bytes of logs and recordings together."""

    level: str = "info"
    file: Path | None = None
    request_log: Path | None = None
    format: str = "text"
    total_size: int = 1024 * MIB


@dataclass(frozen=True, slots=True)
class RemoteManagement:
    """The management API is off while there is no `secret_key`."""

    allow_remote: bool = False
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    enabled: bool = False
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str = field(repr=False)
    events: tuple[str, ...] = EVENTS
    secret: str = field(default="", repr=False)
    include_content: bool = False


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds all attempts up to the first byte for the client: clients give up at 60.

    `first_byte` is that of a stream; an answer that comes whole has `whole_answer`.
    """

    request: float = 60.0
    connect: float = 10.0
    first_byte: float = 25.0
    whole_answer: float = 40.0
    total: float = 55.0
    idle: float = 300.0


@dataclass(frozen=True, slots=True)
class Cors:
    """Of the programs in browsers that may read answers: ``https://app.example.com``, or ``*`` for all."""

    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a request that is kept in memory, and of an upload that is carried as it comes."""

    body_size: int = 64 * MIB
    upload_size: int = 4096 * MIB


@dataclass(frozen=True, slots=True)
class ResponsesSettings:
    """`store`: keep responses for those who continue them. `ttl`, `idle`: seconds. `max`, `size`: of a client."""

    store: bool = True
    ttl: int = 86_400
    max: int = 1000
    size: int = 64 * MIB
    websocket: bool = True
    connections: int = 1000
    idle: float = 540.0


@dataclass(frozen=True, slots=True)
class State:
    """ "" is a file below the state folder, `IN_MEMORY` no place at all; a server's URL may hold a password."""

    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DoorSettings:
    """What replaces the built-in facts about where accounts are let in; headers of the same name are replaced too."""

    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """What replaces the built-in facts about a provider's sign-in; "" and () leave them as they are."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    authorization_url: str = ""
    token_url: str = ""
    device_authorization_url: str = ""
    redirect_url: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    host: str = "127.0.0.1"
    port: int = 8317
    strict: bool = False
    record: Path | None = None
    shutdown_timeout: float = 30.0
    auth: Auth = Auth()
    providers: Mapping[str, ProviderSettings] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    models: Mapping[str, ModelAlias] = field(default_factory=dict)
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    load_balance: LoadBalance = LoadBalance()
    logging: Logging = Logging()
    remote_management: RemoteManagement = RemoteManagement()
    tls: Tls = Tls()
    rate_limit: RateLimit = RateLimit()
    webhooks: tuple[Webhook, ...] = ()
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    cors: Cors = Cors()
    responses: ResponsesSettings = ResponsesSettings()
    state: State = State()
    doors: Mapping[str, DoorSettings] = field(default_factory=dict)
    oauth: Mapping[str, OAuthSettings] = field(default_factory=dict)

    def credentials(self, provider: str) -> tuple[CredentialSettings, ...]:
        """The provider's credentials in the order of use; none for a provider that isn't configured."""
        found = self.providers.get(provider)
        return found.credentials if found else ()

    def upstreams(self) -> tuple[ProviderSettings, ...]:
        """All that can be sent to: the providers, then the copies of them that routes with own settings made."""
        known = {**self.providers, **{route.upstream.name: route.upstream for route in self.routes if route.upstream}}
        return tuple(known.values())


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
