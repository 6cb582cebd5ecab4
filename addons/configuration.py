"""Reads the configuration, hands each addon its part of it, and says at the start what was made of it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.utils import asyncio_utils

from . import handler_table
from .accounts.pool import Pool
from .attempts import Limits
from .certificate import pair
from .client_auth import ClientAuth
from .demo import demo_settings
from .dispatch import Dispatch
from .failover import Failover
from .models import Models
from .recorder import Recorder
from .redact import Redactor
from .replay import Replay
from .routes import Routes
from .routing import Routing
from .settings import STATE_FOLDER, Settings
from .settings_load import ConfigError, Loaded, find, load

logger = logging.getLogger(__name__)

SINK = "http://127.0.0.1:9"
"""Where a flow goes that nobody aimed: the discard port, where nothing listens."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}


class Configuration:
    """The first of the addons: `load` puts the handler table in place before any flow can come."""

    def __init__(
        self,
        client_auth: ClientAuth,
        routing: Routing,
        models: Models,
        dispatch: Dispatch,
        recorder: Recorder,
        replay: Replay,
        failover: Failover,
    ) -> None:
        self._client_auth, self._routing, self._models = client_auth, routing, models
        self._dispatch, self._recorder, self._replay, self._failover = dispatch, recorder, replay, failover
        self._loaded: Loaded | None = None

    def load(self, loader: Loader) -> None:
        handler_table.install(ctx.master.addons)
        loader.add_option("cliproxy_config", str, "", "The gateway's config.yaml.")
        loader.add_option("cliproxy_demo", bool, False, "Answer from the recordings that ship with the gateway.")
        loader.add_option("cliproxy_record", str, "", "Folder to record every exchange to.")
        loader.add_option("cliproxy_log_level", str, "", "debug, info, warn or error; empty: as configured.")
        loader.add_option("cliproxy_listen", str, "", "host:port to listen on; empty: as configured.")

    def configure(self, updated: set[str]) -> None:
        if not updated & {"cliproxy_config", "cliproxy_demo", "cliproxy_record", "cliproxy_log_level"}:
            return
        try:
            self._loaded = loaded = read(ctx.options.cliproxy_config, ctx.options.cliproxy_demo)
            self._apply(loaded)
        except ConfigError as fault:
            for line in fault.errors:
                logger.error(line)

    def _apply(self, loaded: Loaded) -> None:
        settings = loaded.settings
        replays = self._replay.use(provider.replay for provider in settings.providers.values() if provider.replay)
        routes = Routes(settings, replays)
        self._client_auth.keys = {key.key: key.name or f"key-{n}" for n, key in enumerate(settings.auth.api_keys, 1)}
        self._client_auth.tls_only = settings.tls.enabled
        self._routing.settings, self._routing.routes = settings, routes
        self._models.use(settings)
        self._dispatch.pool = Pool(routes.credentials(), settings.load_balance.strategy)
        self._recorder.redactor = Redactor(loaded.secrets)
        self._recorder.folder = record_folder(settings)
        self._recorder.request_log = settings.logging.request_log
        self._failover.limits = limits(settings)
        if settings.tls.enabled:
            ctx.options.update(certs=[f"*={pair(settings.tls, Path(ctx.options.confdir).expanduser())}"])
        level = ctx.options.cliproxy_log_level or settings.logging.level
        logging.getLogger("cliproxy").setLevel(_LEVELS[level])

    def running(self) -> None:
        if self._loaded:
            asyncio_utils.create_task(self._open(self._loaded), name="open the port", keep_ref=True)

    async def _open(self, loaded: Loaded) -> None:
        """Listen only now that everything behind the port is in place, and say so."""
        mode = f"reverse:{SINK}@{listen_address(loaded.settings)}"
        ctx.options.update(mode=[mode], connection_strategy="lazy", server=True)
        servers = ctx.master.addons.get("proxyserver")
        await servers.setup_servers()  # the option has begun that; this waits until it is done
        if servers.listen_addrs():
            host, port = servers.listen_addrs()[0][:2]
            scheme = "https" if loaded.settings.tls.enabled else "http"
            block = "\n".join(self.start_block(loaded, f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"))
            print(block, flush=True)  # noqa: T201  the one thing said on standard output

    def start_block(self, loaded: Loaded, address: str) -> Iterable[str]:
        settings, pool = loaded.settings, self._dispatch.pool
        yield f"cliproxy listens on {address}"
        for upstream in self._routing.routes.upstreams():
            count = pool.count(upstream.name)
            formats = ", ".join(format.NAME for format in upstream.formats)
            yield f"  {upstream.name}: {count} credential{'s' * (count != 1)}, speaks {formats}"
        yield f"  flows: {self._recorder.folder or 'not recorded (--record DIR)'}"
        yield f"  log: {settings.logging.file or 'standard error'}, level {settings.logging.level}"
        yield from (f"  note: {note}" for note in loaded.notes)


def read(path: str, demo: bool) -> Loaded:
    """The configuration that is asked for: the demo's own, or the file's. Raises `ConfigError`."""
    if demo:
        return Loaded(demo_settings(), (), frozenset())
    return load(find(path or None, os.environ, Path.cwd(), Path.home()), os.environ)


def record_folder(settings: Settings) -> Path | None:
    """Asked for by --record, `record`, or `logging.request-log`, which says what was done and so needs the proof."""
    if ctx.options.cliproxy_record:
        return Path(ctx.options.cliproxy_record).expanduser()
    if settings.record:
        return settings.record
    return Path.home() / STATE_FOLDER / "flows" if settings.logging.request_log else None


def limits(settings: Settings) -> Limits:
    timeouts = settings.timeouts
    return Limits(
        request=timeouts.request,
        connect=timeouts.connect,
        first_byte=timeouts.first_byte,
        whole_answer=timeouts.whole_answer,
        hold=timeouts.total - 5,
        idle=timeouts.idle,
        body=settings.limits.body_size,
    )


def listen_address(settings: Settings) -> str:
    """host:port as mitmproxy reads it."""
    at = ctx.options.cliproxy_listen or f"{settings.host}:{settings.port}"
    host, _, port = at.rpartition(":")
    return f"{'127.0.0.1' if host.lower() == 'localhost' else host.strip('[]')}:{port}"
