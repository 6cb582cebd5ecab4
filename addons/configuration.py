"""Reads the configuration, hands each addon its part of it, and says at the start what was made of it."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.utils import asyncio_utils

from . import handler_table, worker
from .accounts.signed_in import SignedIn
from .applied import Applied, User
from .certificate import pair
from .demo import demo_settings
from .recorder import record_folder
from .redact import Redactor
from .replay import Replay
from .replayed import replayed
from .routes import Routes
from .settings import ReplaySettings, Settings
from .settings_build import NO_CLIENT_KEY, NO_PROVIDER
from .settings_load import ConfigError, Loaded, find, load

logger = logging.getLogger(__name__)

SINK = "http://127.0.0.1:9"
"""Where a flow goes that nobody aimed: the discard port, where nothing listens."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_READ_AGAIN = frozenset(
    {"cliproxy_config", "cliproxy_demo", "cliproxy_record", "cliproxy_log_level", "cliproxy_replay"}
)
_REPLAY_OPTIONS = {
    "cliproxy_replay": ("", "Folder of recordings that answer in the providers' place."),
    "cliproxy_replay_match": ("strict", "strict or nearest: which recorded request has the answer."),
    "cliproxy_replay_missing": ("refuse", "refuse or ask: what becomes of a request that is not recorded."),
    "cliproxy_replay_speed": ("1", "1: timed as recorded, 0: at once."),
}


class Configuration:
    """The first of the addons: `load` puts the handler table in place before any flow can come.

    `users`: the addons that it concerns; those that may refuse a configuration come first.
    """

    def __init__(self, replay: Replay, accounts: SignedIn, users: Iterable[User]) -> None:
        self._replay, self._accounts, self._users = replay, accounts, (accounts, *users)
        accounts.changed = self._with_other_accounts
        self.loaded: Loaded | None = None
        self.applied: Applied | None = None

    def load(self, loader: Loader) -> None:
        handler_table.install(ctx.master.addons)
        loader.add_option("cliproxy_config", str, "", "The gateway's config.yaml.")
        loader.add_option("cliproxy_demo", bool, False, "Answer from the recordings that ship with the gateway.")
        loader.add_option("cliproxy_record", str, "", "Folder to record every exchange to.")
        loader.add_option("cliproxy_log_level", str, "", "debug, info, warn or error; empty: as configured.")
        for name, (default, told) in _REPLAY_OPTIONS.items():
            loader.add_option(name, str, default, told)
        loader.add_option("cliproxy_listen", str, "", "host:port to listen on; empty: as configured.")

    def configure(self, updated: set[str]) -> None:
        if updated & _READ_AGAIN:
            self.reload()

    def reload(self) -> list[str]:
        """Read the configuration again. What is wrong with it, a line each; then the one before stays in force."""
        try:
            loaded = read(ctx.options.cliproxy_config, ctx.options.cliproxy_demo, asked_replay())
            self.apply(loaded)
        except ConfigError as fault:
            for line in fault.errors:
                logger.error(line)
            return list(fault.errors)
        return []

    def apply(self, loaded: Loaded) -> None:
        """Raises `ConfigError`; then nothing has changed."""
        settings, before = self._accounts.merged(loaded.settings, follow=not recorded_only()), self.loaded
        certificate = pair(settings.tls, Path(ctx.options.confdir).expanduser()) if settings.tls.enabled else None
        replays = self._replay.use(settings.upstreams())
        applied = Applied(settings, Routes(settings, replays), Redactor(loaded.secrets))
        for user in self._users:
            user.use(applied)
        self.loaded, self.applied = loaded, applied
        if certificate:
            ctx.options.update(certs=[f"*={certificate}"])
        level = ctx.options.cliproxy_log_level or settings.logging.level
        logging.getLogger("cliproxy").setLevel(_LEVELS[level])
        for line in restart_needed(before.settings, settings) if before else ():
            logger.warning(line)

    def _with_other_accounts(self) -> None:
        """Accounts came or went: the same configuration means something else now."""
        if self.loaded:
            self.apply(self.loaded)

    def running(self) -> None:
        for name in ctx.options.deferred:  # an error that is logged during the start ends it
            logger.error("--set %s: there is no such option; `mitmdump --options` lists those there are.", name)
        if self.loaded:
            asyncio_utils.create_task(self._open(self.loaded), name="open the port", keep_ref=True)

    async def _open(self, loaded: Loaded) -> None:
        """Listen only now that everything behind the port is in place, and say so."""
        mode = f"reverse:{SINK}@{listen_address(loaded.settings)}"
        ctx.options.update(mode=[mode], connection_strategy="lazy", keep_host_header=True, server=True)
        servers = ctx.master.addons.get("proxyserver")
        await servers.setup_servers()  # the option has begun that; this waits until it is done
        if check := ctx.master.addons.get("errorcheck"):
            check.finish()  # it ends the program for an error in the start; what comes now is of requests
        if servers.listen_addrs() and worker.number() <= 1:
            host, port = servers.listen_addrs()[0][:2]
            scheme = "https" if loaded.settings.tls.enabled else "http"
            block = "\n".join(self.start_block(loaded, f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"))
            print(block, flush=True)  # noqa: T201  the one thing said on standard output

    def start_block(self, loaded: Loaded, address: str) -> Iterable[str]:
        assert self.applied
        settings, routes = self.applied.settings, self.applied.routes
        counts = Counter(credential.provider for credential in routes.credentials())
        yield f"cliproxy listens on {address}"
        yield f"  clients: {_clients(settings)}"
        for upstream in routes.upstreams():
            count, formats = counts[upstream.name], ", ".join(format.NAME for format in upstream.formats)
            behind = "recordings" if recorded_only() else f"{count} credential{'s' * (count != 1)}"
            yield f"  {upstream.name}: {behind}, speaks {formats}"
        yield f"  flows: {record_folder(settings) or 'not recorded (--record DIR)'}"
        yield f"  management API: {_management(settings)}"
        yield f"  log: {settings.logging.file or 'standard error'}, level {settings.logging.level}"
        said = {NO_CLIENT_KEY, NO_PROVIDER if settings.providers else ""}
        yield from (f"  note: {note}" for note in loaded.notes if note not in said)


def _clients(settings: Settings) -> str:
    count = len(settings.auth.api_keys)
    return f"{count} key{'s' * (count != 1)}" if count else "all programs on this machine, without a key"


def _management(settings: Settings) -> str:
    remote = settings.remote_management
    if not remote.secret_key:
        return "off (remote-management.secret-key or $MANAGEMENT_PASSWORD)"
    return f"/v0/management, from {'anywhere' if remote.allow_remote else 'this machine'}"


def asked_replay() -> ReplaySettings | None:
    """The recordings that the command line names."""
    options = ctx.options
    if not options.cliproxy_replay:
        return None
    folder, speed = Path(options.cliproxy_replay).expanduser(), int(options.cliproxy_replay_speed)
    return ReplaySettings(folder, options.cliproxy_replay_match, speed, options.cliproxy_replay_missing)


def recorded_only() -> bool:
    """Whether recordings alone answer: then nobody needs to be signed in."""
    replay = asked_replay()
    return bool(ctx.options.cliproxy_demo or (replay and replay.missing == "refuse"))


def read(path: str, demo: bool, replay: ReplaySettings | None = None) -> Loaded:
    """The configuration that is asked for: the demo's or the recordings' own, or the file's. Raises `ConfigError`."""
    if demo:
        return Loaded(demo_settings(), (), frozenset())
    if replay and not path:
        return Loaded(replayed(replay), (), frozenset())
    loaded = load(find(path or None, os.environ, Path.cwd(), Path.home()), os.environ)
    return replace(loaded, settings=replayed(replay, loaded.settings)) if replay else loaded


def restart_needed(before: Settings, after: Settings) -> Iterable[str]:
    """What a running gateway can't take over: the port is open as it is."""
    changed = (
        ("host", before.host != after.host),
        ("port", before.port != after.port),
        ("tls.enabled", before.tls.enabled != after.tls.enabled),
        ("state.url", before.state != after.state),
    )
    for option, differs in changed:
        if differs:
            yield f"{option} was changed: that takes effect when the gateway is started again."


def listen_address(settings: Settings) -> str:
    """host:port as mitmproxy reads it."""
    at = ctx.options.cliproxy_listen or f"{settings.host}:{settings.port}"
    host, _, port = at.rpartition(":")
    return f"{'127.0.0.1' if host.lower() == 'localhost' else host.strip('[]')}:{port}"
