"""`cliproxy version`: which cliproxy, mitmproxy and Python run here."""

from __future__ import annotations

import platform
from importlib import metadata

import click


@click.command()
def version() -> None:
    """Print the versions of cliproxy, mitmproxy and Python."""
    for package in ("cliproxy", "mitmproxy"):
        click.echo(f"{package} {metadata.version(package)}")
    click.echo(f"python {platform.python_version()}")
