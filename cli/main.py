"""The command `cliproxy`: one group, one file a command. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import click

from .accounts import accounts
from .addons_path import addons_path
from .check import check
from .exec import exec_
from .flows.group import flows
from .generate_key import generate_key
from .init import init
from .login import login
from .models import models
from .replay import replay
from .run import console, run, web
from .usage import usage
from .version import version


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(None, "--version", package_name="cliproxy", message="cliproxy %(version)s")
def main() -> None:
    """An LLM gateway: one local endpoint for OpenAI, Anthropic and Gemini clients, whatever provider answers.

    \b
    First steps:
      cliproxy run --demo     a gateway that answers from recordings: no key, no account, no network
      cliproxy init           write a config.yaml with a client key of your own
      cliproxy check          see what the configuration amounts to
      cliproxy run            start the gateway on http://127.0.0.1:8317
    """


COMMANDS = (
    *(run, web, console, init, check, generate_key, models, login, accounts, usage),
    *(exec_, flows, replay, version, addons_path),
)
for command in COMMANDS:
    main.add_command(command)
