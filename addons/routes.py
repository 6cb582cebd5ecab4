"""Who answers for a model: explicit routes first, then custom providers' models, then the documented prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cliproxy.translators.formats import FORMATS

from .accounts.pool import Credential
from .doors.table import door
from .model_info import ModelInfo
from .providers import ACCOUNT_DOORS, KINDS, AccountDoor, by_prefix, default_base_url
from .settings import CredentialSettings, DoorSettings, ProviderSettings, ReplaySettings, Settings
from .upstreams import Upstream


class Routes:
    """A configuration, made ready to be asked. `replays`: base URL of the server that replays it."""

    def __init__(self, settings: Settings, replays: Mapping[ReplaySettings, str] = {}) -> None:
        self._settings = settings
        self._credentials = tuple(_configured(settings))
        self._upstreams = {one.name: _upstream(one, replays) for one in settings.upstreams()}
        self._learned: Mapping[str, frozenset[str]] = {}
        self._doors = {one.name: _account_door(one, settings) for one in ACCOUNT_DOORS.values()}

    def find(self, model: str) -> Upstream | None:
        """The provider for a model's name as the client wrote it."""
        chosen = next(self._rules(model), None)
        return self._entered(chosen[0]) if chosen else None

    def why(self, name: str) -> str:
        """The rule that `resolve` follows for this name, in words."""
        if name in self._settings.models:
            return f"the alias {name}"
        return next((why for _, why in self._rules(name)), "")

    def _rules(self, model: str) -> Iterator[tuple[str, str]]:
        """The providers that may serve a model, and why; the first one does."""
        for route in self._settings.routes:
            if route.upstream and route.pattern.search(model):
                yield route.upstream.name, f"the route {route.pattern.pattern}"
        listing = {name: one for name, one in self._settings.providers.items() if model in one.models}
        yield from ((name, f"the models of {name}") for name, one in listing.items() if one.custom)
        if (kind := by_prefix(model)) and kind.name in self._upstreams:
            yield kind.name, f"the beginning of its name, as {kind.name}'s models are called"
        yield from ((name, f"the models of {name}") for name in listing)
        learned = (name for name, models in self._learned.items() if model in models and name in self._upstreams)
        yield from ((name, f"the models that {name} itself lists") for name in learned)

    def resolve(self, name: str) -> tuple[Upstream, str] | None:
        """Who answers, and as which model, for an alias or a model's own name."""
        if alias := self._settings.models.get(name):
            return (self._entered(alias.provider), alias.model) if alias.provider in self._upstreams else None
        upstream = self.find(name)
        return (upstream, name) if upstream else None

    def fallbacks(self, *names: str) -> list[str]:
        """The models to try when the one of these names can't be served: those of the first that has any."""
        return next((list(found) for name in names if (found := self._settings.fallbacks.get(name))), [])

    def learn(self, models: Mapping[str, Iterable[ModelInfo]]) -> None:
        """What providers say that they have: where no rule and no prefix decides, a model is theirs who lists it."""
        self._learned = {name: frozenset(model.id for model in listed) for name, listed in models.items()}

    def _entered(self, provider: str) -> Upstream:
        """The door that all credentials of the provider go through; where they differ, each attempt finds its own."""
        doors = {one.upstream for one in self._credentials if one.provider == provider}
        return (self._doors.get(doors.pop()) if len(doors) == 1 else None) or self._upstreams[provider]

    def credentials(self) -> Iterable[Credential]:
        """All credentials, under the name of the provider that they are for."""
        return self._credentials

    def upstreams(self) -> Iterable[Upstream]:
        return self._upstreams.values()

    def entrance(self, credential: Credential) -> Upstream | None:
        """Where this credential is let in: its account's door, else its provider as configured."""
        return self._doors.get(credential.upstream) or self._upstreams.get(credential.provider)


def _configured(settings: Settings) -> Iterator[Credential]:
    for one in settings.upstreams():
        for credential in one.credentials or (CredentialSettings(f"{one.name}-keyless"),):
            # A service account is one of those that sign in; without a token there is nothing to be let in by.
            if credential.key or credential.door or not one.service_account:
                yield _credential(one, credential)


def _account_door(one: AccountDoor, settings: Settings) -> Upstream:
    own, provider = settings.doors.get(one.name, DoorSettings()), settings.providers.get(one.provider)
    location = provider.location if provider else ""
    base_url = own.base_url or one.base_url or (provider.base_url if provider else "")
    return Upstream(
        one.name,
        tuple(FORMATS[name] for name in one.formats),
        base_url or default_base_url(KINDS[one.provider], location),
        provider=one.provider,
        door=door(one.name),
        headers=tuple({**dict(one.headers), **own.headers}.items()),
        project=provider.project if provider else "",
        location=location,
    )


def _upstream(one: ProviderSettings, replays: Mapping[ReplaySettings, str]) -> Upstream:
    base_url = replays.get(one.replay, one.base_url) if one.replay and one.recorded_only else one.base_url
    formats = tuple(FORMATS[name] for name in one.formats)
    return Upstream(
        one.name,
        formats,
        base_url,
        one.key_header,
        one.key_prefix,
        door=door(one.kind or one.name),
        project=one.project,
        location=one.location,
    )


def _credential(provider: ProviderSettings, one: CredentialSettings) -> Credential:
    # A replayed provider is where the recordings are served, whatever its credentials' own URL says.
    base_url = "" if provider.recorded_only else one.base_url
    return Credential(
        one.label,
        provider.name,
        one.key,
        base_url,
        tuple(one.headers.items()),
        one.models,
        "" if provider.recorded_only else one.door,
        one.project,
        proxy="" if provider.recorded_only else one.proxy,
        quota=one.quota,
        window=one.quota_window,
        weight=one.weight,
        priority=one.priority,
    )
