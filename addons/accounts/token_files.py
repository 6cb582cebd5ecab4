"""The files that hold signed-in accounts: how they are named, read and written, and what their fields mean."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .oauth_facts import FACTS

type Fields = dict[str, Any]

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_@+-]*(?:\.[A-Za-z0-9_@+-]+)*")
_NAME = re.compile(rf"(?P<provider>{'|'.join(FACTS)})_token(?:\.(?P<label>{LABEL.pattern}))?\.json")
LONGEST = 1024 * 1024
SLACK = 300.0
"""Seconds before its end at which a token is refreshed; of a short life, the last fifth."""


class Damaged(Exception):
    """A token file that can't be used; it stays as it is. One sentence."""


@dataclass(frozen=True, slots=True)
class TokenFile:
    """One account. `fields` is the file's whole content, so that what others put there is kept."""

    path: Path
    provider: str
    label: str
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """How logs, headers and commands call it."""
        return f"{self.provider}-account" + (f".{self.label}" if self.label else "")

    @property
    def access_token(self) -> str:
        return self._text("access_token")

    @property
    def refresh_token(self) -> str:
        return self._text("refresh_token")

    @property
    def who(self) -> str:
        return self._text("email") or self._text("account_id")

    @property
    def plan(self) -> str:
        return self._text("plan")

    @property
    def account_id(self) -> str:
        return self._text("account_id")

    @property
    def project(self) -> str:
        return self._text("project_id")

    @property
    def resource_url(self) -> str:
        return self._text("resource_url")

    @property
    def proxy(self) -> str:
        """An HTTP(S) proxy, for requests and for refreshes; the original program's name for it is read too."""
        found = self._text("proxy") or self._text("proxy_url")
        return found if found.startswith(("http://", "https://")) else ""

    @property
    def last_error(self) -> str:
        return self._text("last_error")

    @property
    def disabled(self) -> bool:
        return self.fields.get("disabled") is True

    @property
    def sign_in_needed(self) -> bool:
        """The provider has refused this very refresh token for good."""
        return self._text("refused") == fingerprint(self.refresh_token)

    @property
    def expires_at(self) -> float | None:
        """Epoch seconds; None where the file doesn't say. Other programs' names for it are read too."""
        if "expires_at" in self.fields:
            return _moment(self.fields["expires_at"], 1.0)
        for name, unit in (("expires_at", 1.0), ("expired", 1.0), ("expiry", 1.0), ("expiry_date", 1000.0)):
            if (moment := _moment(self._field(name), unit)) is not None:
                return moment
        return None

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, map(self._text, ("access_token", "refresh_token", "id_token"))))

    def due(self, now: float) -> bool:
        """Whether it should be refreshed by now."""
        expires, issued = self.expires_at, _moment(self._field("last_refresh"), 1.0)
        if expires is None:
            return False
        slack = SLACK if issued is None else min(SLACK, max(0.0, expires - issued) / 5)
        return now >= expires - slack

    def expired(self, now: float) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def _field(self, name: str) -> Any:
        nested = self.fields.get("token")  # so the original program kept Google's tokens
        return self.fields.get(name, nested.get(name) if isinstance(nested, dict) else None)

    def _text(self, name: str) -> str:
        value = self._field(name)
        return value if isinstance(value, str) else ""


def path_of(folder: Path, provider: str, label: str = "") -> Path:
    return folder / (f"{provider}_token.{label}.json" if label else f"{provider}_token.json")


def listed(folder: Path) -> list[Path]:
    """The token files there are; none where there is no such folder."""
    try:
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except OSError:
        return []


def read(path: Path) -> TokenFile:
    """Raises `Damaged`."""
    try:
        with path.open("rb") as file:
            return parse(path, file.read(LONGEST + 1))
    except OSError as fault:
        raise Damaged(f"{path.name} cannot be read: {(fault.strerror or 'unknown reason').lower()}.") from None


def parse(path: Path, content: bytes) -> TokenFile:
    """Raises `Damaged`, without a word of the content: it is secret."""
    name = _NAME.fullmatch(path.name)
    if not name:
        raise Damaged(f"{path.name} is no name of a token file; an example of one is openai_token.work.json.")
    if len(content) > LONGEST:
        raise Damaged(f"{path.name} is too long for a token file.")
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise Damaged(f"{path.name} is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise Damaged(f"{path.name} must hold a JSON object.")
    found = TokenFile(path, name["provider"], name["label"] or "", fields)
    if not found.access_token and not found.refresh_token:
        raise Damaged(f"{path.name} has neither an access_token nor a refresh_token.")
    if any(not secret.isascii() or not secret.isprintable() for secret in found.secrets):
        raise Damaged(f"{path.name} has a token with characters that no token has.")
    return found


def read_all(folder: Path) -> tuple[list[TokenFile], list[Damaged]]:
    tokens, faults = [], []
    for path in listed(folder):
        try:
            tokens.append(read(path))
        except Damaged as fault:
            faults.append(fault)
    return tokens, faults


def write(path: Path, fields: Mapping[str, Any]) -> None:
    """All of the file or nothing of it, whatever happens meanwhile, for this user alone. Hold the file's lock.

    The scratch file's name is always the same one, so that none is left behind but the last.
    """
    scratch = path.with_name(f".{path.name}.new")
    content = json.dumps(fields, indent=2, ensure_ascii=False).encode() + b"\n"
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make a renaming last through a loss of power, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Raises OSError, also where it can't be written to."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    trial = folder / f".trial-{os.getpid()}"
    trial.write_bytes(b"")
    trial.unlink()


def fingerprint(secret: str) -> str:
    """Tells one token from another without telling what it is."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def without(fields: Mapping[str, Any], *names: str) -> Fields:
    return {name: value for name, value in fields.items() if name not in names}


def stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _moment(value: Any, unit: float) -> float | None:
    """Epoch seconds from a number in `unit`ths of a second, or from ISO 8601 text."""
    match value:
        case bool():
            return None
        case int() | float():
            return value / unit
        case str():
            try:
                return float(value) / unit
            except ValueError:
                pass
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                return None
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
