"""`cliproxy flows export`: an exchange in the shape of other tools."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from cliproxy.addons.recordings import Recorded

from ..faults import Fault
from .exports.cassette import cassette
from .exports.curl import curl
from .exports.har import har
from .exports.portable import Side, portable
from .exports.pytest_file import pytest_file
from .exports.python_file import python_file
from .sources import exchange, from_option, id_argument

SHAPES: dict[str, Callable[[Recorded, Side], str]] = {
    "curl": lambda one, side: curl(portable(one, side)),
    "python": lambda one, side: python_file(portable(one, side)),
    "har": lambda one, side: har(one),
    "cassette": lambda one, side: cassette(portable(one, side)),
    "pytest": lambda one, side: pytest_file(one, portable(one, "client")),
}


@click.command("export")
@id_argument
@from_option
@click.option("--to", "shape", type=click.Choice(list(SHAPES)), required=True, help="What it becomes.")
@click.option(
    "--side",
    type=click.Choice(["client", "provider"]),
    default="client",
    help="As the client asked the gateway, or as the gateway asked the provider. A HAR holds both. Default: client.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write. Default: standard output.")
def command(id: str, path: str | None, shape: str, side: Side, output: Path | None) -> None:
    """An exchange as curl, Python, HAR, VCR cassette or pytest test.

    No export holds a key: curl and Python read it from a variable that they name, CLIPROXY_KEY for the gateway
    (whose address is in CLIPROXY_URL), or that of the provider.

    \b
    Examples:
      cliproxy flows export last --to curl | sh
      cliproxy flows export 1a2b3c4d --to pytest -o test_exchange.py
    """
    made = SHAPES[shape](exchange(id, path), side).encode("utf-8", "surrogateescape")
    if not output:
        sys.stdout.buffer.write(made)
        return
    try:
        output.write_bytes(made)
    except OSError as fault:
        raise Fault(f"{output} cannot be written: {(fault.strerror or 'unknown reason').lower()}.") from None
    click.echo(f"Wrote {output}.")
