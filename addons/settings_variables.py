"""How `${NAME}` and `${NAME:-default}` in a text become the values of environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(
    r"(?P<escaped>\$\$\{)|\$\{(?P<name>[A-Za-z_]\w*)(?P<fallback>:-(?P<default>[^}]*))?\}|(?P<broken>\$\{)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Unset:
    """Stands for a value whose variable isn't set."""

    name: str


class UnsetVariable(Exception):
    """`name`: the variable that has neither a value nor a default."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class BrokenVariable(Exception):
    """A `${` that no name and no `}` follow."""


def has_variable(text: str) -> bool:
    return any(match["name"] for match in _VARIABLE.finditer(text))


def expand(text: str, environ: Mapping[str, str]) -> str:
    """An empty variable counts as not set: Compose files pass on what is missing as "". `$${` is a plain `${`."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "${"
        if match["broken"]:
            raise BrokenVariable
        if found := environ.get(match["name"]):
            return found
        if match["fallback"] is None:
            raise UnsetVariable(match["name"])
        return match["default"]

    return _VARIABLE.sub(value, text)
