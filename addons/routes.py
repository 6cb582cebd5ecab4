"""Who answers for a model: explicit routes first, then custom providers' models, then the documented prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cliproxy.translators.formats import FORMATS

from .accounts.pool import Credential
from .providers import by_prefix
from .settings import CredentialSettings, ProviderSettings, ReplaySettings, Settings
from .upstreams import Upstream


class Routes:
    """A configuration, made ready to be asked. `replays`: base URL of the server that replays it."""

    def __init__(self, settings: Settings, replays: Mapping[ReplaySettings, str] = {}) -> None:
        self._settings = settings
        self._upstreams = {one.name: _upstream(one, replays) for one in settings.upstreams()}

    def find(self, model: str) -> Upstream | None:
        """The provider for a model's name as the client wrote it."""
        for route in self._settings.routes:
            if route.upstream and route.pattern.search(model):
                return self._upstreams[route.upstream.name]
        name = next((n for n, p in self._settings.providers.items() if p.custom and model in p.models), None)
        kind = by_prefix(model)
        if name is None and kind and kind.name in self._upstreams:
            name = kind.name
        if name is None:
            name = next((n for n, provider in self._settings.providers.items() if model in provider.models), None)
        return self._upstreams[name] if name else None

    def credentials(self) -> Iterator[Credential]:
        """All credentials, under the name of the upstream that they are for."""
        for one in self._settings.upstreams():
            for credential in one.credentials or (CredentialSettings(f"{one.name}-keyless"),):
                yield _credential(one, credential)

    def upstreams(self) -> Iterable[Upstream]:
        return self._upstreams.values()


def _upstream(one: ProviderSettings, replays: Mapping[ReplaySettings, str]) -> Upstream:
    base_url = replays.get(one.replay, one.base_url) if one.replay and one.recorded_only else one.base_url
    formats = tuple(FORMATS[name] for name in one.formats)
    return Upstream(one.name, formats, base_url, one.key_header, one.key_prefix)


def _credential(provider: ProviderSettings, one: CredentialSettings) -> Credential:
    # A replayed provider is where the recordings are served, whatever its credentials' own URL says.
    base_url = "" if provider.recorded_only else one.base_url
    return Credential(one.label, provider.name, one.key, base_url, tuple(one.headers.items()), one.models)
