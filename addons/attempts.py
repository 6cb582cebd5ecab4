"""What passes between the stream that carries attempts and the addons that decide about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mitmproxy import http
from mitmproxy.net.server_spec import ServerSpec
from mitmproxy.proxy import commands

from .settings import Settings

type Failure = Literal["connect", "dropped", "timeout", "status", "stream"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of a request's body: of one that is kept, and of an upload that is carried as it comes.

    `hold`: from the request's end until the client must see a first byte.
    """

    request: float = 60
    connect: float = 10
    first_byte: float = 25
    whole_answer: float = 40
    hold: float = 50
    ping: float = 15
    idle: float = 300
    body: int = 64 * 1024 * 1024
    upload: int = 4 * 1024 * 1024 * 1024

    @staticmethod
    def of(settings: Settings) -> Limits:
        timeouts = settings.timeouts
        return Limits(
            request=timeouts.request,
            connect=timeouts.connect,
            first_byte=timeouts.first_byte,
            whole_answer=timeouts.whole_answer,
            hold=timeouts.total - 5,
            idle=timeouts.idle,
            body=settings.limits.body_size,
            upload=settings.limits.upload_size,
        )


@dataclass
class Attempt:
    """What a hook is told, and what it answers."""

    flow: http.HTTPFlow
    failure: Failure | None = None
    message: str = ""
    committed: bool = False
    """The client has seen a first byte: too late for another attempt or an HTTP status."""
    spent: bool = False
    """The request's body went to the provider as it came: it can't be sent again."""
    stream: bool = False
    """Set by upstream_attempt: the answer shall stream, so its first byte is no long time coming."""
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Set by upstream_attempt: written on the wire and nowhere else, so that no view or file of a flow holds them."""
    via: ServerSpec | None = None
    """Set by upstream_attempt: the proxy to go through."""
    go: bool = False
    """Set by the hook: the flow is aimed (upstream_attempt), or: try again (upstream_failed, upstream_slow)."""
    revoked: bool = False
    """Set when a handler failed: hang up on the provider, and give the client `flow.response` or `late`."""
    late: bytes | None = None
    """Set by upstream_held (sign of life) and, when committed, by upstream_failed (error event; None: cut off)."""


@dataclass
class UpstreamAttemptHook(commands.StartHook):
    """A flow is about to be sent upstream: aim it and set `go`, or set `flow.response`."""

    attempt: Attempt


@dataclass
class UpstreamFailedHook(commands.StartHook):
    """An attempt failed before a byte of its answer reached the client: set `go`, or `flow.response`."""

    attempt: Attempt


@dataclass
class UpstreamSlowHook(commands.StartHook):
    """The provider took the request and has been silent since: set `go` to give up on it for another."""

    attempt: Attempt


@dataclass
class UpstreamHeldHook(commands.StartHook):
    """The client must see something now: set `flow.response` (its head) and `late` (its first bytes)."""

    attempt: Attempt


@dataclass
class GatewayErrorHook(commands.StartHook):
    """The gateway itself must refuse (`error.status`): set `flow.response`."""

    error: GatewayError


@dataclass
class GatewayError:
    flow: http.HTTPFlow
    status: int
    message: str
