"""`cliproxy addons-path`."""

from pathlib import Path

from click.testing import CliRunner

from cliproxy.cli.main import main


def test_it_is_a_file_that_mitmproxy_can_load() -> None:
    path = Path(CliRunner().invoke(main, ["addons-path"]).output.strip())
    assert path.is_absolute()
    assert "addons = [" in path.read_text()


def test_the_views_are_a_script_of_their_own() -> None:
    path = Path(CliRunner().invoke(main, ["addons-path", "--views"]).output.strip())
    assert path.name == "views.py" and "addons = [" in path.read_text()
