"""Which models the configuration can reach: those it names, and for providers without a list those that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .providers import KINDS, ProviderKind
from .settings import ProviderSettings, Settings

# The package of prices lists all that a maker sells; this is what no chat client can use, or only a price's name.
_NOT_FOR_CHAT = re.compile(
    r"image|audio|realtime|tts|transcri|translate|whisper|embedding|moderation|instruct|live|robotics|omni|banana"
    r"|search-api|gpt-oss|vision-\d|gemini-flash-1|gemini-pro-1|\.ft-|:"
)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """`id`: the name that a client asks for."""

    id: str
    provider: str


def reachable(settings: Settings) -> list[ModelInfo]:
    """Custom providers first, as in routing, then the others, then the aliases; each name once."""
    ordered = sorted(settings.providers.values(), key=lambda provider: not provider.custom)
    found = [ModelInfo(model, provider.name) for provider in ordered for model in _models(provider)]
    found += [
        ModelInfo(alias, target.provider)
        for alias, target in settings.models.items()
        if target.provider in settings.providers
    ]
    first: dict[str, ModelInfo] = {}
    for model in found:
        first.setdefault(model.id, model)
    return list(first.values())


def _models(provider: ProviderSettings) -> Iterator[str]:
    listed = provider.models or tuple(model for each in provider.credentials for model in each.models)
    kind = KINDS.get(provider.name)
    if listed or kind is None:
        yield from listed
    elif kind.catalogue:
        yield from _catalogue(kind)
    else:
        yield from kind.known_models


def _catalogue(kind: ProviderKind) -> Iterator[str]:
    from genai_prices.data_snapshot import get_snapshot  # a second of imports; the data lies in the package

    for provider in get_snapshot().providers:
        if provider.id == kind.catalogue:
            yield from (
                model.id
                for model in provider.models
                if model.id.startswith(kind.prefixes) and not model.deprecated and not _NOT_FOR_CHAT.search(model.id)
            )
