"""How a fault of the configuration is told: one line with file, line, option and reason, and never a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

type OptionPath = tuple[str | int, ...]

_PLAIN = re.compile(r"[\w-]+")
_LOOKS_SECRET = re.compile(r"sk-|AIza|eyJ|gh[po]_|Bearer|://[^/]*@|[\w+-]{32,}")
_LONGEST = 80
_SHORT = 6
"""A secret below this length is hidden only where it stands alone: else every word would be."""


class ConfigError(Exception):
    """The configuration can't be used. `errors`: every fault, one line each, in the order of the file."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = list(errors)
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True, slots=True)
class Problem:
    """`text` may hold `{}`, which stands for `value` as the file has it; how it is shown is decided when all is read.

    A value that is no text, such as a number, is `bare`: it stands there without quotes.
    """

    line: int
    path: OptionPath
    text: str
    value: str | None = None
    bare: bool = False


def render(problems: Iterable[Problem], file: str, secrets: Collection[str]) -> list[str]:
    """One line for each problem, sorted by line. What holds one of the secrets, or looks like one, is hidden."""
    ordered = sorted(problems, key=lambda problem: (problem.line, [str(part) for part in problem.path]))
    return list(dict.fromkeys(_line(problem, file, secrets) for problem in ordered))


def _line(problem: Problem, file: str, secrets: Collection[str]) -> str:
    option = dotted(problem.path, secrets)
    text = problem.text
    if problem.value is not None:
        value = shown(problem.value, secrets)
        text = text.replace("{}", value.strip('"') if problem.bare else value)
    return f"{file}:{problem.line}: {option}{': ' if option else ''}{text}"


def dotted(path: OptionPath, secrets: Collection[str] = ()) -> str:
    """`routes[1].pattern`; a name of the user's own choice is quoted where it isn't plain."""
    return "".join(_step(part, secrets) for part in path).removeprefix(".")


def _step(part: str | int, secrets: Collection[str]) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    long_ones = [secret for secret in secrets if len(secret) >= _SHORT]
    plain = _PLAIN.fullmatch(part) and not _is_secret(part, long_ones)
    return "." + (part if plain else shown(part, long_ones))


def shown(value: str, secrets: Collection[str] = ()) -> str:
    """The value in quotes, on one line, not too long."""
    if _is_secret(value, secrets):
        return "(a hidden value)"
    short = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def _is_secret(value: str, secrets: Collection[str]) -> bool:
    if value in secrets or _LOOKS_SECRET.search(value):
        return True
    return any(secret in value for secret in secrets if len(secret) >= _SHORT)
