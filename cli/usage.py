"""`cliproxy usage`: what was used and what it may have cost, read from the state that the gateway keeps."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import click

from cliproxy.addons.settings_load import ConfigError
from cliproxy.addons.usage import report
from cliproxy.addons.usage.counts import Key
from cliproxy.addons.usage.report import DIMENSIONS, Question

from .config_option import config_option, configured_or_default
from .faults import Fault

HEADS = {"cost_usd": "cost (est.)", "cache_read": "cached", "cache_write": "cache written"}


@click.command()
@click.option("--by", type=click.Choice(DIMENSIONS), default="model", help="What the lines are for. Default: model.")
@click.option("--since", metavar="SPAN|DAY", help="24h, 7d, or a day such as 2026-01-31 (UTC). Default: for ever.")
@click.option("--format", "shape", type=click.Choice(("table", "json", "csv")), default="table", help="Default: table.")
@config_option
def usage(by: str, since: str | None, shape: str, config: str | None) -> None:
    """Show what was used, and about what it cost.

    \b
    Examples:
      cliproxy usage --by client --since 7d
      cliproxy usage --by day --since 30d --format csv > usage.csv
    """
    now = time.time()
    try:
        question = Question(by, report.since(since, now) if since else None)
    except ValueError as fault:
        raise Fault(f"--since {fault}.") from None
    found = asyncio.run(_counted(configured_or_default(config).state.url, question, now))
    click.echo(_SHAPES[shape](found, question).rstrip("\n"))


async def _counted(url: str, question: Question, now: float) -> list[tuple[Key, report.Sums]]:
    from cliproxy.addons.state.shared import opened

    try:
        store = opened(url)
    except ConfigError as fault:
        raise Fault(*fault.errors) from None
    try:
        found = await report.counters(store, question, now)
        if store.degraded:
            raise Fault(store.degraded.partition(";")[0] + ".")
        return found
    finally:
        await store.close()


def table(found: list[tuple[Key, report.Sums]], question: Question) -> str:
    """Columns that are 0 everywhere are left out; the last line is the sum."""
    lines = [*report.rows(found, question.by), {question.by: "total", **report.row(report.total(found))}]
    if len(lines) == 1:
        return "Nothing was counted."
    shown = [name for name in lines[-1] if name in (question.by, "requests", "cost_usd") or lines[-1][name]]
    cells = [
        [HEADS.get(name, name) for name in shown],
        *([_cell(name, line) for name in shown] for line in lines),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_aligned(row, widths) for row in cells)


def _cell(name: str, line: Mapping[str, Any]) -> str:
    value = line[name]
    if name == "cost_usd":
        return "-" if line["unpriced"] and not value else f"${value:,.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value) or "-"


def _aligned(row: list[str], widths: list[int]) -> str:
    """The name to the left, numbers to the right."""
    first, *rest = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]).rstrip()


def _json(found: list[tuple[Key, report.Sums]], question: Question) -> str:
    return json.dumps(report.document(found, question), indent=2)


def _csv(found: list[tuple[Key, report.Sums]], question: Question) -> str:
    return report.as_csv(found, question.by)


_SHAPES = {"table": table, "json": _json, "csv": _csv}
