"""`cliproxy check`: whether the configuration is good, and what it amounts to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cliproxy.addons.accounts import token_files
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import Loaded

from . import preflight
from .config_option import config_option, configured


@click.command()
@config_option
def check(config: str | None) -> None:
    """Validate the configuration.

    Prints what it amounts to, or tells all that is wrong at once, one line each, with the file's line and the
    option's path; the exit code is then 2.
    """
    path, loaded = configured(config)
    preflight.check_certificate(loaded.settings)
    for line in summary(path, loaded):
        click.echo(line)


def summary(path: Path, loaded: Loaded) -> Iterator[str]:
    settings = loaded.settings
    yield f"{path} is valid."
    scheme = "https" if settings.tls.enabled else "http"
    yield f"  address:      {scheme}://{_bracketed(settings.host)}:{settings.port}"
    yield f"  client keys:  {len(settings.auth.api_keys)}"
    yield f"  providers:    {_providers(settings) or 'none'}"
    yield f"  accounts:     {', '.join(one.id for one in token_files.read_all(settings.auth.dir)[0]) or 'none'}"
    yield f"  routes:       {len(settings.routes)}"
    yield f"  strategy:     {settings.load_balance.strategy}"
    yield from (f"  note: {note}" for note in loaded.notes)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _providers(settings: Settings) -> str:
    return ", ".join(f"{name} ({_count(len(each.credentials))})" for name, each in settings.providers.items())


def _count(number: int) -> str:
    return f"{number} credential{'' if number == 1 else 's'}"
