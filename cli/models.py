"""`cliproxy models`: the models that the configuration can reach."""

from __future__ import annotations

import click

from .config_option import config_option, configured


@click.command()
@config_option
def models(config: str | None) -> None:
    """List the models that clients may ask for.

    Each with the provider that answers. A provider without a list of its own in the configuration may serve
    more than are known here: any name with its prefix reaches it.
    """
    from cliproxy.addons.model_list import reachable  # its prices take a second to import

    _, loaded = configured(config)
    found = reachable(loaded.settings)
    width = max((len(model.id) for model in found), default=0)
    for model in found:
        click.echo(f"{model.id:<{width}}  {model.provider}")
    if not found:
        click.echo("No model can be reached: no provider is configured; `cliproxy check` says why.", err=True)
