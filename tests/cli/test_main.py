"""The group: its commands, its help, and that it starts fast."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cliproxy.cli.main import main

COMMANDS = [
    "run",
    "web",
    "console",
    "init",
    "check",
    "generate-key",
    "usage",
    "models",
    "login",
    "accounts",
    "exec",
    "flows",
    "replay",
    "version",
    "addons-path",
]


def test_all_commands_are_there() -> None:
    assert sorted(main.commands) == sorted(COMMANDS)


@pytest.mark.parametrize("arguments", [["-h"], *([name, "-h"] for name in COMMANDS)], ids=" ".join)
def test_help(arguments: list[str]) -> None:
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0
    assert "Usage:" in shown.output


@pytest.mark.parametrize("command", [main, *main.commands.values()], ids=lambda command: command.name)
def test_every_command_and_option_says_what_it_is_for(command) -> None:
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))
    assert "..." not in CliRunner().invoke(main, ["-h"]).output.partition("Commands:")[2]


def test_nothing_heavy_is_imported_for_it() -> None:
    code = (
        "import sys, cliproxy.cli.main; print([m for m in ('mitmproxy', 'genai_prices', 'httpx') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_command() -> None:
    refused = CliRunner().invoke(main, ["start"])
    assert refused.exit_code == 2
    assert "No such command" in refused.output
