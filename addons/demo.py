"""The configuration of ``cliproxy run --demo``: every provider is played from the recordings that ship with us."""

from __future__ import annotations

from pathlib import Path

from .providers import KINDS
from .settings import IN_MEMORY, ProviderSettings, ReplaySettings, Settings, State

FLOWS = Path(__file__).parents[1] / "flows"
MODELS = {
    "openai": ("gpt-5", "gpt-4o", "gpt-3.5-turbo-instruct"),
    "anthropic": ("claude-sonnet-4-5", "claude-haiku-4-5"),
    "gemini": ("gemini-2.5-pro", "gemini-2.5-flash"),
}


def demo_settings() -> Settings:
    """No key, no account, no network: loopback only, so no client key is asked for either."""
    providers = {name: _replayed(name, models) for name, models in MODELS.items()}
    return Settings(providers=providers, state=State(IN_MEMORY))


def _replayed(name: str, models: tuple[str, ...]) -> ProviderSettings:
    kind, replay = KINDS[name], ReplaySettings(FLOWS / "demo", match="nearest")
    return ProviderSettings(name, kind.formats, kind.key_header, kind.key_prefix, models=models, replay=replay)
