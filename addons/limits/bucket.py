"""A token bucket of requests and one of tokens, as a document in the shared store. Decisions only, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings import RateLimit
from ..state.store import Document


@dataclass(frozen=True, slots=True)
class Level:
    """`limit` a minute; `remaining`: what may be used just now; `reset`: seconds until it is full again."""

    limit: int
    remaining: int
    reset: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after`: seconds until it would be allowed; 0 where it is. `short`: what there is too little of."""

    requests: Level
    tokens: Level | None
    retry_after: float = 0.0
    short: str = ""


def taken(before: Document | None, limit: RateLimit, now: float) -> Document:
    """One request is taken out, if it is allowed. Of tokens it is not known before how many it takes: it may begin
    while there are any."""
    found = filled(before, limit, now)
    allowed = found["requests"] >= 1 and found.get("tokens", 1) > 0
    return {**found, "requests": found["requests"] - allowed, "allowed": allowed}


def charged(before: Document | None, limit: RateLimit, tokens: int, now: float) -> Document:
    """So many tokens were used: more than there were is a debt."""
    found = filled(before, limit, now)
    return {**found, "tokens": found["tokens"] - tokens} if "tokens" in found else found


def filled(before: Document | None, limit: RateLimit, now: float) -> Document:
    """What has flowed in since; a new bucket is full."""
    was = before or {}
    passed = max(0.0, now - was.get("at", now))
    found = {"at": max(now, was.get("at", now)), "requests": _level(was, "requests", limit.burst, passed, limit)}
    if limit.tokens_per_minute is not None:
        found["tokens"] = _level(was, "tokens", limit.tokens_per_minute, passed, limit)
    return found


def _level(was: Document, name: str, size: int, passed: float, limit: RateLimit) -> float:
    level: float = was.get(name, size)
    return min(float(size), level + passed * _rate(limit, name))


def _rate(limit: RateLimit, name: str) -> float:
    """What flows in each second."""
    return (limit.requests_per_minute if name == "requests" else limit.tokens_per_minute or 0) / 60


def verdict(found: Document, limit: RateLimit) -> Verdict:
    """What `taken` has decided."""
    requests = _told(found, "requests", limit.requests_per_minute, limit.burst, limit)
    tokens = None
    if limit.tokens_per_minute is not None:
        tokens = _told(found, "tokens", limit.tokens_per_minute, limit.tokens_per_minute, limit)
    if found["allowed"]:
        return Verdict(requests, tokens)
    waits = {"requests": (1 - found["requests"]) / _rate(limit, "requests")}
    if tokens:
        waits["tokens"] = (1 - found["tokens"]) / _rate(limit, "tokens")
    short = max(waits, key=lambda name: waits[name])
    return Verdict(requests, tokens, waits[short], short)


def _told(found: Document, name: str, a_minute: int, size: int, limit: RateLimit) -> Level:
    level = found[name]
    return Level(a_minute, max(0, int(level)), max(0.0, (size - level) / _rate(limit, name)))
