"""Who answers for a model: explicit routes first, then custom providers' models, then the documented prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cliproxy.translators.formats import FORMATS

from .accounts.pool import Credential
from .providers import CUSTOM_KINDS, ROUTE_ONLY, by_prefix
from .settings import CredentialSettings, ProviderSettings, Route, Settings
from .upstreams import Upstream


class Routes:
    """A configuration, made ready to be asked. `replays`: recording folder → base URL of the server that replays it."""

    def __init__(self, settings: Settings, replays: Mapping[Path, str] = {}) -> None:
        self._settings = settings
        self._replays = replays
        self._upstreams = {name: self._upstream(provider) for name, provider in settings.providers.items()}
        self._routes = [(route, self._route(route, index)) for index, route in enumerate(settings.routes, 1)]

    def find(self, model: str) -> Upstream | None:
        """The provider for a model's name as the client wrote it."""
        for route, upstream in self._routes:
            if upstream and route.pattern.search(model):
                return upstream
        for name, provider in self._settings.providers.items():
            if provider.custom and model in provider.models:
                return self._upstreams[name]
        kind = by_prefix(model)
        if kind and kind.name in self._upstreams:
            return self._upstreams[kind.name]
        return next((self._upstreams[n] for n, p in self._settings.providers.items() if model in p.models), None)

    def credentials(self) -> Iterator[Credential]:
        """All credentials, under the name of the upstream that they are for."""
        for name, provider in self._settings.providers.items():
            for one in provider.credentials or (CredentialSettings(f"{name}-keyless"),):
                yield _credential(name, one)
        for route, upstream in self._routes:
            if upstream and upstream.name not in self._settings.providers:
                yield Credential(f"{upstream.name}-1", upstream.name, route.api_key)

    def upstreams(self) -> Iterable[Upstream]:
        yield from self._upstreams.values()
        yield from (u for _, u in self._routes if u and u.name not in self._upstreams)

    def _upstream(self, provider: ProviderSettings) -> Upstream:
        base_url = self._replays[provider.replay] if provider.replay in self._replays else provider.base_url
        formats = tuple(FORMATS[name] for name in provider.formats)
        return Upstream(
            provider.name, formats, base_url, provider.key_header, provider.key_prefix, models=provider.models
        )

    def _route(self, route: Route, index: int) -> Upstream | None:
        """A route with a base URL or a key of its own is an upstream of its own, with one credential."""
        known = self._upstreams.get(route.provider)
        if not route.base_url and not route.api_key:
            return known
        kind = CUSTOM_KINDS["openai"]
        formats = known.formats if known else tuple(FORMATS[name] for name in kind.formats)
        header, prefix = (known.key_header, known.key_prefix) if known else (kind.key_header, kind.key_prefix)
        base_url = route.base_url or (known.base_url if known else "")
        provider = "custom" if route.provider == ROUTE_ONLY else route.provider
        return Upstream(f"{provider}@route-{index}", formats, base_url, header, prefix)


def _credential(provider: str, one: CredentialSettings) -> Credential:
    headers = tuple(one.headers.items())
    return Credential(one.label, provider, one.key, one.base_url, headers, one.models)
