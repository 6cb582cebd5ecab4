"""`cliproxy addons-path`: where the addons are, for those who run mitmproxy themselves."""

from __future__ import annotations

from pathlib import Path

import click

from cliproxy import addons


def gateway_script() -> Path:
    """The file that mitmproxy's option -s takes."""
    return Path(next(iter(addons.__path__)), "gateway.py").resolve()


@click.command("addons-path")
def addons_path() -> None:
    """Print the path of the addons for mitmproxy -s.

    \b
    Example:
      mitmdump -n -s "$(cliproxy addons-path)" --set cliproxy_config=config.yaml
    """
    click.echo(gateway_script())
