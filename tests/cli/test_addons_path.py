"""`cliproxy addons-path`."""

from pathlib import Path

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_it_is_a_file_that_mitmproxy_can_load() -> None:
    path = Path(CliRunner().invoke(main, ["addons-path"]).output.strip())
    assert path.is_absolute()
    assert "addons = [" in path.read_text()
