"""`cliproxy addons-path`: where the addons are, for those who run mitmproxy themselves."""

from __future__ import annotations

from pathlib import Path

import click

from cliproxy import addons


def gateway_script() -> Path:
    """The file that mitmproxy's option -s takes."""
    return _script("gateway.py")


def _script(name: str) -> Path:
    return Path(next(iter(addons.__path__)), name).resolve()


@click.command("addons-path")
@click.option("--views", is_flag=True, help="The views alone, to look at recordings with plain mitmproxy.")
def addons_path(views: bool) -> None:
    """Print the path of the addons for mitmproxy -s.

    \b
    Examples:
      mitmdump -n -s "$(cliproxy addons-path)" --set cliproxy_config=config.yaml
      mitmweb -n -s "$(cliproxy addons-path --views)" -r recorded.flow
    """
    click.echo(_script("views.py") if views else gateway_script())
