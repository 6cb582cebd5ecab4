"""Where the log goes and how a line looks; no secret gets into a record, whichever code wrote it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.log import MitmFormatter

from . import rotating
from .applied import Applied
from .redact import Redactor
from .settings import Logging
from .settings_problems import ConfigError

TALKATIVE = ("httpx", "httpcore", "hpack", "asyncio")
"""Libraries whose own talk is of whole addresses and bytes: only their warnings are heard."""

type Factory = Callable[..., logging.LogRecord]


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        return json.dumps(line, ensure_ascii=False)


class FileHandler(logging.Handler):
    """Adds each record to the file, which several workers may share."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        try:
            rotating.append(self._path, self.format(record).encode("utf-8", "backslashreplace") + b"\n")
        except OSError:
            self.handleError(record)


class Logs:
    """Put in front of the log while the gateway runs, and taken away when it is done."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self._file: logging.Handler | None = None
        self._path: Path | None = None
        self._before: Factory | None = None

    def use(self, applied: Applied) -> None:
        try:
            self.write_to(applied.settings.logging, applied.redactor)
        except OSError as fault:
            path, reason = applied.settings.logging.file, (fault.strerror or "unknown reason").lower()
            raise ConfigError([f"logging.file: {path} cannot be written: {reason}."]) from None

    def write_to(self, wanted: Logging, redactor: Redactor) -> None:
        """Raises `OSError` where the file can't be opened; then the old one stays in use."""
        self.redactor = redactor
        self._guard()
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        formatter = JsonFormatter() if wanted.format == "json" else None
        if wanted.file != self._path:
            self._reopen(wanted.file)
        if self._file:
            self._file.setFormatter(formatter or MitmFormatter(False))
        if termlog := ctx.master.addons.get("termlog"):
            termlog.logger.setFormatter(formatter or MitmFormatter(termlog.logger.has_vt_codes))

    def paths(self) -> list[Path]:
        """The files that hold the log now, the newest first."""
        return rotating.kept(self._path) if self._path else []

    def clear(self) -> None:
        """Empty the log's file and remove the older ones."""
        if self._path:
            rotating.clear(self._path)

    def done(self) -> None:
        self._reopen(None)
        if self._before:
            logging.setLogRecordFactory(self._before)
            self._before = None

    def _reopen(self, path: Path | None) -> None:
        handler = None
        if path:
            rotating.append(path, b"")
            handler = FileHandler(path)
            logging.getLogger().addHandler(handler)
        if self._file:
            logging.getLogger().removeHandler(self._file)
            self._file.close()
        self._file, self._path = handler, path

    def _guard(self) -> None:
        """Every record of this process is made by one factory: there a secret can't be missed by any handler."""
        if self._before:
            return
        self._before = before = logging.getLogRecordFactory()

        def clean(*args: object, **kwargs: object) -> logging.LogRecord:
            return cleaned(before(*args, **kwargs), self.redactor)

        logging.setLogRecordFactory(clean)


def cleaned(record: logging.LogRecord, redactor: Redactor) -> logging.LogRecord:
    """The record with its message and its traceback in one redacted text."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError):  # a format that does not fit its arguments: logging would print them all, raw
        text = str(record.msg)
    if record.exc_info and record.exc_info[0]:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    record.msg, record.args, record.exc_info = redactor.text(text), (), None
    return record
