"""`cliproxy flows`: what was recorded, looked at and put to use."""

from __future__ import annotations

import click

from ..lazy_group import LazyGroup

HERE = "cliproxy.cli.flows"
COMMANDS = {
    "list": (f"{HERE}.list", "One line for each recorded exchange."),
    "show": (f"{HERE}.show", "One exchange: conversation, client, provider, or what became of each field."),
    "diff": (f"{HERE}.diff", "In what two exchanges differ: asked, sent, answered."),
    "tree": (f"{HERE}.tree", "The conversations: turns, forks, sub-agents, compactions."),
    "stats": (f"{HERE}.stats", "Requests, tokens, cost and times by provider and model."),
    "stalls": (f"{HERE}.stalls", "Who was silent how long: provider, gateway, client."),
    "export": (f"{HERE}.export", "An exchange as curl, Python, HAR, VCR cassette or pytest test."),
    "redact": (f"{HERE}.redact", "Copies without secrets, of any flow file."),
    "audit": (f"{HERE}.audit", "Search for secrets; exit code 1 if there are any."),
    "bundle": (f"{HERE}.bundle", "A bug report: one exchange, pseudonymised, that can be replayed."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def flows() -> None:
    """Look at recorded exchanges, and put them to use.

    Recordings are written by `cliproxy run --record DIR`. Every command takes the file or folder to look into, by
    default the folder of the configuration (`record`), else ~/.cli-proxy-api/flows. An exchange is named by its id, the
    one in the header x-cliproxy-id and in the log, or the first letters of it; `last` is the newest.
    """
