"""What the pool asks of accounts whose secret changes with time; keys have nothing of the kind."""

from __future__ import annotations

from typing import Protocol

from .pool import Credential


class Accounts(Protocol):
    """Neither method raises: an account that can't be renewed gives None, and the pool lets it rest."""

    async def fresh(self, credential: Credential, now: float) -> Credential | None:
        """The same credential with a secret that is good at `now`; asked before each attempt, so it must be quick.

        The credential itself, where nothing is to be done.
        """

    async def refreshed(self, credential: Credential) -> Credential | None:
        """The same credential with another secret, after the provider refused this one."""

    def lacking(self, credential: Credential) -> str:
        """Why it has no secret that is good: a sentence for clients."""


class Keys:
    """No accounts: a key is good, or it is not."""

    async def fresh(self, credential: Credential, now: float) -> Credential | None:
        return credential

    async def refreshed(self, credential: Credential) -> Credential | None:
        return None

    def lacking(self, credential: Credential) -> str:
        return f"{credential.id} is no account."
