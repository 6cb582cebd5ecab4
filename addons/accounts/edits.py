"""Changes to an account's token file, from the command line and the management API: disabled, enabled, removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import token_files
from .file_lock import locked
from .token_files import TokenFile


def find(folder: Path, account: str) -> TokenFile | None:
    """By its id, or its file's name."""
    tokens, _ = token_files.read_all(folder)
    return next((one for one in tokens if account in (one.id, one.path.name, one.path.stem)), None)


async def edited(folder: Path, account: str, change: Callable[[TokenFile], None]) -> TokenFile | None:
    """The account as it was when nobody else wrote it, and it was changed. None: there is no such account.

    Raises `Busy` and OSError.
    """
    there = find(folder, account)
    if not there:
        return None
    async with locked(there.path):
        if token := find(folder, account):
            change(token)
        return token


def disabled(token: TokenFile) -> None:
    token_files.write(token.path, {**token.fields, "disabled": True})


def enabled(token: TokenFile) -> None:
    token_files.write(token.path, token_files.without(token.fields, "disabled"))


def removed(token: TokenFile) -> None:
    token.path.unlink(missing_ok=True)
