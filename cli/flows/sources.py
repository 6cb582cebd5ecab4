"""Which recordings are meant: a file, a folder, or those of the configuration; and one exchange among them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from mitmproxy.exceptions import FlowReadException

from cliproxy.addons import recordings
from cliproxy.addons.recordings import Recorded
from cliproxy.addons.settings import STATE_FOLDER
from cliproxy.addons.settings_load import ConfigError, find, load

from ..faults import Fault

LAST = "last"

path_argument = click.argument("path", required=False, metavar="[FILE|DIR]")
from_option = click.option("--from", "path", metavar="FILE|DIR", help="Where it is recorded. Default: see `flows -h`.")
id_argument = click.argument("id", metavar="ID")
json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON instead of text.")


def default_folder() -> Path:
    """Where the configuration records to, if there is a configuration that says so."""
    try:
        record = load(find(None, os.environ, Path(), Path.home()), os.environ).settings.record
    except ConfigError:
        record = None
    return record or Path.home() / STATE_FOLDER / "flows"


def files(path: str | None) -> list[Path]:
    """Raises Fault where there is nothing."""
    at = Path(path).expanduser() if path else default_folder()
    if at.is_file():
        return [at]
    if not at.is_dir():
        hint = "" if path else "; record with `cliproxy run --record DIR`, or name a file or folder"
        raise Fault(f"There are no recordings at {at}: no such file or folder{hint}.")
    if found := recordings.files(at):
        return found
    raise Fault(f"There are no recordings in {at}: no file there ends in {recordings.SUFFIX}.")


def exchanges(path: str | None) -> Iterator[Recorded]:
    """All of them, oldest file first. Raises Fault for a file that is none."""
    for file in files(path):
        try:
            yield from recordings.read(file)
        except (OSError, FlowReadException) as fault:
            raise Fault(f"{file} is no recording that can be read: {fault}") from None


def exchange(id: str, path: str | None) -> Recorded:
    """The one whose id begins so, or the newest. A file's name stands for the exchange in it. Raises Fault."""
    if not path and Path(id).is_file():
        id, path = LAST, id
    found = list(exchanges(path))
    if id == LAST:
        return max(found, key=lambda one: one.began)
    able = {one.id: one for one in found if one.id.startswith(id)}
    if id in able or len(able) == 1:
        return able.get(id) or next(iter(able.values()))
    where = path or default_folder()
    if able:
        raise Fault(f"{id} is the beginning of several ids in {where}: {', '.join(sorted(able)[:5])}.")
    raise Fault(f"There is no exchange {id} in {where}; `cliproxy flows list` names those there are.")


def say(value: Any, as_json: bool, text: Callable[[], str]) -> None:
    """`value` for programs, `text` for people."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text().rstrip("\n"))


def table(rows: list[list[str]], right: frozenset[int] = frozenset()) -> str:
    """Columns of even width; the last one is as wide as it is. `right`: those that hold numbers."""
    if not rows:
        return ""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = (
        "  ".join(cell.rjust(widths[n]) if n in right else cell.ljust(widths[n]) for n, cell in enumerate(row))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
