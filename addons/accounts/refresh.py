"""Refreshes tokens: one refresh a token at a time, in all processes together, and no new token is ever lost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mitmproxy.utils import asyncio_utils

from . import token_endpoint, token_files
from .file_lock import Busy, locked
from .identity import expiry, identity
from .oauth_facts import Facts, Missing, check
from .token_files import Damaged, Fields, TokenFile

logger = logging.getLogger(__name__)

TOKENS = ("access_token", "refresh_token", "id_token", "token_type", "scope", "resource_url")
"""What of an answer is kept; the rest is the file's own."""
MARKS = ("refused", "last_error")
PAUSES = (30.0, 60.0, 120.0, 300.0)
"""Seconds before the next try after a refresh that failed; the last one again and again."""


class Failed(Exception):
    """A refresh that brought no token: one sentence. `sign_in`: only a new sign-in helps. `told`: that was known."""

    def __init__(self, message: str, sign_in: bool = False, told: bool = False) -> None:
        super().__init__(message)
        self.sign_in, self.told = sign_in, told


class Refresher:
    """`facts` gives what is in force for a provider. `learned` is told of secrets before anything is done with them."""

    def __init__(self, facts: Callable[[str], Facts], learned: Callable[[TokenFile], None]) -> None:
        self._facts, self._learned = facts, learned
        self._running: dict[Path, asyncio.Task[TokenFile]] = {}
        self._unsaved: dict[Path, TokenFile] = {}
        self._failures: dict[Path, tuple[int, float]] = {}

    async def refreshed(self, token: TokenFile) -> TokenFile:
        """The account with another access token than this. Raises `Failed`.

        Those who ask at the same time wait for the same refresh, and it goes on when they have left.
        """
        task = self._running.get(token.path)
        if not task:
            task = asyncio_utils.create_task(self._refresh(token), name=f"refresh {token.id}", keep_ref=True)
            self._running[token.path] = task
            task.add_done_callback(lambda _: self._running.pop(token.path, None))
        return await asyncio.shield(task)

    def may_try(self, token: TokenFile, now: float) -> bool:
        """Whether it is time for another try, after those that failed."""
        return now >= self._failures.get(token.path, (0, 0.0))[1]

    def current(self, token: TokenFile) -> TokenFile:
        """The account as it is now, where the file could not be written yet."""
        newer = self._unsaved.get(token.path)
        if newer and newer.fields.get("replaces") == token_files.fingerprint(token.access_token):
            return newer
        self._unsaved.pop(token.path, None)
        return token

    async def finished(self) -> None:
        """When no refresh is under way any more."""
        if running := list(self._running.values()):
            await asyncio.wait(running)

    async def _refresh(self, token: TokenFile) -> TokenFile:
        try:
            token_files.make_folder(token.path.parent)  # what can't be written must not be asked for: it would be lost
            async with locked(token.path):
                return await self._while_locked(token)
        except (Busy, OSError) as fault:
            message = fault.strerror if isinstance(fault, OSError) else str(fault)
            raise self._failed(token, f"{token.path.name} cannot be written: {message}") from None

    async def _while_locked(self, token: TokenFile) -> TokenFile:
        try:
            found = self.current(token_files.read(token.path))
        except Damaged as fault:
            raise self._failed(token, str(fault)) from None
        if found.access_token != token.access_token and not found.due(time.time()):
            return found  # somebody else was here first
        if found.sign_in_needed:
            raise Failed(f"{found.id}: sign in again: {found.last_error}", sign_in=True, told=True)
        if not found.refresh_token:
            raise self._failed(found, "there is no refresh_token; sign in again")
        answer = await self._asked(found)
        renewed = TokenFile(found.path, found.provider, found.label, merged(found.fields, answer, time.time()))
        self._learned(renewed)
        self._failures.pop(found.path, None)
        self._save(found, renewed)
        return renewed

    async def _asked(self, token: TokenFile) -> Fields:
        try:
            facts = self._facts(token.provider)
            check(facts, device=not facts.authorization_url)
            async with token_endpoint.client(token.proxy) as http:
                return await token_endpoint.grant(http, facts, "refresh_token", refresh_token=token.refresh_token)
        except token_endpoint.Refused as refusal:
            if not refusal.for_good:
                raise self._failed(token, f"the provider refused to refresh ({refusal})") from None
            mark = {"refused": token_files.fingerprint(token.refresh_token), "last_error": str(refusal)}
            token_files.write(token.path, {**token.fields, **mark})
            raise Failed(f"{token.id}: sign in again: {refusal}", sign_in=True) from None
        except (token_endpoint.Unreachable, Missing) as fault:
            raise self._failed(token, str(fault)) from None

    def _save(self, before: TokenFile, renewed: TokenFile) -> None:
        """A file that can't be written now is written later: a refresh token that was turned is worth nothing."""
        try:
            token_files.write(renewed.path, renewed.fields)
            self._unsaved.pop(renewed.path, None)
        except OSError as fault:
            origin = {"replaces": token_files.fingerprint(before.access_token)}
            kept = TokenFile(renewed.path, renewed.provider, renewed.label, {**renewed.fields, **origin})
            self._unsaved[renewed.path] = kept
            logger.error("%s: the new token could not be written yet (%s).", renewed.id, fault.strerror)

    async def save_again(self) -> None:
        """Try once more to write what could not be written."""
        for path, token in list(self._unsaved.items()):
            try:
                async with locked(path, patience=0):
                    token_files.write(path, token_files.without(token.fields, "replaces"))
                self._unsaved.pop(path, None)
            except (Busy, OSError):
                continue

    def _failed(self, token: TokenFile, message: str) -> Failed:
        count, _ = self._failures.get(token.path, (0, 0.0))
        pause = PAUSES[min(count, len(PAUSES) - 1)]
        self._failures[token.path] = (count + 1, time.time() + pause)
        return Failed(f"{token.id}: {message}")


def merged(before: Mapping[str, Any], answer: Mapping[str, Any], now: float) -> Fields:
    """A file's fields with the tokens of an answer. What the answer doesn't turn, such as a refresh token, stays."""
    kept = token_files.without(before, *MARKS, "replaces", "expired", "expiry", "expiry_date")
    tokens = {name: answer[name] for name in TOKENS if answer.get(name)}
    end = expiry(answer, now)
    times = {"expires_at": None if end is None else int(end), "last_refresh": token_files.stamp(now)}
    return {**kept, **tokens, **identity(answer), **times}
