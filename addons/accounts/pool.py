"""Which credential serves the next attempt. Decisions only: no I/O, no clock, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

type Outcome = Literal["ok", "request_fault", "failed", "cancelled"]
"""How an attempt ended. `request_fault`: the client's own error, nothing against the credential."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One key or account. `id` is its label in logs and flows; `secret` "" stands for a provider that asks for none."""

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


@dataclass(slots=True)
class State:
    """How a credential fares. `last_used`: the number of the acquisition, for a strict rotation."""

    in_flight: int = 0
    last_used: int = 0
    failures: int = 0


type Strategy = Callable[[Sequence[tuple[Credential, State]]], tuple[Credential, State]]

STRATEGIES: dict[str, Strategy] = {
    "round-robin": lambda able: min(able, key=lambda one: one[1].last_used),
    "fill-first": lambda able: able[0],
    "least-connections": lambda able: min(able, key=lambda one: (one[1].in_flight, one[1].last_used)),
}


class Pool:
    """The credentials of all providers, in the order of the configuration."""

    def __init__(self, credentials: Iterable[Credential], strategy: str = "round-robin") -> None:
        self._states = {credential: State() for credential in credentials}
        self._choose = STRATEGIES[strategy]
        self._acquired = 0

    def __repr__(self) -> str:
        states = (f"{c.id}: {s.in_flight} in flight, {s.failures} failed" for c, s in self._states.items())
        return f"<Pool {'; '.join(states)}>"

    def able(self, provider: str, model: str, now: float, tried: Iterable[str] = ()) -> list[Credential]:
        """The credentials that could serve this model at `now` (epoch seconds), without those already tried."""
        return [
            credential
            for credential in self._states
            if credential.provider == provider
            and credential.id not in tried
            and (not credential.models or model in credential.models)
        ]

    def acquire(self, provider: str, model: str, now: float, tried: Iterable[str] = ()) -> Credential | None:
        """The credential for one attempt, to be released when it ends; None when there is none left to try."""
        able = self.able(provider, model, now, tried)
        if not able:
            return None
        chosen, state = self._choose([(credential, self._states[credential]) for credential in able])
        self._acquired += 1
        state.in_flight += 1
        state.last_used = self._acquired
        return chosen

    def release(self, credential: Credential, now: float, outcome: Outcome, retry_after: float | None = None) -> None:
        """Tell how the attempt ended; `retry_after`: seconds that the provider asked to wait."""
        if state := self._states.get(credential):
            state.in_flight -= 1
            state.failures = state.failures + 1 if outcome == "failed" else 0

    def count(self, provider: str) -> int:
        return sum(credential.provider == provider for credential in self._states)

    def in_flight(self, id: str) -> int:
        return next((state.in_flight for credential, state in self._states.items() if credential.id == id), 0)
