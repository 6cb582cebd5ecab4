"""A group whose commands are imported when they are run."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from cliproxy.cli.flows.group import COMMANDS, flows
from cliproxy.cli.lazy_group import LazyGroup


@pytest.mark.parametrize("name", COMMANDS)
def test_the_groups_help_says_what_the_command_says_of_itself(name: str) -> None:
    command = flows.get_command(click.Context(flows), name)
    assert command and command.name == name
    assert (command.help or "").partition("\n")[0] == COMMANDS[name][1]


def test_help_imports_none_of_them() -> None:
    code = "import sys; from cliproxy.cli.main import main\ntry: main(['flows', '-h'])\nexcept SystemExit: pass\n"
    code += "print([name for name in ('mitmproxy', 'httpx', 'cliproxy.cli.flows.list') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "One line for each recorded exchange." in done.stdout and done.stdout.endswith("[]\n")


def test_an_unknown_command() -> None:
    refused = CliRunner().invoke(LazyGroup("g", lazy={}), ["nothing"])
    assert refused.exit_code == 2 and "No such command 'nothing'" in refused.output
