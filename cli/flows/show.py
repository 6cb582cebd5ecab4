"""`cliproxy flows show`: one exchange, in one of the four ways that mitmweb shows it too."""

from __future__ import annotations

import click

from cliproxy.addons import pages

from .sources import exchange, from_option, id_argument, json_option, say
from .summary import summary


@click.command("show")
@id_argument
@from_option
@click.option(
    "--as",
    "view",
    type=click.Choice([title.lower() for title in pages.PAGES]),
    default="conversation",
    help="The way to look at it. Default: conversation.",
)
@json_option
def command(id: str, path: str | None, view: str, as_json: bool) -> None:
    """One exchange: conversation, client, provider, or what became of each field.

    \b
    Examples:
      cliproxy flows show last
      cliproxy flows show 1a2b3c4d --as explain
    """
    one = exchange(id, path)
    text = pages.page(one, view)
    say({**summary(one).json(), "view": view, "text": text}, as_json, lambda: text)
