"""`cliproxy init`."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from cliproxy.addons.settings_load import load
from cliproxy.cli import init as init_module
from cliproxy.cli.init import SAMPLE_KEY, TEMPLATE, contents
from cliproxy.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_it_writes_loads_and_is_for_its_owner_only(here: Path) -> None:
    result = CliRunner().invoke(main, ["init"])
    assert result.exit_code == 0, result.output
    (key,) = load(Path("config.yaml"), {}).settings.auth.api_keys
    assert key.key.startswith("sk-cliproxy-")
    assert key.key not in result.output
    assert stat.S_IMODE(Path("config.yaml").stat().st_mode) == 0o600
    assert [path.name for path in here.iterdir()] == ["config.yaml"]


def test_it_overwrites_only_when_forced(here: Path) -> None:
    Path("c.yaml").write_text("port: 1")
    Path("c.yaml").chmod(0o644)
    refused = CliRunner().invoke(main, ["init", "c.yaml"])
    assert (refused.exit_code, refused.stderr) == (2, "c.yaml is there already; --force overwrites it.\n")
    assert Path("c.yaml").read_text() == "port: 1"
    assert CliRunner().invoke(main, ["init", "c.yaml", "--force"]).exit_code == 0
    assert stat.S_IMODE(Path("c.yaml").stat().st_mode) == 0o600
    assert [path.name for path in here.iterdir()] == ["c.yaml"]


def test_a_file_system_without_hard_links(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(init_module.os, "link", refuse)
    assert CliRunner().invoke(main, ["init"]).exit_code == 0
    assert CliRunner().invoke(main, ["init"]).exit_code == 2


def test_a_folder_that_is_not_there() -> None:
    result = CliRunner().invoke(main, ["init", "none/c.yaml"])
    assert (result.exit_code, result.stderr) == (2, "none/c.yaml cannot be written: no such file or directory.\n")


def test_the_template_is_the_example_and_has_one_key_to_replace() -> None:
    assert TEMPLATE.read_text("utf-8") == (ROOT / "config.example.yaml").read_text("utf-8")
    assert contents("sk-own").count("sk-own") == 1
    assert SAMPLE_KEY not in contents("sk-own")
