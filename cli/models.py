"""`cliproxy models`: the models that can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

import click

from cliproxy.addons.accounts import token_files
from cliproxy.addons.accounts.as_credentials import with_accounts
from cliproxy.addons.model_info import ModelInfo
from cliproxy.addons.settings import Settings

from .config_option import config_option, configured


@click.command()
@config_option
@click.option("--offline", is_flag=True, help="Ask no provider: what the configuration says, and what is known.")
def models(config: str | None, offline: bool) -> None:
    """List the models that clients may ask for.

    Each with the provider that answers, and its context window and longest answer in tokens, where they are known.
    Providers whose models the configuration doesn't name are asked for their lists, as GET /v1/models does.
    """
    from cliproxy.addons.model_list import reachable  # its prices take a second to import

    _, loaded = configured(config)
    settings = with_accounts(loaded.settings, token_files.read_all(loaded.settings.auth.dir)[0])
    for line in table(reachable(settings, {} if offline else asyncio.run(listed(settings)))):
        click.echo(line)


async def listed(settings: Settings) -> Mapping[str, tuple[ModelInfo, ...]]:
    """What the providers say themselves; those that say nothing are named on standard error."""
    from cliproxy.addons.model_fetch import ModelLists
    from cliproxy.addons.routes import Routes

    lists = ModelLists()
    lists.use(settings, Routes(settings))
    asked = lists.due(time.time())
    await lists.refresh(asked)
    for name in sorted({one.name for one in asked} - lists.known().keys()):
        click.echo(f"{name} gave no list of its models; shown is what is known of it.", err=True)
    return lists.known()


def table(found: Iterable[ModelInfo]) -> Iterable[str]:
    rows = [(one.id, one.provider, str(one.context or ""), str(one.output or "")) for one in found]
    if not rows:
        click.echo("No model can be reached: no provider is configured; `cliproxy check` says why.", err=True)
        return
    rows = [("model", "provider", "context", "answer"), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for id, provider, context, output in rows:
        yield f"{id:<{widths[0]}}  {provider:<{widths[1]}}  {context:>{widths[2]}}  {output:>{widths[3]}}".rstrip()
