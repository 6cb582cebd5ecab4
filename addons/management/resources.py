"""What the management API gives and changes: one method an operation."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitmproxy import ctx

from .. import configuration, rotating
from ..accounts import sign_in
from ..accounts.signed_in import SignedIn
from ..configuration import Configuration
from ..dispatch import Dispatch
from ..logs import Logs
from ..models import Models
from ..recent import Recent
from ..settings_load import ConfigError, Loaded, parse
from ..settings_schema import SCHEMA
from ..shutdown import Shutdown
from ..state.shared import Shared
from ..usage import durations, report
from ..usage.counts import Key
from ..usage.ledger import Ledger
from ..usage.report import Question
from ..webhooks import Webhooks
from ..worker import number
from . import accounts, config_edit, config_view, metrics, oauth, openapi
from .call import Call, Fault

LOG_BYTES = 64 * 1024
"""So much of the end of the log's file is looked at for its last lines."""


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
        return metrics.rendered(counted, kept, [*self._gauges(), *metrics.of_accounts(await self._accounts())])

    def _gauges(self) -> Iterator[metrics.Gauge]:
        worker = {"worker": str(number())}
        yield "cliproxy_uptime_seconds", "Since the start of this process.", worker, round(self._uptime(), 3)
        yield "cliproxy_webhooks_waiting", "Events still to be delivered.", worker, self._parts.webhooks.waiting()
        yield "cliproxy_requests_open", "Requests that are being served.", worker, self._parts.shutdown.open
        degraded = bool(self._parts.shared.store.degraded)
        yield "cliproxy_state_degraded", "Whether the shared state can't be reached.", worker, int(degraded)

    async def _counted(self, question: Question) -> list[tuple[Key, report.Sums]]:
        await self._parts.ledger.flush()
        return await report.counters(self._parts.shared.store, question, time.time())

    # -- how it fares ---------------------------------------------------------------------

    async def get_health(self, call: Call) -> Any:
        """Words only: it is there for whoever asks."""
        found = await self._accounts()
        applied = self._parts.configuration.applied
        names = [upstream.name for upstream in applied.routes.upstreams()] if applied else []
        states = {name: accounts.provider_state(one for one in found if one["provider"] == name) for name in names}
        well = not self._parts.shared.store.degraded and (not states or {"connected", "limited"} & {*states.values()})
        return {"status": "healthy" if well else "degraded", "uptime": int(self._uptime()), "providers": states}

    def _uptime(self) -> float:
        return time.monotonic() - self._began

    def get_models(self, call: Call) -> Any:
        return {"data": [{"id": model.id, "provider": model.provider} for model in self._parts.models.listed]}

    # -- signing in -----------------------------------------------------------------------

    async def post_oauth_start(self, call: Call) -> Any:
        return await _signing_in(oauth.start(self._parts.signed_in.sign_ins, call.body))

    async def post_oauth_callback(self, call: Call) -> Any:
        return await _signing_in(oauth.callback(self._parts.signed_in.sign_ins, call.body))

    async def get_oauth_status(self, call: Call) -> Any:
        return await _signing_in(oauth.status(self._parts.signed_in.sign_ins, call.query.get("state", "")))

    # -- accounts -------------------------------------------------------------------------

    async def get_accounts(self, call: Call) -> Any:
        return {"data": await self._accounts()}

    async def patch_account(self, call: Call) -> Any:
        flags = call.flags("disabled", "reset")
        return await accounts.change(
            self._parts.dispatch, self._parts.signed_in, call.path["account"], flags, time.time()
        )

    async def delete_account(self, call: Call) -> Any:
        return await accounts.remove(self._parts.dispatch, self._parts.signed_in, call.path["account"], time.time())

    async def _accounts(self) -> list[dict[str, Any]]:
        return await accounts.listing(self._parts.dispatch, self._parts.signed_in, time.time())

    # -- itself ---------------------------------------------------------------------------

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
    dispatch: Dispatch
    signed_in: SignedIn
    webhooks: Webhooks
    shutdown: Shutdown


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
