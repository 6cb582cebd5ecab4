"""`cliproxy exec`: a client whose traffic goes through the gateway, without a word of configuration."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from cliproxy.addons.settings import STATE_FOLDER

from . import preflight
from .clients import Launch, launch
from .config_option import config_option
from .faults import Fault
from .place import Wanted, reached
from .replay_options import replay_options


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@config_option
@click.option("--url", help="Where the gateway is. Default: as configured; one is started if none answers there.")
@click.option("--key", help="The client key to show. Default: the first one in the configuration.")
@click.option("-m", "--model", default="", help="The model to ask for, whatever provider has it.")
@click.option("--demo", is_flag=True, help="With a gateway that answers from the recordings that ship with us.")
@click.option("--record", metavar="DIR", help="With a gateway of its own that records every exchange to this folder.")
@replay_options
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CLIENT [ARGUMENTS]")
def exec_(command: tuple[str, ...], **options: Any) -> None:
    """Start a client that goes through the gateway.

    Claude Code, Codex, Gemini CLI, Qwen Code, OpenCode and aider are told in their own way, every other program by the
    variables that the SDKs of OpenAI, Anthropic and Google read. Your own settings of them are left as they are. Where
    no gateway runs, one is started, and ended with the client.

    \b
    Examples:
      cliproxy exec -- claude
      cliproxy exec --model gpt-5 -- claude -p "What does this project do?"
      cliproxy exec --record flows/mine -- codex
      cliproxy exec --demo -- python my_program.py
    """
    program = shutil.which(command[0])
    if not program:
        raise Fault(f"{command[0]} is not found: install it, or give its path.")
    with ended_by_signals(), reached(Wanted(**options)) as place:
        sys.exit(run(program, command[1:], launch(command[0], place), os.environ))


# -- the client ---------------------------------------------------------------------------


def run(program: str, arguments: Sequence[str], added: Launch, environ: Mapping[str, str]) -> int:
    """Until it ends; gives its exit code. What we are told by signals it is told too."""
    home = preflight.make_folder(Path.home() / STATE_FOLDER)  # Gemini CLI trusts no settings below /tmp
    with tempfile.TemporaryDirectory(prefix="exec-", dir=home) as folder:
        variables = environment(environ, added, Path(folder))
        with _passed_on() as signals:
            process = subprocess.Popen([program, *added.arguments, *arguments], env=variables)
            signals.append(process)
            code = process.wait()
    return code if code >= 0 else 128 - code  # as shells say it of a program that a signal ended


def environment(environ: Mapping[str, str], added: Launch, folder: Path) -> dict[str, str]:
    """The client's whole environment; its files are written to the folder."""
    kept = {name: value for name, value in environ.items() if name not in added.without}
    wanted = {name: value for name, value in added.variables.items() if name not in added.without}
    for number, (name, text) in enumerate(added.files.items()):
        path = folder / f"settings-{number}.json"
        path.write_text(text, "utf-8")
        wanted[name] = str(path)
    local = {name: f"{environ[name]},127.0.0.1,localhost" for name in ("NO_PROXY", "no_proxy") if environ.get(name)}
    return {**kept, "NO_PROXY": "127.0.0.1,localhost", **local, **wanted}


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """In good order, so that a gateway that has just been started is not left behind."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _passed_on() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Signals go on to the processes of the list. Ctrl-C in a terminal has reached them already."""
    processes: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not sys.stdin.isatty():
            for process in processes:
                process.send_signal(number)

    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
    numbers = [signal.Signals[name] for name in names if name in signal.Signals.__members__]
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield processes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
