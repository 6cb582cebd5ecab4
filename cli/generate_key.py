"""`cliproxy generate-key`: a client key that nobody can guess."""

from __future__ import annotations

import secrets

import click

PREFIX = "sk-cliproxy-"


def new_key() -> str:
    """256 random bits; the prefix lets secret scanners find a key that got out."""
    return PREFIX + secrets.token_urlsafe(32)


@click.command("generate-key")
def generate_key() -> None:
    """Print a new client key. It works once it stands under auth.api-keys in the configuration."""
    click.echo(new_key())
