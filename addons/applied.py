"""A configuration that takes effect: what each addon takes its part from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .redact import Redactor
from .routes import Routes
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Applied:
    settings: Settings
    routes: Routes
    redactor: Redactor


class User(Protocol):
    """An addon that the configuration concerns."""

    def use(self, applied: Applied) -> None:
        """Go over to this configuration, at the start or while running.

        Raises `ConfigError` where that can't be, and then nothing has changed.
        """
