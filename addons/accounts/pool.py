"""Which credential serves the next attempt, and which may not. Decisions only: no I/O, no clock, no waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .cooldowns import RULES, TRANSIENT, Kind, Rest, Rests
from .strategies import STRATEGIES, foremost

DAY = 86400.0
CROWD = 8
"""A conversation leaves its credential for another one that has so many requests fewer in flight."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One key or account. `id` is its label in logs and flows; `secret` "" stands for a provider that asks for none.

    `models`: those it may serve, as names or patterns (``gpt-5*``); with "!" before them those it may not.
    `quota`: tokens in `window` seconds.
    """

    id: str
    provider: str
    secret: str = field(repr=False)
    base_url: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    models: tuple[str, ...] = ()
    upstream: str = ""
    """How it is spoken to, where that is not the way of its provider: an account has another door than a key."""
    project: str = ""
    """What its provider bills, where requests must name it."""
    proxy: str = field(default="", repr=False)
    quota: int | None = None
    window: float = DAY
    weight: int = 1
    priority: int = 0

    def serves(self, model: str) -> bool:
        if not self.models:
            return True
        allowed = [one for one in self.models if not one.startswith("!")]
        refused = [one[1:] for one in self.models if one.startswith("!")]
        return (not allowed or _matches(model, allowed)) and not _matches(model, refused)

    def turn_of_window(self, now: float) -> float:
        """When the window that `now` lies in ends."""
        return (now // self.window + 1) * self.window


def _matches(model: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in patterns)


@dataclass(slots=True)
class Account:
    """How a credential fares. `turns`: how often it was asked, by its weight. `used`: tokens until `turns_at`."""

    credential: Credential
    in_flight: int = 0
    turns: float = 0.0
    failures: int = 0
    last_error: str = ""
    disabled: bool = False
    used: float = 0.0
    turns_at: float = 0.0
    rests: Rests = field(default_factory=Rests)

    @property
    def weight(self) -> int:
        return self.credential.weight

    @property
    def priority(self) -> int:
        return self.credential.priority

    def blocking(self, model: str, now: float) -> Rest | None:
        over = self.quota_rest(now)
        found = self.rests.blocking(model, now)
        return max((one for one in (over, found) if one), key=lambda one: one.until, default=None)

    def quota_rest(self, now: float) -> Rest | None:
        """At the limit of its quota it rests until the window turns."""
        quota = self.credential.quota
        if quota is None or self.used < quota or now >= self.turns_at:
            return None
        return Rest(now, self.turns_at, "used up")

    def used_at(self, now: float) -> float:
        """Tokens in the present window."""
        return self.used if now < self.turns_at else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What others that share the state must hear. `account` "": the whole provider. `rest` None: it is over."""

    provider: str
    account: str
    model: str
    rest: Rest | None
    new: bool = False
    """It did not rest before: worth a word."""
    began: float = 0.0
    """When the attempt began whose success ends the rest."""


class Pool:
    """The credentials of all providers, in the order of the configuration."""

    def __init__(self, credentials: Iterable[Credential] = (), strategy: str = "round-robin") -> None:
        self._accounts: dict[str, Account] = {}
        self._providers: dict[str, Rests] = {}
        self._due: dict[str, float] = {}
        self._placed = 0
        self.replace(credentials, strategy)

    def replace(self, credentials: Iterable[Credential], strategy: str = "round-robin") -> list[Change]:
        """Go over to these. One of the same id keeps its state; a new secret is one that nobody has refused yet."""
        before, self._accounts = self._accounts, {}
        self._choose = STRATEGIES[strategy]
        changes: list[Change] = []
        for credential in credentials:
            account = before.get(credential.id)
            if account and account.credential.provider == credential.provider:
                changes += _with_new_secret(account, credential)
                account.credential = credential
            self._accounts[credential.id] = account or Account(credential)
        return changes

    def renew(self, credential: Credential) -> list[Change]:
        """The same credential with a new secret."""
        account = self._accounts.get(credential.id)
        if not account:
            return []
        changes = _with_new_secret(account, credential)
        account.credential = credential
        return changes

    def __repr__(self) -> str:
        return f"<Pool {'; '.join(f'{id}: {one.in_flight} in flight' for id, one in self._accounts.items())}>"

    # -- who is asked ----------------------------------------------------------------------

    def able(self, provider: str, model: str, now: float, tried: Iterable[str] = ()) -> list[Credential]:
        """The credentials that could serve this model at `now` (epoch seconds), without those already tried."""
        return [account.credential for account in self._able(provider, model, now, tried)]

    def acquire(
        self, provider: str, model: str, now: float, tried: Iterable[str] = (), preferred: str = ""
    ) -> Credential | None:
        """The credential for one attempt, to be given back by `release`; None when there is none left to try.

        `preferred`: the one that holds the conversation's prompt cache; it is taken unless it is crowded.
        """
        able = self._able(provider, model, now, tried)
        if not able:
            return None
        due = self._due.get(provider, 0.0)
        for late in (one for one in able if one.turns < due - 1 / one.weight):
            self._place(late, due)
        chosen = _uncrowded(able, preferred)
        if not chosen:
            chosen = self._choose(foremost(able))
            self._due[provider] = max(chosen.turns, due)
        chosen.turns += 1 / chosen.weight
        chosen.in_flight += 1
        chosen.rests.begin(model, now)
        self._provider(provider).begin(model, now)
        return chosen.credential

    def _place(self, account: Account, due: float) -> None:
        """Who has rested, or is new, does not make up for it: that would be a rush on one that just came back.

        It gets a place among the others' turns, each time another one (steps of the golden ratio spread evenly).
        """
        self._placed += 1
        account.turns = due + self._placed * 0.6180339887 % 1 / account.weight

    def _able(self, provider: str, model: str, now: float, tried: Iterable[str]) -> list[Account]:
        if self._provider(provider).blocking(model, now):
            return []
        tried = set(tried)
        return [
            one
            for one in self.serving(provider, model)
            if one.credential.id not in tried and not one.blocking(model, now)
        ]

    def serving(self, provider: str, model: str) -> list[Account]:
        """All that may serve this model, whether or not they rest."""
        return [
            one
            for one in self._accounts.values()
            if one.credential.provider == provider and not one.disabled and one.credential.serves(model)
        ]

    # -- how attempts end ------------------------------------------------------------------

    def release(self, credential: Credential, model: str) -> None:
        """The attempt is over."""
        if account := self._accounts.get(credential.id):
            account.in_flight = max(0, account.in_flight - 1)
        self.heard(credential, model)

    def answered(self, credential: Credential, model: str, began: float) -> list[Change]:
        """A success clears. `began`: an attempt from before a rest began says nothing about it."""
        account, provider = self._accounts.get(credential.id), self._provider(credential.provider)
        if not account:
            return []
        account.failures, account.last_error = 0, ""
        changes = list(_cleared(account.rests, credential, credential.id, model, began))
        back = list(_cleared(provider, credential, "", model, began))
        if back:  # it was the provider, not its accounts
            for other in self.serving(credential.provider, model):
                changes += _cleared(other.rests, other.credential, other.credential.id, model, began, TRANSIENT)
        return changes + back

    def failed(
        self,
        credential: Credential,
        model: str,
        now: float,
        kind: Kind,
        status: int = 0,
        hint: float | None = None,
        jitter: float = 0.0,
    ) -> list[Change]:
        """What rests for it; see `cooldowns.rest`. A request's own fault is nobody's failure."""
        account = self._accounts.get(credential.id)
        if not account or kind not in RULES:
            return []
        account.failures += 1
        key = "" if RULES[kind].scope == "account" else model
        found, new = account.rests.rested(key, now, kind, status, hint, jitter)
        changes = [Change(credential.provider, credential.id, key, found, new)]
        account.last_error = found.reason
        if kind in TRANSIENT and (whole := self._whole_provider(credential.provider, model, now)):
            found, new = self._provider(credential.provider).rested(whole, now, kind, status, hint, jitter)
            changes.append(Change(credential.provider, "", whole, found, new))
        return changes

    def _whole_provider(self, provider: str, model: str, now: float) -> str:
        """The model that a provider fails for with all of its accounts; "" where one may still work."""
        serving = self.serving(provider, model)
        blocking = [one.rests.blocking(model, now) for one in serving]
        return model if len(serving) > 1 and all(one and one.kind in TRANSIENT for one in blocking) else ""

    # -- what is known of them -------------------------------------------------------------

    def accounts(self, provider: str = "") -> list[Account]:
        """In the order of the configuration; of all providers where none is named."""
        return [one for one in self._accounts.values() if provider in ("", one.credential.provider)]

    def account(self, id: str) -> Account | None:
        return self._accounts.get(id)

    def obstacles(self, provider: str, model: str, now: float) -> Iterator[tuple[str, Rest]]:
        """Who rests, and why; of a provider that rests as a whole, only that."""
        if found := self._provider(provider).blocking(model, now):
            yield provider, found
            return
        for one in self.serving(provider, model):
            if rests := one.blocking(model, now):
                yield one.credential.id, rests

    def forget(self, credential: Credential, now: float) -> list[Change]:
        """All that rests of it and of its provider is over."""
        changes: list[Change] = []
        for id in ("", credential.id):
            rests = self.rests(credential.provider, id)
            changes += (Change(credential.provider, id, model, None, began=now) for model in rests.by_model)
            rests.by_model, rests.probes = {}, {}
        if account := self._accounts.get(credential.id):
            account.failures, account.last_error = 0, ""
        return changes

    def heard(self, credential: Credential, model: str) -> None:
        """An answer begins: others need not wait for its end."""
        if account := self._accounts.get(credential.id):
            account.rests.end(model)
        self._provider(credential.provider).end(model)

    def count(self, provider: str) -> int:
        return len(self.accounts(provider))

    def in_flight(self, id: str) -> int:
        return self._accounts[id].in_flight if id in self._accounts else 0

    def rests(self, provider: str, account: str = "") -> Rests:
        """Of one account, or of the provider as a whole; what they hold may be replaced by what others know."""
        found = self._accounts.get(account)
        return found.rests if found else self._provider(provider)

    def _provider(self, name: str) -> Rests:
        return self._providers.setdefault(name, Rests())


def _uncrowded(able: list[Account], preferred: str) -> Account | None:
    found = next((one for one in able if one.credential.id == preferred), None)
    least = min(one.in_flight for one in able)
    return found if found and found.in_flight < least + CROWD else None


def _with_new_secret(account: Account, credential: Credential) -> list[Change]:
    found = account.rests.by_model.get("")
    if account.credential.secret == credential.secret or not found or found.kind != "unauthorized":
        return []
    del account.rests.by_model[""]
    return [Change(credential.provider, credential.id, "", None, began=found.since)]


def _cleared(
    rests: Rests, credential: Credential, account: str, model: str, began: float, kinds: Iterable[Kind] = RULES
) -> Iterator[Change]:
    for key in {model, ""}:
        if (found := rests.by_model.get(key)) and found.since <= began and found.kind in kinds:
            del rests.by_model[key]
            rests.probes.pop(key, None)
            yield Change(credential.provider, account, key, None, began=began)
