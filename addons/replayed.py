"""The configuration in which recordings take the providers' place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .providers import KINDS
from .recorded_answers import Answer, answers_of
from .settings import IN_MEMORY, ProviderSettings, ReplaySettings, Route, Settings, State

ANY = ("openai", "anthropic", "gemini")
"""Where nothing is recorded yet these answer, if only to say so."""


def replayed(replay: ReplaySettings, settings: Settings | None = None) -> Settings:
    """Every provider that is recorded, and every one that is configured, answers from the recordings.

    Raises `ConfigError` for a folder of no use.
    Without `settings` there is no client key: it listens on loopback only.
    """
    base = settings or Settings(state=State(IN_MEMORY))
    configured = {name: _replaying(one, replay) for name, one in base.providers.items()}
    if replay.missing == "ask":
        return replace(base, providers=configured)
    known = {one.name: one for one in _recorded(answers_of(replay), replay)}
    routes = tuple(_rerouted(route, replay) for route in base.routes)
    return replace(base, providers={**known, **configured}, routes=routes)


def _replaying(one: ProviderSettings, replay: ReplaySettings) -> ProviderSettings:
    """No key is needed then, so none is kept."""
    return replace(one, replay=replay, credentials=one.credentials if replay.missing == "ask" else ())


def _rerouted(route: Route, replay: ReplaySettings) -> Route:
    return replace(route, upstream=_replaying(route.upstream, replay)) if route.upstream else route


def _recorded(answers: Iterable[Answer], replay: ReplaySettings) -> Iterable[ProviderSettings]:
    """The providers that answered then, with the models that they were asked for."""
    models: dict[str, dict[str, None]] = {}
    formats: dict[str, dict[str, None]] = {}
    for one in answers:
        name = one.provider or next(kind.name for kind in KINDS.values() if one.asked.format in kind.formats)
        models.setdefault(name, {})[one.asked.model] = None
        formats.setdefault(name, {})[one.asked.format] = None
    for name in models or ANY:
        custom = name not in KINDS
        spoken = tuple(formats[name]) if custom else KINDS[name].formats
        listed = tuple(model for model in models.get(name, ()) if model)
        yield ProviderSettings(name, spoken, models=listed, replay=replay, custom=custom)
