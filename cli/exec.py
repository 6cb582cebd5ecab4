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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import click

from cliproxy.addons.settings import STATE_FOLDER, ClientKey, Settings

from . import preflight
from .clients import Launch, Place, launch
from .config_option import config_option, configured
from .faults import Fault
from .own_gateway import own_gateway
from .replay_options import replay_options

ANY_KEY = "no-key-needed"
"""For a gateway without client keys: most clients want to see one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    config: str | None
    url: str | None
    key: str | None
    model: str
    demo: bool
    record: str | None
    replay: str | None
    match: str
    missing: str
    speed: int
    command: tuple[str, ...]


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@config_option
@click.option("--url", help="Where the gateway is. Default: as configured; one is started if none answers there.")
@click.option("--key", help="The client key to show. Default: the first one in the configuration.")
@click.option("-m", "--model", default="", help="The model to ask for, whatever provider has it.")
@click.option("--demo", is_flag=True, help="With a gateway that answers from the recordings that ship with us.")
@click.option("--record", metavar="DIR", help="With a gateway of its own that records every exchange to this folder.")
@replay_options
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CLIENT [ARGUMENTS]")
def exec_(**options: Any) -> None:
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
    wanted = Wanted(**options)
    program = shutil.which(wanted.command[0])
    if not program:
        raise Fault(f"{wanted.command[0]} is not found: install it, or give its path.")
    with _gateway(wanted) as place:
        sys.exit(run(program, wanted.command[1:], launch(wanted.command[0], place), os.environ))


# -- the gateway --------------------------------------------------------------------------


@contextmanager
def _gateway(wanted: Wanted) -> Iterator[Place]:
    """The one that is named or configured, where it answers; else, or where something special is wanted, an own one."""
    special = wanted.demo or wanted.record or wanted.replay
    if wanted.url:
        if special:
            raise Fault("--url names a gateway that runs; --demo, --record and --replay start one: leave out either.")
        yield Place(wanted.url.rstrip("/").removesuffix("/v1"), wanted.key or ANY_KEY, wanted.model)
    elif wanted.demo or (wanted.replay and wanted.missing == "refuse" and not wanted.config):
        with own_gateway(*_arguments(wanted, wanted.config)) as url:
            yield Place(url, ANY_KEY, wanted.model)
    else:
        with _configured(wanted, bool(special)) as place:
            yield place


@contextmanager
def _configured(wanted: Wanted, own: bool) -> Iterator[Place]:
    path, loaded = configured(wanted.config)
    settings = loaded.settings
    key = wanted.key or client_key(settings.auth.api_keys, wanted.model, datetime.now(UTC))
    certificate = str(settings.tls.cert_file) if settings.tls.enabled else ""
    if not own and answers(address(settings), key):
        yield Place(address(settings), key, wanted.model, certificate)
        return
    with own_gateway(*_arguments(wanted, str(path.resolve()))) as url:
        yield Place(url, key, wanted.model, certificate)


def _arguments(wanted: Wanted, config: str | None) -> Iterator[str]:
    """For `cliproxy run`."""
    if wanted.demo:
        yield "--demo"
    if config:
        yield from ("--config", config)
    if wanted.record:
        yield from ("--record", wanted.record)
    if wanted.replay:
        yield from ("--replay", wanted.replay, "--match", wanted.match)
        yield from ("--missing", wanted.missing, "--speed", str(wanted.speed))


def address(settings: Settings) -> str:
    """Where the configured gateway is reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"{'https' if settings.tls.enabled else 'http'}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def client_key(keys: Sequence[ClientKey], model: str, now: datetime) -> str:
    """The first that is valid and may ask for the model. Raises Fault where there are keys, but none is of use."""
    able = [one.key for one in keys if not (one.expires and one.expires <= now) and _may(one, model)]
    if keys and not able:
        what = f" for {model}" if model else ""
        raise Fault(f"No client key of the configuration is valid{what}; give one by --key.")
    return able[0] if able else ANY_KEY


def _may(one: ClientKey, model: str) -> bool:
    return not (model and one.models) or model in one.models


def answers(url: str, key: str) -> bool:
    """Whether a gateway runs there. Raises Fault where one does that doesn't take the key."""
    import httpx  # half a second

    # Whether its certificate is good is for the client to judge; over TLS no secret is said here.
    with httpx.Client(base_url=url, timeout=3, verify=False, trust_env=False) as client:
        try:
            told = client.get("/").json()
            if not str(told.get("name", "")).startswith("cliproxy/"):
                return False
            # Nothing is served by GET there, so it costs nothing; but the key is looked at first.
            plain = url.startswith("http:")
            refused = plain and client.get("/v1/messages", headers={"x-api-key": key}).status_code == 401
        except (httpx.HTTPError, ValueError, AttributeError):
            return False
    if refused:
        raise Fault(f"The gateway at {url} does not take the key of this configuration; give another one by --key.")
    return True


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
