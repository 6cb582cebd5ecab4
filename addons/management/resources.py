"""What the management API gives and changes: one method an operation."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mitmproxy import ctx

from .. import configuration, rotating
from ..accounts import sign_in
from ..accounts.signed_in import SignedIn
from ..configuration import Configuration
from ..logs import Logs
from ..models import Models
from ..recent import Recent
from ..settings_load import ConfigError, Loaded, parse
from ..settings_schema import SCHEMA
from ..state.shared import Shared
from ..usage import durations, report
from ..usage.counts import Key
from ..usage.ledger import Ledger
from ..usage.report import Question
from . import config_edit, config_view, metrics, oauth, openapi

LOG_BYTES = 64 * 1024
"""So much of the end of the log's file is looked at for its last lines."""


class Fault(Exception):
    """What is wrong with a request, and its status."""

    def __init__(self, status: int, message: str, details: list[str] | None = None) -> None:
        super().__init__(message)
        self.status, self.details = status, details or []


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the named parts of its path, its query as numbers and text, and its JSON body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


class Resources:
    _parts: Parts

    def __init__(self) -> None:
        self._began = time.monotonic()

    def speaks_for(self, parts: Parts) -> None:
        self._parts = parts

    # -- configuration --------------------------------------------------------------------

    def get_config(self, call: Call) -> Any:
        text = self._file().read_text("utf-8-sig")
        return config_view.shown(text, self._loaded().settings)

    def put_config(self, call: Call) -> Any:
        path, before = self._file(), self._loaded()
        if unknown := sorted(set(call.body) - set(SCHEMA.options)):
            raise Fault(400, f"{unknown[0]!r} is no option; there are: {', '.join(SCHEMA.options)}.")
        try:
            text = config_edit.merged(path.read_text("utf-8-sig"), call.body)
            loaded = parse(text, os.environ, path.name)
            self._parts.configuration.apply(loaded)
        except config_edit.Unknown as fault:
            raise Fault(400, str(fault)) from None
        except ConfigError as fault:
            raise Fault(400, fault.errors[0], list(fault.errors)) from None
        try:
            config_edit.write(path, text)
        except OSError as fault:
            self._parts.configuration.apply(before)
            raise Fault(500, f"{path.name} could not be written, nothing is changed: {fault.strerror}.") from None
        return _applied(before, loaded)

    def post_reload(self, call: Call) -> Any:
        self._file()
        before = self._loaded()
        if errors := self._parts.configuration.reload():
            raise Fault(400, f"Nothing is changed: {errors[0]}", errors)
        return _applied(before, self._loaded())

    def _file(self) -> Path:
        if not ctx.options.cliproxy_config:
            raise Fault(409, "This gateway has no configuration file: it runs the demo.")
        return Path(ctx.options.cliproxy_config)

    def _loaded(self) -> Loaded:
        loaded = self._parts.configuration.loaded
        assert loaded, "requests come only once a configuration is in force"
        return loaded

    # -- what happened --------------------------------------------------------------------

    async def get_logs(self, call: Call) -> Any:
        limit = call.query.get("limit", 100)
        lines = await self._parts.recent.lines()
        return {"total": len(lines), "data": lines[:limit], "lines": last_lines(self._parts.logs.paths()[:1], limit)}

    async def delete_logs(self, call: Call) -> Any:
        cleared = [path.name for path in self._parts.logs.paths()]
        self._parts.logs.clear()
        request_log = self._loaded().settings.logging.request_log
        if request_log:
            cleared += [path.name for path in rotating.kept(request_log)]
            rotating.clear(request_log)
        await self._parts.recent.clear()
        return {"status": "ok", "cleared": cleared}

    async def get_flows(self, call: Call) -> Any:
        wanted = {name: value for name, value in call.query.items() if name not in ("limit", "offset")}
        lines = await self._parts.recent.lines()
        found = [line for line in lines if all(line[name] == value for name, value in wanted.items())]
        offset = call.query.get("offset", 0)
        return {"total": len(found), "data": found[offset : offset + call.query.get("limit", 100)]}

    # -- what was used --------------------------------------------------------------------

    async def get_usage(self, call: Call) -> Any:
        question = asked(call)
        return report.document(await self._counted(question), question)

    async def get_usage_csv(self, call: Call) -> Any:
        question = asked(call)
        return report.as_csv(await self._counted(question), question.by)

    async def get_metrics(self, call: Call) -> Any:
        counted = await self._counted(report.Question())
        kept = await self._parts.shared.store.scan(durations.TABLE)
        gauges: list[metrics.Gauge] = [("cliproxy_uptime_seconds", "Since the start.", {}, self._uptime())]
        return metrics.rendered(counted, kept, gauges)

    async def _counted(self, question: Question) -> list[tuple[Key, report.Sums]]:
        await self._parts.ledger.flush()
        return await report.counters(self._parts.shared.store, question, time.time())

    # -- how it fares ---------------------------------------------------------------------

    def get_health(self, call: Call) -> Any:
        return {"status": "healthy", "uptime": int(self._uptime()), "providers": dict(self._providers())}

    def _uptime(self) -> float:
        return time.monotonic() - self._began

    def _providers(self) -> Iterator[tuple[str, str]]:
        applied = self._parts.configuration.applied
        for upstream in applied.routes.upstreams() if applied else ():
            yield upstream.name, "connected"

    def get_models(self, call: Call) -> Any:
        return {"data": [{"id": model.id, "provider": model.provider} for model in self._parts.models.listed]}

    # -- signing in -----------------------------------------------------------------------

    async def post_oauth_start(self, call: Call) -> Any:
        return await _signing_in(oauth.start(self._parts.accounts.sign_ins, call.body))

    async def post_oauth_callback(self, call: Call) -> Any:
        return await _signing_in(oauth.callback(self._parts.accounts.sign_ins, call.body))

    async def get_oauth_status(self, call: Call) -> Any:
        return await _signing_in(oauth.status(self._parts.accounts.sign_ins, call.query.get("state", "")))

    def get_openapi(self, call: Call) -> Any:
        return openapi.document()


@dataclass(frozen=True, slots=True)
class Parts:
    """The addons that the API speaks for."""

    configuration: Configuration
    logs: Logs
    recent: Recent
    models: Models
    shared: Shared
    ledger: Ledger
    accounts: SignedIn


async def _signing_in(step: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    try:
        return await step
    except sign_in.Fault as fault:
        raise Fault(oauth.STATUS[fault.kind], str(fault)) from None


def _applied(before: Loaded, after: Loaded) -> dict[str, Any]:
    changed = list(configuration.restart_needed(before.settings, after.settings))
    return {"status": "ok", "restart_required": changed, "notes": list(after.notes)}


def asked(call: Call) -> Question:
    """Raises `Fault`."""
    try:
        since = report.since(call.query["since"], time.time()) if "since" in call.query else None
    except ValueError as fault:
        raise Fault(400, f"since: {fault}.") from None
    return Question(call.query.get("by", "model"), since)


def last_lines(paths: list[Path], limit: int) -> list[str]:
    """The newest last, as the file has them."""
    for path in paths:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_BYTES))
            return file.read().decode("utf-8", "replace").splitlines()[-limit:]
    return []
