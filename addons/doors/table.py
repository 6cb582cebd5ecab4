"""Which entrances there are, by the names that providers' rows, accounts and the configuration call them."""

from __future__ import annotations

from .chatgpt import CHATGPT
from .code_assist import CODE_ASSIST
from .door import PLAIN, Door
from .vertex import VERTEX

DOORS: dict[str, Door] = {"chatgpt": CHATGPT, "code-assist": CODE_ASSIST, "vertex": VERTEX, "vertex-account": VERTEX}


def door(name: str) -> Door:
    """The entrance of that name; a provider without one of its own is spoken to as its format says."""
    return DOORS.get(name, PLAIN)
