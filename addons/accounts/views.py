"""How each credential fares, as it is shown: plain values without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .cooldowns import RULES, Rest, Rests, Scope
from .pool import Account, Pool


@dataclass(frozen=True, slots=True)
class RestView:
    """`model` "": all of them. `until`: epoch seconds."""

    scope: Scope
    model: str
    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """`failures` in a row. `quota` None: not limited; then `quota_used` is 0 and `quota_until` too."""

    id: str
    provider: str
    disabled: bool
    in_flight: int
    failures: int
    last_error: str
    quota: int | None
    quota_used: int
    quota_until: float
    resting: tuple[RestView, ...]

    @property
    def resting_until(self) -> float:
        """When the last of its rests ends; 0 where it does not rest."""
        return max((rest.until for rest in self.resting), default=0.0)


def views(pool: Pool, now: float) -> list[AccountView]:
    """In the order of the configuration."""
    return [_view(account, pool.rests(account.credential.provider), now) for account in pool.accounts()]


def _view(account: Account, provider: Rests, now: float) -> AccountView:
    credential = account.credential
    limited = credential.quota is not None
    return AccountView(
        id=credential.id,
        provider=credential.provider,
        disabled=account.disabled,
        in_flight=account.in_flight,
        failures=account.failures,
        last_error=account.last_error,
        quota=credential.quota,
        quota_used=int(account.used_at(now)) if limited else 0,
        quota_until=credential.turn_of_window(now) if limited else 0.0,
        resting=(*_resting(account, now), *_shown(provider.by_model.items(), now, "provider")),
    )


def _resting(account: Account, now: float) -> Iterator[RestView]:
    if over := account.quota_rest(now):
        yield RestView("account", "", over.until, over.reason)
    yield from _shown(account.rests.by_model.items(), now)


def _shown(rests: Iterable[tuple[str, Rest]], now: float, scope: Scope | None = None) -> Iterator[RestView]:
    for model, rest in rests:
        if now < rest.until:
            yield RestView(scope or RULES[rest.kind].scope, model, rest.until, rest.reason)
