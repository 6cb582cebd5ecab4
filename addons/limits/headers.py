"""What a client is told of its limits, in the headers that its maker's library reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cliproxy.translators.formats import FORMATS, Format

from .bucket import Level, Verdict


def headers(verdict: Verdict, format: Format, now: float) -> dict[str, str]:
    """OpenAI's names, and Anthropic's own for its clients (https://docs.claude.com/en/api/rate-limits)."""
    told = _anthropic if format is FORMATS["anthropic"] else _openai
    found = dict(told("requests", verdict.requests, now))
    return found | dict(told("tokens", verdict.tokens, now)) if verdict.tokens else found


def _openai(name: str, level: Level, now: float) -> Iterator[tuple[str, str]]:
    yield f"x-ratelimit-limit-{name}", str(level.limit)
    yield f"x-ratelimit-remaining-{name}", str(level.remaining)
    yield f"x-ratelimit-reset-{name}", span(level.reset)


def _anthropic(name: str, level: Level, now: float) -> Iterator[tuple[str, str]]:
    yield f"anthropic-ratelimit-{name}-limit", str(level.limit)
    yield f"anthropic-ratelimit-{name}-remaining", str(level.remaining)
    moment = datetime.fromtimestamp(now + level.reset, UTC)
    yield f"anthropic-ratelimit-{name}-reset", moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def span(seconds: float) -> str:
    """As OpenAI writes it: 17ms, 1s, 6m0s, 1h2m3s."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + f"{rest}s"
