"""The option --config, and the configuration that it leads to."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import ConfigError, Loaded, find, load, parse

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


def configured_or_default(config: str | None) -> Settings:
    """The settings, or the defaults where no file is named and none is there. Raises Fault."""
    if not config and not os.environ.get("CONFIG_FILE"):
        try:
            find(None, os.environ, Path(), Path.home())
        except ConfigError:
            return parse("", os.environ).settings
    return configured(config)[1].settings
