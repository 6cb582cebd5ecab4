"""Which file a command reads, and how its faults come out."""

from pathlib import Path

import pytest

from cliproxy.cli.config_option import configured, configured_or_default
from cliproxy.cli.faults import Fault


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONFIG_FILE", raising=False)
    return tmp_path


def test_the_file_here_is_named_shortly(here: Path) -> None:
    (here / "config.yaml").write_text("port: 1\nprot: 2\nhots: x")
    with pytest.raises(Fault) as fault:
        configured(None)
    assert fault.value.lines == (
        'config.yaml:2: prot: unknown option; did you mean "port"?',
        'config.yaml:3: hots: unknown option; did you mean "host"?',
    )


def test_the_variable_and_the_option(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "a.yaml").write_text("port: 1")
    (here / "b.yaml").write_text("port: 2")
    monkeypatch.setenv("CONFIG_FILE", "a.yaml")
    assert configured(None)[1].settings.port == 1
    assert configured("b.yaml")[1].settings.port == 2


def test_no_file_at_all() -> None:
    with pytest.raises(Fault, match=r"no configuration found: .*`cliproxy init` writes one"):
        configured(None)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(Fault) as fault:
        configured("none.yaml")
    assert fault.value.lines == ("none.yaml: cannot be read: no such file or directory.",)


def test_without_any_file_the_defaults_serve_but_not_for_a_file_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CONFIG_FILE", raising=False)
    assert configured_or_default(None).auth.dir == tmp_path / ".cli-proxy-api" / "auths"
    with pytest.raises(Fault, match="cannot be read"):
        configured_or_default("none.yaml")
    (tmp_path / "config.yaml").write_text("auth: {dir: here}")
    assert configured_or_default(None).auth.dir == Path("here")
