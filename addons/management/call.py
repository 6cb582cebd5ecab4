"""One request to the management API as its operations get it, and what they raise when it can't be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Fault(Exception):
    """What is wrong with a request, and its status."""

    def __init__(self, status: int, message: str, details: list[str] | None = None) -> None:
        super().__init__(message)
        self.status, self.details = status, details or []


@dataclass(frozen=True, slots=True)
class Call:
    """The named parts of its path, its query as numbers and text, and its JSON body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    def flags(self, *names: str) -> dict[str, bool]:
        """The body, where it may have these members alone, each true or false, and must have one. Raises `Fault`."""
        for name, value in self.body.items():
            if name not in names:
                raise Fault(400, f"{name!r}: there is no such field; there are: {', '.join(names)}.")
            if not isinstance(value, bool):
                raise Fault(400, f"{name}: must be true or false.")
        if not self.body:
            raise Fault(400, f"The body says nothing to do; it may have: {', '.join(names)}.")
        return dict(self.body)
