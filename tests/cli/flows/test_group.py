"""Every command of the group has its help."""

from __future__ import annotations

import click
import pytest
from kept_flows import run

from cliproxy.cli.flows.group import COMMANDS, flows


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command = flows.get_command(click.Context(flows), name)
    assert command and all(option.help for option in command.params if isinstance(option, click.Option))
    assert run("flows", name, "-h").exit_code == 0
