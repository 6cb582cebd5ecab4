"""The signed-in accounts: follows their files, keeps their tokens good, and tells the others who there is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mitmproxy.utils import asyncio_utils

from ..applied import Applied
from ..redact import Redactor
from ..settings import Settings
from ..settings_load import ConfigError
from . import token_files
from .as_credentials import SERVICE_DOOR, shape, with_accounts
from .oauth_facts import Facts, known
from .pool import Credential
from .refresh import Failed, Refresher
from .service_account import ServiceTokens, Unusable
from .sign_in import SignIns
from .token_endpoint import Refused, Unreachable
from .token_files import TokenFile

logger = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks at the files; see `Reload` for why it looks."""
EVENT = "account.sign-in-needed"

type Tell = Callable[[str, Mapping[str, object]], None]


class SignedIn:
    """`tell` takes an event and its data. `changed` is called when there are other accounts than before."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.changed: Callable[[], None] = lambda: None
        self.settings, self._redactor, self._follow = Settings(), Redactor(), True
        self._tokens: dict[str, TokenFile] = {}
        self._services: dict[Path, ServiceTokens] = {}
        self._in_force: dict[str, Any] = {}
        self._faults: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._refresher = Refresher(self._facts, self._learn)
        self.sign_ins = SignIns(lambda: self.settings.auth.dir, self._facts, self._learn)

    # -- the configuration ----------------------------------------------------------------

    def merged(self, settings: Settings, follow: bool = True) -> Settings:
        """The settings with the accounts that are signed in now; with none, and none to come, unless `follow`."""
        self._follow = follow
        return with_accounts(settings, token_files.read_all(settings.auth.dir)[0]) if follow else settings

    def use(self, applied: Applied) -> None:
        self.settings, self._redactor = applied.settings, applied.redactor
        paths = {one.service_account for one in applied.settings.providers.values() if one.service_account}
        self._services = {path: self._services.get(path) or ServiceTokens(path) for path in paths}
        self._read()
        self._in_force = self._shapes()

    def running(self) -> None:
        self._task = asyncio_utils.create_task(self._watch(), name="watch the accounts", keep_ref=True)

    async def done(self) -> None:
        if self._task:
            self._task.cancel()
        await self._refresher.finished()

    # -- the files ------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            if not self._follow:
                continue
            self.look()
            await self._refresher.save_again()
            self.refresh_ahead(time.time())

    def look(self) -> None:
        """Take over what has changed since the last look."""
        before = set(self._tokens)
        self._read()
        for id in sorted(before ^ set(self._tokens)):
            logger.info("%s %s.", id, "is signed in" if id in self._tokens else "is gone")
        if self._shapes() != self._in_force:
            self._in_force = self._shapes()
            try:
                self.changed()
            except ConfigError as fault:
                logger.error("The accounts could not be taken over: %s", fault)

    def _read(self) -> None:
        tokens, faults = token_files.read_all(self.settings.auth.dir) if self._follow else ([], [])
        self._tokens = {one.id: self._refresher.current(one) for one in tokens}
        for token in self._tokens.values():
            self._learn(token)
        told = frozenset(map(str, faults))
        for fault in sorted(told - self._faults):
            logger.error("%s It is left alone, and its account is not used.", fault)
        self._faults = told

    def _shapes(self) -> dict[str, Any]:
        return {id: shape(token) for id, token in self._tokens.items()}

    def _facts(self, provider: str) -> Facts:
        return known(provider, self.settings.oauth)

    def _learn(self, token: TokenFile) -> None:
        self._redactor.learn(token.id, token.secrets)

    # -- tokens ---------------------------------------------------------------------------

    def list(self) -> list[TokenFile]:
        return list(self._tokens.values())

    async def fresh(self, credential: Credential, now: float) -> Credential | None:
        """The credential with a token that is good at `now`; a key as it is; None where it can't be had.

        Only who has no other token waits for a refresh.
        """
        if service := self._service(credential):
            return await self._of_service(service, credential, now)
        token = self._tokens.get(credential.id)
        if not token:
            return credential
        if token.expired(now):
            if not self._refresher.may_try(token, now) or not (token := await self._renewed(token)):
                return None
        elif token.due(now):
            self.refresh_ahead(now)
        return replace(credential, secret=token.access_token)

    async def refreshed(self, credential: Credential) -> Credential | None:
        """The credential with another token, after the provider refused this one; None where it can't be had."""
        if service := self._service(credential):
            service.forget()
            return await self._of_service(service, credential, time.time())
        token = self._tokens.get(credential.id)
        if token and token.access_token == credential.secret:
            token = await self._renewed(token)
        return replace(credential, secret=token.access_token) if token else None

    def lacking(self, credential: Credential) -> str:
        """Why there is no token, for clients: nothing of what a provider said."""
        token = self._tokens.get(credential.id)
        if token and token.sign_in_needed:
            return f"{token.id} must be signed in again: `cliproxy login {token.provider}`."
        return f"{credential.id} has no token that is good now; the gateway's log says why."

    def refresh_ahead(self, now: float) -> None:
        """Begin the refresh of every token that is due."""
        for token in self._tokens.values():
            idle = token.disabled or token.sign_in_needed or not token.refresh_token
            if not idle and token.due(now) and self._refresher.may_try(token, now):
                asyncio_utils.create_task(self._renewed(token), name=f"refresh {token.id} ahead", keep_ref=True)

    async def _renewed(self, token: TokenFile) -> TokenFile | None:
        """With another token; None, and it is told, where there is none to be had."""
        try:
            renewed = await self._refresher.refreshed(token)
        except Failed as fault:
            self._tell_failure(token, fault)
            return None
        self._tokens[token.id] = renewed
        return renewed

    def _tell_failure(self, token: TokenFile, fault: Failed) -> None:
        if not fault.sign_in:
            logger.warning("%s", fault)
        elif not fault.told:
            fault.told = True
            logger.error("%s. `cliproxy login %s` does that.", fault, token.provider)
            self._tell(EVENT, {"account": token.id, "provider": token.provider, "reason": str(fault)})
            self.look()

    # -- service accounts -------------------------------------------------------------------

    def _service(self, credential: Credential) -> ServiceTokens | None:
        provider = self.settings.providers.get(credential.provider)
        path = provider.service_account if provider and credential.upstream == SERVICE_DOOR else None
        return self._services.get(path) if path else None

    async def _of_service(self, service: ServiceTokens, credential: Credential, now: float) -> Credential | None:
        try:
            token = await service.fresh(now)
        except (Unusable, Refused, Unreachable) as fault:
            logger.warning("%s has no token: %s", credential.id, fault)
            return None
        self._redactor.learn(credential.id, [token])
        configured = self.settings.providers[credential.provider].project
        return replace(credential, secret=token, project=credential.project or configured or service.project)
