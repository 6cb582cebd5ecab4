"""Which options config.yaml may hold: their names, their kinds, and what each accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from . import providers, settings
from . import settings_values as values


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `want` completes "must be …"; `tags` are the YAML types that it may be written in.

    `hidden` values are never shown; a `secret` is hidden, and redacted wherever it turns up. With `may_be_unset` a
    variable that isn't set is no error: the owner is left out.
    """

    want: str
    read: values.Reader
    tags: frozenset[str] = frozenset({"str"})
    secret: bool = False
    hidden: bool = False
    may_be_unset: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Schema


@dataclass(frozen=True, slots=True)
class MapOf:
    """Names that the user chooses, of the kind that `name` reads, each with a value."""

    item: Schema
    name: Scalar


@dataclass(frozen=True, slots=True)
class Section:
    """Named options; `make` is given those that the user set, each under its name with `_` for `-`."""

    options: Mapping[str, Schema]
    make: Callable[..., object] = dict
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """A short form and a long one: `short` names the option of the section that a lone value stands for."""

    short: str
    section: Section
    scalar: Scalar = field(init=False)

    def __post_init__(self) -> None:
        scalar = self.section.options[self.short]
        assert isinstance(scalar, Scalar)
        object.__setattr__(self, "scalar", scalar)


type Schema = Scalar | ListOf | MapOf | Section | Either


def _integer(low: int, high: int) -> Scalar:
    return Scalar(f"a whole number from {low} to {high}", values.integer(low, high), frozenset({"int"}))


def _choice(*choices: str) -> Scalar:
    return Scalar(f"one of {', '.join(choices)}", values.one_of(*choices))


BOOLEAN = Scalar("true or false", values.boolean, frozenset({"bool"}))
TEXT = Scalar("text", values.text)
NAME = Scalar("text that isn't empty", values.non_empty)
PATH = Scalar("a path", values.path)
SECONDS = Scalar("a number of seconds above 0, at most 86400", values.seconds, frozenset({"int", "float"}))
SIZE = Scalar("a number of bytes, or a size such as 64m", values.size, frozenset({"str", "int"}))
COUNT = _integer(1, 10**15)
BASE_URL = Scalar("an http(s) URL", values.base_url)
HTTP_URL = Scalar("an http(s) URL", values.url("http", "https"))
MOMENT = Scalar("a date such as 2030-12-31", values.moment, frozenset({"str", "timestamp"}))
SECRET = Scalar("text that fits in one line", values.header_value, secret=True)
KEY = Scalar("a key that isn't empty", values.key, secret=True)
LISTED_KEY = Scalar("a key that isn't empty", values.key, secret=True, may_be_unset=True)
LEFT_OUT = Scalar("text that fits in one line", values.header_value, secret=True, may_be_unset=True)
HEADER_NAME = Scalar("the name of a header", values.header_name)
HEADERS = MapOf(Scalar("text that fits in one line", values.header_value, hidden=True), HEADER_NAME)
WEBHOOK_URL = Scalar("an http(s) URL", values.url("http", "https"), hidden=True)  # some hold a token in their path
OWN_NAME = Scalar("a name of letters, digits, dots, _ and -", values.own_name)

_PER_MINUTE: dict[str, Schema] = {"requests-per-minute": COUNT, "burst": COUNT, "tokens-per-minute": COUNT}
_CLIENT_KEY = Section(
    {
        "key": KEY,
        "name": TEXT,
        "models": ListOf(NAME),
        "rate-limit": Section(_PER_MINUTE, lambda **limit: settings.RateLimit(enabled=True, **limit)),
        "quota": COUNT,
        "expires": MOMENT,
    },
    settings.ClientKey,
    required=("key",),
)
REPLAY = Either(
    "folder",
    Section(
        {
            "folder": PATH,
            "match": _choice(*settings.MATCHES),
            "speed": _integer(0, 1),
            "missing": _choice(*settings.MISSING),
            "ignore": ListOf(NAME),
        },
        settings.ReplaySettings,
        required=("folder",),
    ),
)
_PROVIDER: dict[str, Schema] = {
    "api-key": LEFT_OUT,
    "base-url": BASE_URL,
    "models": ListOf(NAME),
    "headers": HEADERS,
    "proxy": HTTP_URL,
    "replay": REPLAY,
}


def _door(headers: Mapping[str, str] = {}, **own: str) -> settings.DoorSettings:
    return settings.DoorSettings(headers={name.lower(): value for name, value in headers.items()}, **own)


_EXTRA: dict[str, Schema] = {"project": NAME, "location": OWN_NAME, "service-account": PATH}
_CREDENTIAL = Section(
    {
        "key": LISTED_KEY,
        "label": OWN_NAME,
        "quota": COUNT,
        "quota-window": Scalar(
            "a number of seconds from 60 to 2678400 (31 days)", values.window, frozenset({"int", "float"})
        ),
        "weight": _integer(1, 1000),
        "priority": _integer(-1000, 1000),
        "models": ListOf(NAME),
        "base-url": BASE_URL,
        "headers": HEADERS,
        "proxy": HTTP_URL,
        "door": _choice(*providers.ACCOUNT_DOORS),
        "project": NAME,
    },
    required=("key",),
)
_DOOR = Section({"base-url": BASE_URL, "headers": HEADERS}, _door)
_OAUTH = Section(
    {
        "client-id": TEXT,
        "client-secret": SECRET,
        "authorization-url": HTTP_URL,
        "token-url": HTTP_URL,
        "device-authorization-url": HTTP_URL,
        "redirect-url": HTTP_URL,
        "scopes": ListOf(NAME),
    },
    settings.OAuthSettings,
)


def _provider(kind: providers.ProviderKind) -> Section:
    return Section(_PROVIDER | {name: _EXTRA[name] for name in kind.extra_options})


_OPTIONS: dict[str, Schema] = {
    "host": Scalar("a host name or an IP address", values.host),
    "port": _integer(1, 65535),
    "strict": BOOLEAN,
    "record": PATH,
    "shutdown-timeout": SECONDS,
    "auth": Section({"dir": PATH, "api-keys": ListOf(Either("key", _CLIENT_KEY))}, settings.Auth),
    **{kind.name: _provider(kind) for kind in providers.KINDS.values()},
    "custom-providers": MapOf(
        Section(_PROVIDER | {"format": _choice(*providers.CUSTOM_KINDS)}, required=("base-url",)), OWN_NAME
    ),
    "routes": ListOf(
        Section(
            {
                "pattern": Scalar("a valid regular expression", values.pattern),
                "provider": NAME,
                "base-url": BASE_URL,
                "api-key": SECRET,
            },
            required=("pattern", "provider"),
        )
    ),
    "models": MapOf(Scalar('a "provider/model"', values.model_reference), NAME),
    "fallbacks": MapOf(ListOf(NAME), NAME),
    "load-balance": Section(
        {
            "strategy": _choice(*settings.STRATEGIES),
            "affinity": BOOLEAN,
            "credentials": MapOf(ListOf(_CREDENTIAL), NAME),
        },
        lambda credentials=None, **chosen: settings.LoadBalance(**chosen),  # the providers take the credentials
    ),
    "logging": Section(
        {
            "level": _choice(*settings.LOG_LEVELS),
            "file": PATH,
            "request-log": PATH,
            "format": _choice(*settings.LOG_FORMATS),
            "total-size": SIZE,
        },
        settings.Logging,
    ),
    "remote-management": Section({"allow-remote": BOOLEAN, "secret-key": LEFT_OUT}, settings.RemoteManagement),
    "tls": Section({"enabled": BOOLEAN, "cert-file": PATH, "key-file": PATH}, settings.Tls),
    "rate-limit": Section({"enabled": BOOLEAN, **_PER_MINUTE}, settings.RateLimit),
    "webhooks": ListOf(
        Section(
            {
                "url": WEBHOOK_URL,
                "events": ListOf(_choice(*settings.EVENTS)),
                "secret": SECRET,
                "include-content": BOOLEAN,
            },
            settings.Webhook,
            required=("url",),
        )
    ),
    "timeouts": Section(
        dict.fromkeys(("request", "connect", "first-byte", "whole-answer", "total", "idle"), SECONDS), settings.Timeouts
    ),
    "cors": Section(
        {"origins": ListOf(Scalar("an origin such as https://app.example.com, or *", values.origin))}, settings.Cors
    ),
    "limits": Section({"body-size": SIZE, "upload-size": SIZE}, settings.Limits),
    "responses": Section(
        {
            "store": BOOLEAN,
            "ttl": _integer(1, 2_592_000),
            "max": _integer(1, 100_000),
            "size": SIZE,
            "websocket": BOOLEAN,
            "connections": _integer(1, 100_000),
            "idle": SECONDS,
        },
        settings.ResponsesSettings,
    ),
    "state": Section(
        {"url": Scalar("a redis(s):// or valkey(s):// URL, or memory:", values.state_url)}, settings.State
    ),
    "doors": Section(
        dict.fromkeys(providers.ACCOUNT_DOORS, _DOOR),
        lambda **doors: {name.replace("_", "-"): each for name, each in doors.items()},
    ),
    "oauth": Section(dict.fromkeys(providers.KINDS, _OAUTH)),
}

SCHEMA = Section(_OPTIONS)
