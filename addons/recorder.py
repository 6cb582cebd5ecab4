"""Writes every exchange to a file, free of secrets: as the client saw it, and as the provider did."""

from __future__ import annotations

import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy import connection, ctx, http, io

from cliproxy.translators import wire

from . import exchange
from .applied import Applied
from .exchange import Exchange, Recording
from .redact import Redactor
from .settings import STATE_FOLDER, Settings

logger = logging.getLogger(__name__)

CLIENT_SIDE, PROVIDER_SIDE = "client", "provider"
"""What ``flow.metadata["cliproxy.side"]`` says of a recorded flow."""


class Recorder:
    def __init__(self) -> None:
        self.folder: Path | None = None
        self.request_log: Path | None = None
        self.redactor = Redactor()

    def use(self, applied: Applied) -> None:
        self.redactor = applied.redactor
        self.folder = record_folder(applied.settings)
        self.request_log = applied.settings.logging.request_log

    def request(self, flow: http.HTTPFlow) -> None:
        if (call := exchange.of(flow)) and self.folder:
            call.recording = Recording()

    def response(self, flow: http.HTTPFlow) -> None:
        self._finish(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._finish(flow)

    def _finish(self, flow: http.HTTPFlow) -> None:
        call = exchange.of(flow)
        if not call:
            return
        try:
            if call.recording and self.folder:
                write(self.folder, call, [self._client_side(flow, call), *self._provider_side(flow, call)])
            if self.request_log:
                append(self.request_log, self.redactor.data(wire.dumps(line(flow, call))) + b"\n")
        except OSError as fault:
            logger.error("The exchange %s could not be recorded: %s", call.id, fault)

    def _client_side(self, flow: http.HTTPFlow, call: Exchange) -> http.HTTPFlow:
        assert call.recording
        copy = _flow(flow, call, CLIENT_SIDE)
        copy.request = self.redactor.request(call.sent)
        if flow.response:
            response = flow.response.copy()
            if call.recording.answered:
                response.data.content = b"".join(call.recording.answered)
            copy.response = self.redactor.response(response)
        copy.error = flow.error
        return copy

    def _provider_side(self, flow: http.HTTPFlow, call: Exchange) -> list[http.HTTPFlow]:
        recording = call.recording
        if not recording or not recording.request:
            return []
        copy = _flow(flow, call, PROVIDER_SIDE)
        copy.request = self.redactor.request(recording.request)
        if recording.response:
            response = recording.response.copy()
            response.data.content = b"".join(data for _, data in recording.received)
            copy.response = self.redactor.response(response)
            began = call.attempt_began
            copy.metadata["cliproxy.chunks"] = [[round(at - began, 4), len(data)] for at, data in recording.received]
        return [copy]


def _flow(flow: http.HTTPFlow, call: Exchange, side: str) -> http.HTTPFlow:
    """A new flow without the addresses and certificates of the connections."""
    copy = http.HTTPFlow(
        connection.Client(peername=("", 0), sockname=("", 0), timestamp_start=flow.timestamp_start),
        connection.Server(address=None),
    )
    copy.metadata = {**call.facts(), "cliproxy.side": side}
    copy.comment = f"{call.model} → {call.upstream.name} ({side})"
    return copy


def record_folder(settings: Settings) -> Path | None:
    """Asked for by --record, `record`, or `logging.request-log`, which says what was done and so needs the proof."""
    if ctx.options.cliproxy_record:
        return Path(ctx.options.cliproxy_record).expanduser()
    if settings.record:
        return settings.record
    return Path.home() / STATE_FOLDER / "flows" if settings.logging.request_log else None


def write(folder: Path, call: Exchange, flows: list[http.HTTPFlow]) -> Path:
    """One file an exchange, readable by plain mitmproxy and by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = datetime.fromtimestamp(call.began, UTC).strftime("%Y%m%dT%H%M%S.%f")
    path = folder / f"{stamp}-{call.id}.flow"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        writer = io.FlowWriter(file)
        for flow in flows:
            writer.add(flow)
    return path


def line(flow: http.HTTPFlow, call: Exchange) -> dict[str, object]:
    """What the request log says of an exchange: no content, no secret."""
    usage = call.usage
    return {
        "time": datetime.fromtimestamp(call.began, UTC).isoformat(timespec="milliseconds"),
        "id": call.id,
        "flow": flow.id,
        "client": call.client,
        "format": call.format.NAME,
        "model": call.model,
        "provider": call.upstream.name,
        "stream": call.stream,
        "status": flow.response.status_code if flow.response else 499,
        "seconds": round(time.time() - call.began, 3),
        "attempts": [str(record) for record in call.attempts],
        "input_tokens": usage.input if usage else None,
        "output_tokens": usage.output if usage else None,
        "lost": list(call.lost),
    }


def append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(data)
