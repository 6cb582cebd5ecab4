"""The option --config, and the configuration that it leads to."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cliproxy.addons.settings_load import ConfigError, Loaded, find, load

from .faults import Fault

config_option = click.option(
    "-c",
    "--config",
    metavar="FILE",
    help="The configuration. Default: $CONFIG_FILE, else ./config.yaml, else ~/.cli-proxy-api/config.yaml.",
)


def configured(config: str | None) -> tuple[Path, Loaded]:
    """The file and what it says. Raises Fault with all that is wrong with it."""
    try:
        path = find(config, os.environ, Path(), Path.home())
        return path, load(path, os.environ)
    except ConfigError as error:
        raise Fault(*error.errors) from None
