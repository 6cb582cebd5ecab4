"""Where config.yaml is, and how it becomes Settings or a list of faults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .settings import STATE_FOLDER, Settings
from .settings_build import build
from .settings_problems import ConfigError, Problem, render
from .settings_rules import breaches
from .settings_schema import SCHEMA
from .settings_walk import Walk
from .settings_yaml import compose

__all__ = ["ConfigError", "Loaded", "find", "load", "parse"]

FILE_NAME = "config.yaml"
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`notes`: what was left out, a line each. `secrets`: what must never be written down."""

    settings: Settings
    notes: tuple[str, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def find(config_option: str | None, environ: Mapping[str, str], cwd: Path, home: Path) -> Path:
    """The option, else $CONFIG_FILE, else the two usual places. Raises ConfigError if no file is there.

    What the user named is taken as it is: to fall back to another file would hide a slip of the pen.
    """
    if named := config_option or environ.get("CONFIG_FILE"):
        return Path(named)
    places = (cwd / FILE_NAME, home / STATE_FOLDER / FILE_NAME)
    for place in places:
        if place.is_file():
            return place
    raise ConfigError(
        [
            "no configuration found: --config and $CONFIG_FILE are not set, and neither ./config.yaml nor "
            f"~/{STATE_FOLDER}/{FILE_NAME} exists; `cliproxy init` writes one."
        ]
    )


def load(path: Path, environ: Mapping[str, str]) -> Loaded:
    """Raises ConfigError with all that is wrong with the file."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {(error.strerror or 'unknown reason').lower()}."]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: cannot be read: it is not UTF-8 text."]) from None
    return parse(text, environ, str(path))


def parse(text: str, environ: Mapping[str, str], file: str = FILE_NAME) -> Loaded:
    """Like `load`, of a text; `file` is how the errors name it."""
    root = compose(text, file)
    walk = Walk(environ)
    tree: Any = {} if root is None else walk.read(SCHEMA, root)
    if isinstance(tree, dict):
        refused = frozenset(problem.path for problem in walk.problems)
        walk.problems += [
            Problem(_line(walk, path), path, told, value) for path, told, value in breaches(tree, refused)
        ]
    if walk.problems:
        raise ConfigError(render(walk.problems, file, walk.secrets))
    found, notes = build(tree, environ)
    return Loaded(found, tuple(notes), frozenset({*walk.secrets, *_keys(found)} - {""}))


def _line(walk: Walk, path: tuple[str | int, ...]) -> int:
    """The line of the option, or of the nearest section around it."""
    while path not in walk.lines:
        path = path[:-1]
    return walk.lines[path]


def _keys(found: Settings) -> Iterator[str]:
    """Secrets that come from the environment, or stand in headers and addresses, where the schema doesn't see them."""
    yield found.remote_management.secret_key
    for webhook in found.webhooks:
        yield webhook.url
        yield from (part for part in webhook.url.split("/")[3:] if len(part) >= 16)  # long enough to be a token
    for upstream in found.upstreams():
        for credential in upstream.credentials:
            yield credential.key
            for name, value in credential.headers.items():
                if _SECRET_HEADER.search(name):
                    yield value.rpartition(" ")[2]  # without "Bearer"
