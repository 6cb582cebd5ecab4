"""How the text of one option becomes its value. Each reader raises ValueError for a text that it refuses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from .settings import IN_MEMORY

type Reader = Callable[[str], object]


class Refused(ValueError):
    """Says why, where "must be …" alone doesn't."""


_SIZE = re.compile(r"(?P<number>\d{1,15}) ?(?P<unit>[kmg]?)(i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*", re.IGNORECASE)
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def text(value: str) -> str:
    return value


def non_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("empty")
    return value


def header_value(value: str) -> str:
    """A key goes into a header too: a line break in it would be a header of its own."""
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError("not for a header")
    return value.strip()


def key(value: str) -> str:
    return non_empty(header_value(value))


def header_name(value: str) -> str:
    return _matching(_HEADER_NAME, value)


def own_name(value: str) -> str:
    """Part of labels and of `provider/model`, so without a slash."""
    return _matching(_OWN_NAME, value)


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError("doesn't match")
    return value


def one_of(*choices: str) -> Reader:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError("not a choice")
        return value

    return read


def boolean(value: str) -> bool:
    if (found := _BOOLEANS.get(value.lower())) is None:
        raise ValueError("not a boolean")
    return found


def integer(low: int, high: int) -> Reader:
    def read(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError("out of range")
        return number

    return read


def seconds(value: str) -> float:
    number = float(value)
    if not 0 < number <= 86_400:  # also refuses nan
        raise ValueError("out of range")
    return number


def window(value: str) -> float:
    """Seconds, from a minute to a month."""
    number = float(value)
    if not 60 <= number <= 31 * 86_400:
        raise ValueError("out of range")
    return number


def size(value: str) -> int:
    """Bytes, or with a unit of 1024: 64m, 64 MiB, 1g."""
    match = _SIZE.fullmatch(value.strip())
    if not match or int(match["number"]) == 0:
        raise ValueError("not a size")
    return int(match["number"]) * _UNITS[match["unit"].lower()]


def moment(value: str) -> datetime:
    """When something ends: a day lasts until it is over, in UTC; a time without a zone is UTC."""
    found = datetime.fromisoformat(value)
    if "T" not in value and " " not in value:
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def path(value: str) -> Path | None:
    """A path, "" for none; `~` is expanded later, by who knows the home folder."""
    if "\0" in value:
        raise ValueError("not a path")
    return Path(value) if value.strip() else None


def pattern(value: str) -> re.Pattern[str]:
    try:
        return re.compile(value)
    except re.error as error:
        raise Refused(re.sub(" ?'.*'", "", error.msg)) from error
    except (OverflowError, RecursionError) as error:
        raise ValueError("not a pattern") from error


def host(value: str) -> str:
    bare = value.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        if not _HOST_NAME.fullmatch(value) or value.replace(".", "").isdigit():
            raise
    return value


def url(*schemes: str) -> Reader:
    """An absolute URL without blanks; a `/` at its end is dropped."""

    def read(value: str) -> str:
        parts = urlsplit(value)
        named = parts.hostname and host(parts.hostname)
        if parts.scheme not in schemes or not named or parts.port == 0 or not value.isprintable() or " " in value:
            raise ValueError("not such a URL")
        return value.rstrip("/")

    return read


def state_url(value: str) -> str:
    """Where replicas share their state; "" is the file in the state folder, "memory:" no place at all."""
    return str(url("redis", "rediss", "valkey", "valkeys")(value)) if value not in ("", IN_MEMORY) else value


def base_url(value: str) -> str:
    """A provider's address. Paths are joined to it, so a query or a fragment has no place there."""
    if "?" in value or "#" in value:
        raise ValueError("has a query")
    return str(url("http", "https")(value))


def origin(value: str) -> str:
    """As a browser sends it: scheme, host and port. ``*`` is all of them."""
    if not re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[^/?#\s]+", value):
        raise ValueError("is no origin")
    return value


def model_reference(value: str) -> tuple[str, str]:
    provider, _, model = value.partition("/")
    if not provider or not model:
        raise ValueError("not provider/model")
    return provider, model
