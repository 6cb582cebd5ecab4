"""Writes every exchange to a file, free of secrets: as the client saw it, and as each provider did that was asked."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from weakref import WeakKeyDictionary

from mitmproxy import ctx, http

from cliproxy.translators import wire

from . import exchange, recordings, rotating
from .annotations import facts
from .applied import Applied
from .ended import ended
from .exchange import Exchange, Recording, Sent
from .recordings import Recorded, Tried
from .redact import Redactor
from .settings import STATE_FOLDER, Settings

logger = logging.getLogger(__name__)


class Recorder:
    def __init__(self) -> None:
        self.folder: Path | None = None
        self.scratch: Path | None = None
        """Where exchanges go, for a view to read them, while nobody asked to keep them."""
        self.written: WeakKeyDictionary[http.HTTPFlow, Path] = WeakKeyDictionary()
        self.request_log: Path | None = None
        self.redactor = Redactor()

    def use(self, applied: Applied) -> None:
        self.redactor = applied.redactor
        self.folder = record_folder(applied.settings)
        self.request_log = applied.settings.logging.request_log

    def request(self, flow: http.HTTPFlow) -> None:
        if (call := exchange.of(flow)) and (self.folder or self.scratch):
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
            folder = self.folder or self.scratch
            if call.recording and folder:
                self.written[flow] = recordings.write(folder, recorded(flow, call, self.redactor, time.time()))
            if self.request_log:
                rotating.append(
                    self.request_log, self.redactor.data(wire.dumps(ended(flow, call, time.time()).line())) + b"\n"
                )
        except OSError as fault:
            logger.error("The exchange %s could not be recorded: %s", call.id, fault)


def recorded(flow: http.HTTPFlow, call: Exchange, redactor: Redactor, now: float) -> Recorded:
    """The exchange as far as it went, without secrets."""
    recording = call.recording or Recording()
    response = flow.response.copy() if flow.response else None
    if response and recording.answered:
        response.data.content = b"".join(recording.answered)
    return Recorded(
        {name: _clean(fact, redactor) for name, fact in facts(flow, call, now).items()},
        redactor.request(call.sent),
        redactor.response(response) if response else None,
        tuple(_tried(sent, redactor) for sent in recording.attempts),
        redactor.text(flow.error.msg) if flow.error else "",
    )


def _clean(fact: object, redactor: Redactor) -> object:
    """The model's name, for one, is whatever the client wrote."""
    match fact:
        case str():
            return redactor.text(fact)
        case list():
            return [_clean(one, redactor) for one in fact]
        case dict():
            return {name: _clean(one, redactor) for name, one in fact.items()}
        case _:
            return fact


def _tried(sent: Sent, redactor: Redactor) -> Tried:
    request = redactor.request(sent.request)
    if not sent.response:
        return Tried(request, None, (), sent.began, sent.credential)
    response = sent.response.copy()
    response.data.content = content = b"".join(data for _, data in sent.received)
    clean = redactor.response(response)
    pieces = redactor.pieces([data for _, data in sent.received])
    if clean.data.content != redactor.data(content):  # it was compressed: the cuts are lost with the compression
        pieces = [clean.data.content or b""]
    times = [round(at - sent.began, 4) for at, _ in sent.received][-len(pieces) :]
    return Tried(request, clean, tuple(zip(times, pieces, strict=True)), sent.began, sent.credential)


def record_folder(settings: Settings) -> Path | None:
    """Asked for by --record, `record`, or `logging.request-log`, which says what was done and so needs the proof."""
    if ctx.options.cliproxy_record:
        return Path(ctx.options.cliproxy_record).expanduser()
    if settings.record:
        return settings.record
    return Path.home() / STATE_FOLDER / "flows" if settings.logging.request_log else None
