"""When to come back, as providers say it: in a dozen headers, and in bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cliproxy.translators.ir import Json
from cliproxy.translators.lenient import items, mapping

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")
_PAST = 1e9
"""Numbers from here on are times, not spans: epoch seconds."""


def wait(headers: Mapping[str, str], body: object, now: float) -> float | None:
    """Seconds from `now` (epoch) that the provider asks to wait. What it says outright goes before what can be told
    from its limits. `body`: parsed JSON, or text."""
    named = {name.lower(): value for name, value in headers.items()}
    for said in (_outright(named, now), _in_body(body, now), _exhausted(named, now)):
        if found := list(said):
            return max(0.0, max(found))
    return None


def used_up(headers: Mapping[str, str]) -> bool:
    """Whether it is the account's plan that is used up, so that no other model of it would do."""
    named = {name.lower(): value for name, value in headers.items()}
    return named.get("anthropic-ratelimit-unified-status") == "rejected"


def _outright(headers: Mapping[str, str], now: float) -> Iterator[float]:
    """``retry-after`` (RFC 9110, section 10.2.3): seconds or a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        yield milliseconds / 1000
        return
    said = headers.get("retry-after", "")
    seconds = _number(said)
    if seconds is None and said:
        seconds = _until_date(said, now)
    if seconds is not None:
        yield seconds


def _in_body(body: object, now: float) -> Iterator[float]:
    """ChatGPT's ``resets_at`` and the like, OpenRouter's headers inside; spans are read with the error itself."""
    whole = next((one for one in items(body) if isinstance(one, dict)), {}) if isinstance(body, list) else body
    error: Json = mapping(mapping(whole).get("error")) or mapping(whole)
    for name in ("resets_at", "reset_at"):
        if (found := _moment(error.get(name), now)) is not None:
            yield found
    inside = mapping(mapping(error.get("metadata")).get("headers"))
    yield from _exhausted({name.lower(): str(value) for name, value in inside.items()}, now)


def _exhausted(headers: Mapping[str, str], now: float) -> Iterator[float]:
    """When the limits turn of which nothing is left."""
    for limit in _LIMITS:
        if _nothing(headers.get(f"anthropic-ratelimit-{limit}-remaining")):
            yield from _some(_moment(headers.get(f"anthropic-ratelimit-{limit}-reset"), now))
        if _nothing(headers.get(f"x-ratelimit-remaining-{limit}")):
            yield from _some(_moment(headers.get(f"x-ratelimit-reset-{limit}"), now))
    if _nothing(headers.get("x-ratelimit-remaining")):
        yield from _some(_moment(headers.get("x-ratelimit-reset"), now))
    if used_up(headers):
        yield from _some(_moment(headers.get("anthropic-ratelimit-unified-reset"), now))
    for window in ("primary", "secondary"):  # ChatGPT's two limits, of hours and of a week
        if (_number(headers.get(f"x-codex-{window}-used-percent")) or 0) >= 100:
            yield from _some(_number(headers.get(f"x-codex-{window}-reset-after-seconds")))


def _nothing(remaining: str | None) -> bool:
    return _number(remaining) == 0


def _some(seconds: float | None) -> Iterator[float]:
    if seconds is not None:
        yield seconds


def _moment(said: object, now: float) -> float | None:
    """Seconds until a moment: a span (``6m0s``, ``12.5``), epoch seconds or milliseconds, or a date."""
    number = _number(said)
    if number is not None:
        moment = number / 1000 if number > _PAST * 1000 else number
        return moment - now if moment > _PAST else moment
    if not isinstance(said, str) or not said:
        return None
    steps = _DURATION.findall(said)
    if steps and _DURATION.sub("", said) == "":
        return sum(float(amount) * _SECONDS[unit] for amount, unit in steps)
    return _until_date(said, now)


def _number(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        number = float(said)
    except ValueError:
        return None
    return number if number == number and abs(number) < 1e15 else None


def _until_date(said: str, now: float) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            date = read(said)
        except (ValueError, TypeError, IndexError):
            continue
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    return None
