"""`cliproxy version`."""

import platform

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_three_versions() -> None:
    lines = CliRunner().invoke(main, ["version"]).output.splitlines()
    assert [line.split()[0] for line in lines] == ["cliproxy", "mitmproxy", "python"]
    assert lines[2] == f"python {platform.python_version()}"


def test_the_option_that_every_program_has() -> None:
    shown = CliRunner().invoke(main, ["--version"]).output
    assert shown == CliRunner().invoke(main, ["version"]).output.splitlines(keepends=True)[0]
