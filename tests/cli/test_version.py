"""`cliproxy version`."""

import platform

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_three_versions() -> None:
    lines = CliRunner().invoke(main, ["version"]).output.splitlines()
    assert [line.split()[0] for line in lines] == ["cliproxy", "mitmproxy", "python"]
    assert lines[2] == f"python {platform.python_version()}"
