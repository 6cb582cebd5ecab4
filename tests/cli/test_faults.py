"""Faults are plain lines on stderr with exit code 2."""

import click
from click.testing import CliRunner

from cliproxy.cli.faults import Fault


def test_lines_on_stderr() -> None:
    @click.command()
    def fails() -> None:
        raise Fault("first", "second")

    result = CliRunner().invoke(fails)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "first\nsecond\n")
