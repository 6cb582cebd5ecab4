"""What a failed attempt says about who may be asked next: its kind, what has to rest for it, and how long."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

type Kind = Literal["request", "unauthorized", "payment", "forbidden", "limited", "used up", "failing", "unreachable"]
type Scope = Literal["account", "model", "provider"]

LONGEST = 8 * 86400.0
"""Seconds that a provider's hint is believed: some accounts have limits a week."""
SHORTEST = 1.0
REMEMBERED = 3600.0
"""Seconds for which a rest that is over still makes the next one longer, if no success came between."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`first`: seconds of the first rest; each further one is twice as long, up to `cap`."""

    scope: Scope
    first: float
    cap: float
    words: str
    hint_cap: float = 0.0
    """How long a provider's own hint may make it; 0: as the cap."""


RULES: dict[Kind, Rule] = {
    "unauthorized": Rule("account", 60, 1800, "its key is refused"),
    "payment": Rule("account", 300, 1800, "it is out of credit"),
    "forbidden": Rule("model", 300, 1800, "it is not allowed this model"),
    "limited": Rule("model", 5, 1800, "its rate limit is reached", LONGEST),
    "used up": Rule("account", 60, 1800, "its quota is used up", LONGEST),
    "failing": Rule("model", 1, 60, "the provider fails", 1800),
    "unreachable": Rule("account", 1, 15, "the provider can't be reached", 1800),
}
"""`request` has no rule: nothing rests, and nobody else is asked."""
TRANSIENT: frozenset[Kind] = frozenset({"failing", "unreachable"})
"""What is the provider's own trouble, so that all its accounts may have it."""

MODELS = 200
"""So many models of an account or provider are remembered to rest: their names are whatever clients ask for."""

PROBED = 2
"""From the third rest in a row on, the first attempt after it goes alone: the others wait for how it ends."""
PROBE = 60.0
"""Seconds after which a probe that nothing was heard of is over."""

_BY_STATUS: dict[int, Kind] = {401: "unauthorized", 402: "payment", 403: "forbidden", 408: "failing", 429: "limited"}
_BY_WORD: dict[str, Kind] = {
    "API_KEY_INVALID": "unauthorized",  # Google says 400 to a key that it does not know
    "API_KEY_EXPIRED": "unauthorized",
    "account_deactivated": "unauthorized",
    "invalid_api_key": "unauthorized",
    "insufficient_quota": "payment",
    "billing_hard_limit_reached": "payment",
    "billing_not_active": "payment",
    "billing_error": "payment",
    "usage_limit_reached": "used up",
    "usage_not_included": "payment",
    "context_length_exceeded": "request",
    "string_above_max_length": "request",
    "content_filter": "request",
    "content_policy_violation": "request",
    "invalid_prompt": "request",
    "cyber_policy": "request",
}
"""Codes and types that say more than the status they come with."""
_BY_MESSAGE: tuple[tuple[str, Kind], ...] = (
    ("credit balance is too low", "payment"),  # Anthropic says it with 400
    ("api key not valid", "unauthorized"),
    ("your input was flagged", "request"),
)


@dataclass(frozen=True, slots=True)
class Rest:
    """`level`: how many rests of this kind came before it without a success. `since`, `until`: epoch seconds."""

    since: float
    until: float
    kind: Kind
    status: int = 0
    level: int = 0

    @property
    def reason(self) -> str:
        """In words that hold nothing of what the provider said: they go to clients, logs and webhooks."""
        return f"{RULES[self.kind].words} ({self.status})" if self.status else RULES[self.kind].words


def kind_of(status: int, words: tuple[str, ...] = (), message: str = "", connected: bool = True) -> Kind:
    """`words`: the provider's code and type. `connected`: False where not even a connection came about."""
    if not connected:
        return "unreachable"
    for word in words:
        if word in _BY_WORD:
            return _BY_WORD[word]
    lowered = message[:500].lower()
    for text, kind in _BY_MESSAGE:
        if text in lowered:
            return kind
    return _BY_STATUS.get(status) or ("failing" if status >= 500 else "request")


def rest(
    kind: Kind, now: float, status: int = 0, hint: float | None = None, before: Rest | None = None, jitter: float = 0.0
) -> Rest:
    """`hint`: seconds that the provider asked to wait. `before`: the last rest of the same. `jitter`: from 0 to 1.

    Without a hint up to a half is taken off, so that not all who failed together come back together.
    """
    rule = RULES[kind]
    known = before is not None and before.kind == kind and now < before.until + REMEMBERED
    level = before.level + 1 if before and known else 0
    if hint is not None:
        seconds = min(max(hint, SHORTEST), rule.hint_cap or rule.cap)
    else:
        seconds = min(rule.first * 2.0 ** min(level, 30), rule.cap) * (1 - jitter / 2)
    return Rest(now, now + seconds, kind, status, level)


@dataclass(slots=True)
class Rests:
    """What rests of one account or provider: by model, "" for all of it. `probes`: since when one is under way."""

    by_model: dict[str, Rest] = field(default_factory=dict)
    probes: dict[str, float] = field(default_factory=dict)

    def blocking(self, model: str, now: float) -> Rest | None:
        """What is in the way of an attempt, the longest of it."""
        found = [one for key in {model, ""} if (one := self._blocking(key, now))]
        return max(found, key=lambda one: one.until, default=None)

    def _blocking(self, key: str, now: float) -> Rest | None:
        found = self.by_model.get(key)
        if not found or now < found.until:
            return found
        return found if key in self.probes and now < self.probes[key] + PROBE else None

    def begin(self, model: str, now: float) -> None:
        """An attempt begins: where there were rests in a row, it is the probe."""
        for key in {model, ""}:
            if (over := self.by_model.get(key)) and over.level >= PROBED:
                self.probes[key] = now

    def end(self, model: str) -> None:
        for key in (model, ""):
            self.probes.pop(key, None)

    def rested(
        self, key: str, now: float, kind: Kind, status: int, hint: float | None, jitter: float
    ) -> tuple[Rest, bool]:
        """The rest that a failure leads to, and whether it is a new one: several attempts that fail at once are one
        failure, of which only the end may move."""
        before = self.by_model.get(key)
        resting = before is not None and now < before.until
        found = rest(kind, now, status, hint, None if resting else before, jitter)
        if before and resting:
            later = found if found.until > before.until else before
            found = replace(later, since=before.since, level=before.level)
        self.by_model[key] = found
        for other, old in list(self.by_model.items()):
            if now > old.until + REMEMBERED:
                del self.by_model[other]
        for other in sorted(self.by_model, key=lambda one: (one in (key, ""), self.by_model[one].until))[:-MODELS]:
            del self.by_model[other]
        return found, not resting
