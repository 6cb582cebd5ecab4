"""What an exchange of the Responses API is in its conversation: what it continues, and what shall be left of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cliproxy.translators.ir import Json

from .keeper import Kept
from .sockets import Socket
from .watcher import Watcher


@dataclass(slots=True)
class Turn:
    """`token`: what this answer's id is made of, where the provider gives none. `keep`: the client may continue it.

    `input`: the items that were said since the last response of `chain`; `before`: those up to there. `home`: the
    provider that the conversation so far was held with; its seals mean nothing to another.
    """

    token: str
    keep: bool
    socket: Socket | None = None
    previous: str = ""
    chain: list[str] = field(default_factory=list)
    before: list[Json] = field(default_factory=list)
    input: list[Json] = field(default_factory=list)
    home: str = ""
    watcher: Watcher | None = None
    kept: Kept | None = None
    """What is to be written of it; the client has been told its id."""

    def elsewhere(self, provider: str) -> bool:
        return self.home not in ("", provider)
