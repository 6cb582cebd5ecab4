"""Which models can be reached: those the configuration names, those that providers list, else those that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cliproxy.translators.anthropic.models import model_of

from .model_info import ModelInfo
from .providers import KINDS, ProviderKind, by_prefix
from .settings import ProviderSettings, Settings

# The package of prices lists all that a maker sells; this is what no chat client can use, or only a price's name.
_NOT_FOR_CHAT = re.compile(
    r"image|audio|realtime|tts|transcri|translate|whisper|embedding|moderation|instruct|live|robotics|omni|banana"
    r"|search-api|gpt-oss|vision-\d|gemini-flash-1|gemini-pro-1|\.ft-|:"
)


_PATTERN = re.compile(r"^!|[*?\[]")
"""What a credential may serve or not, without being a model's name."""


def reachable(settings: Settings, listed: Mapping[str, tuple[ModelInfo, ...]] = {}) -> list[ModelInfo]:
    """Custom providers first, as in routing, then the others, then the aliases; each name once.

    `listed`: what providers say themselves, for those whose models the configuration doesn't name.
    """
    ordered = sorted(settings.providers.values(), key=lambda provider: not provider.custom)
    found = [model for provider in ordered for model in _models(provider, listed)]
    first: dict[str, ModelInfo] = {}
    for model in found:
        first.setdefault(model.id, model)
    for alias, target in settings.models.items():
        if target.provider in settings.providers:
            known = first.get(target.model) or ModelInfo(target.model, target.provider)
            first.setdefault(alias, replace(known, id=alias, provider=target.provider, name=""))
    return [_complete(model, settings) for model in first.values()]


def _models(provider: ProviderSettings, listed: Mapping[str, tuple[ModelInfo, ...]]) -> Iterator[ModelInfo]:
    serving = (model for each in provider.credentials for model in each.models if not _PATTERN.search(model))
    named = provider.models or tuple(serving)
    kind = KINDS.get(provider.name)
    if not named and provider.name in listed:
        yield from listed[provider.name]
        return
    if not named and kind:
        named = tuple(_catalogue(kind)) if kind.catalogue else kind.known_models
    yield from (ModelInfo(model, provider.name) for model in named)


def _catalogue(kind: ProviderKind) -> Iterator[str]:
    for provider in _prices().providers:
        if provider.id == kind.catalogue:
            yield from (
                model.id
                for model in provider.models
                if model.id.startswith(kind.prefixes) and not model.deprecated and not _NOT_FOR_CHAT.search(model.id)
            )


def _complete(model: ModelInfo, settings: Settings) -> ModelInfo:
    """With the limits that the provider did not say, where the data of the price list or our own tables have them."""
    alias = settings.models.get(model.id)
    name = alias.model if alias else model.id
    context = model.context or _context(model.provider, name)
    output = model.output or (model_of(name).output if name.startswith("claude-") else None)
    return replace(model, context=context, output=output)


def _context(provider: str, model: str) -> int | None:
    kind = KINDS.get(provider) if provider in KINDS and KINDS[provider].catalogue else by_prefix(model)
    if not kind or not kind.catalogue:
        return None
    try:
        found: int | None = _prices().find_provider_model(model, None, kind.catalogue, None)[1].context_window
    except LookupError:
        return None
    return found


def _prices() -> Any:
    from genai_prices.data_snapshot import get_snapshot  # a second of imports; the data lies in the package

    return get_snapshot()
