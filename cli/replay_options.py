"""The options that put recordings in the providers' place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from cliproxy.addons.settings import MATCHES, MISSING

from .faults import Fault

REPLAY_OPTIONS = (
    click.option("--replay", metavar="DIR", help="Answer from the recordings in this folder: no key or network."),
    click.option(
        "--match",
        type=click.Choice(MATCHES),
        default="strict",
        help="With --replay: whether only the same request has a recorded answer, or the nearest will do.",
    ),
    click.option(
        "--missing",
        type=click.Choice(MISSING),
        default="refuse",
        help="With --replay: `ask` the configured provider for what is not recorded.",
    ),
    click.option(
        "--speed",
        type=click.IntRange(0, 1),
        default=1,
        help="With --replay: 1 is timed as recorded, 0 at once.",
    ),
)


def replay_options[T: Callable[..., Any]](command: T) -> T:
    """All of them, for a command."""
    for option in reversed(REPLAY_OPTIONS):
        command = option(command)
    return command


def folder(replay: str) -> Path:
    """Raises Fault where there are no recordings to answer from."""
    path = Path(replay).expanduser().resolve()
    if not path.is_dir():
        raise Fault(f"--replay: there is no folder {replay}; it takes one that `run --record` has written.")
    if not any(path.rglob("*.flow")):
        raise Fault(f"--replay: there are no recordings in {replay}: no file there ends in .flow.")
    return path


def assignments(replay: str, match: str, missing: str, speed: int) -> Iterator[str]:
    """The options of the addons."""
    yield f"cliproxy_replay={folder(replay) if missing == 'refuse' else Path(replay).expanduser().resolve()}"
    yield f"cliproxy_replay_match={match}"
    yield f"cliproxy_replay_missing={missing}"
    yield f"cliproxy_replay_speed={speed}"
