"""How a command ends when something of the user's is wrong: plain lines on stderr, exit code 2, no traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

import click


class Fault(click.ClickException):
    """One clear sentence, or one line for each thing that is wrong."""

    exit_code = 2

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))

    def show(self, file: IO[Any] | None = None) -> None:
        say_all(self.lines, file)


def say_all(lines: Iterable[str], file: IO[Any] | None = None) -> None:
    """Each line on stderr, so that what a command prints can be piped on."""
    for line in lines:
        click.echo(line, file=file, err=file is None)
