"""`cliproxy flows list`: one line for each recorded exchange."""

from __future__ import annotations

from datetime import datetime

import click

from .sources import exchanges, json_option, path_argument, say, table
from .summary import Summary, dollars, number, seconds, summary

HEAD = ["time", "id", "asked for", "answered by", "status", "in", "out", "cost", "took", "lost or failed"]


@click.command("list")
@path_argument
@json_option
def command(path: str | None, as_json: bool) -> None:
    """One line for each recorded exchange.

    Oldest first.
    """
    found = [summary(one) for one in exchanges(path)]
    say([one.json() for one in found], as_json, lambda: table([HEAD, *map(_row, found)], frozenset({5, 6, 7, 8})))


def _row(one: Summary) -> list[str]:
    began = datetime.fromtimestamp(one.began).strftime("%Y-%m-%d %H:%M:%S")
    by = f"{one.provider}/{one.model}" if one.provider else ""
    told = f"lost: {', '.join(one.lost)}" if one.lost else one.error
    counts = [number(one.input), number(one.output), dollars(one.cost), seconds(one.seconds)]
    return [began, one.id, one.asked, by, str(one.status or "none"), *counts, told]
