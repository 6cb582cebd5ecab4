"""`cliproxy run`, `web`, `console`: what mitmproxy is started with, and what is refused before it."""

import logging
import socket
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import mitmproxy.tools.main
import pytest
from click.testing import CliRunner, Result

from cliproxy.cli.addons_path import gateway_script
from cliproxy.cli.main import main

PROGRAMS = {"run": "mitmdump", "web": "mitmweb", "console": "mitmproxy"}


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, list[str]]]]:
    """In an empty folder, with mitmproxy's programs replaced: they only note their arguments."""
    calls: list[tuple[str, list[str]]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONFIG_FILE", raising=False)
    monkeypatch.setattr(sys, "argv", sys.argv)
    for name in PROGRAMS.values():
        monkeypatch.setattr(mitmproxy.tools.main, name, lambda given, name=name: calls.append((name, given)))
    yield calls
    logging.getLogger("mitmproxy").setLevel(logging.NOTSET)


def invoke(line: str) -> Result:
    return CliRunner().invoke(main, line.split())


def sets(given: list[str]) -> list[str]:
    return [word for before, word in pairwise(given) if before == "--set"]


@pytest.mark.parametrize("command, program", PROGRAMS.items())
def test_each_command_starts_its_program(command: str, program: str, started: list[tuple[str, list[str]]]) -> None:
    assert invoke(f"{command} --demo --port 0").exit_code == 0
    ((name, given),) = started
    assert name == program
    assert given[:2] == ["-s", str(gateway_script())]
    assert sys.argv == [program, *given]


def test_what_the_gateway_is_told(tmp_path: Path, started: list[tuple[str, list[str]]]) -> None:
    Path("config.yaml").write_text("host: localhost\nport: 48317\n")
    result = invoke("run --log-level warn --record rec --set anticache=true -w out.flow -- --anticomp")
    assert result.exit_code == 0, result.output
    given = started[0][1]
    assert sets(given) == [
        "server=false",
        "connection_strategy=lazy",
        f"confdir={tmp_path}/home/.cli-proxy-api/mitmproxy",
        "cliproxy_listen=127.0.0.1:48317",
        "flow_detail=0",
        "termlog_verbosity=warn",
        f"cliproxy_config={tmp_path}/config.yaml",
        "cliproxy_log_level=warn",
        f"cliproxy_record={tmp_path}/rec",
        "anticache=true",
    ]
    assert given[-3:] == ["-w", "out.flow", "--anticomp"]
    assert (tmp_path / "home/.cli-proxy-api/mitmproxy").is_dir()


@pytest.mark.parametrize(
    "line, listen",
    [
        ("run --port 0", "127.0.0.1:0"),
        ("run -p 0 --host localhost", "127.0.0.1:0"),
        ("run -p 0 --host 0.0.0.0", "0.0.0.0:0"),
        ("run -p 0 -c other.yaml", "127.0.0.2:0"),
    ],
)
def test_where_it_listens(line: str, listen: str, started: list[tuple[str, list[str]]]) -> None:
    Path("config.yaml").write_text("auth: {api-keys: [sk-mine]}")
    Path("other.yaml").write_text("host: 127.0.0.2")
    result = invoke(line)
    assert result.exit_code == 0, result.output
    assert f"cliproxy_listen={listen}" in sets(started[0][1])


def test_the_demo_needs_no_file(started: list[tuple[str, list[str]]]) -> None:
    assert invoke("run --demo -p 0").exit_code == 0
    assert "cliproxy_demo=true" in sets(started[0][1])
    assert not [option for option in sets(started[0][1]) if option.startswith("cliproxy_config")]


@pytest.mark.parametrize("level, quiet", [("info", True), ("debug", False)])
def test_mitmproxys_own_log_is_for_debugging(level: str, quiet: bool) -> None:
    assert invoke(f"run --demo -p 0 --log-level {level}").exit_code == 0
    assert (logging.getLogger("mitmproxy").level == logging.WARNING) is quiet


REFUSED = {
    "oauth": ("run --demo --enable-oauth", "Recordings answer without any account; leave out --enable-oauth."),
    "demo and config": (
        "run --demo --config c.yaml",
        "--demo brings its own configuration; leave out --config or --demo.",
    ),
    "no file": ("run --config c.yaml", "c.yaml: cannot be read: no such file or directory."),
    "bad file": ("run -c bad.yaml", 'bad.yaml:1: prot: unknown option; did you mean "port"?'),
    "open": (
        "run --demo --host 0.0.0.0",
        "--host 0.0.0.0 is open to other machines, but there is no client key; use 127.0.0.1.",
    ),
    "bad host": ("run --demo --host a/b", "--host must be a host name or an IP address, not 'a/b'."),
    "no certificate": ("run -c tls.yaml", "tls.cert-file: no.pem cannot be read: no such file or directory."),
}


@pytest.mark.parametrize("line, error", REFUSED.values(), ids=REFUSED)
def test_refused(line: str, error: str, started: list[tuple[str, list[str]]]) -> None:
    Path("bad.yaml").write_text("prot: 1")
    Path("tls.yaml").write_text("tls: {enabled: true, cert-file: no.pem, key-file: no.pem}")
    result = invoke(line)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", error + "\n")
    assert started == []


def test_a_taken_port(started: list[tuple[str, list[str]]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = invoke(f"run --demo --port {port}")
    assert result.exit_code == 2
    assert result.stderr == f"Cannot listen on 127.0.0.1:{port}: another program holds this port.\n"
    assert started == []


@pytest.mark.parametrize("line", ["run --port 70000", "run --port x", "run --log-level loud"])
def test_bad_options(line: str) -> None:
    assert invoke(line).exit_code == 2


@pytest.mark.parametrize("line, said", [
    ("run --demo --port 0 --keep-flows 5", "--keep-flows is for"),
    ("web --demo --port 0 --workers 2", "--workers is for"),
])  # fmt: skip
def test_an_option_of_another_program_is_hidden_and_refused(line: str, said: str) -> None:
    refused = invoke(line)
    assert (refused.exit_code, said in refused.output) == (2, True)
    command, option = line.split()[0], line.split()[-2]
    assert option not in invoke(f"{command} -h").output
    assert option in invoke(f"{'web' if command == 'run' else 'run'} -h").output
