"""Signs in: authorization code with PKCE, or a code for another device; what is under way, and how it ended."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from . import code_assist, device_flow, token_endpoint, token_files
from .device_flow import DeviceCode
from .file_lock import Busy, locked
from .oauth_facts import Facts, Missing, check
from .refresh import merged
from .token_endpoint import Refused, Unreachable
from .token_files import Damaged, Fields, TokenFile

LIFETIME = 1800.0
"""Seconds after which a sign-in that nobody ended is forgotten."""
MOST = 32
"""So many can be under way."""

type Outcome = Literal["pending", "done", "failed"]


type Kind = Literal["input", "impossible", "unknown", "pasted", "failed"]
"""What was given is wrong; that provider can't be signed in to so; there is no such sign-in; what was pasted does not
end it, but something else may; it came to nothing."""


class Fault(Exception):
    """A sign-in that can't go on: one sentence."""

    def __init__(self, message: str, kind: Kind = "failed") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class SignIn:
    """One that is under way. `url` is for the browser; with a `device` code it is the page where that is typed in."""

    state: str
    facts: Facts
    url: str
    verifier: str = field(repr=False)
    label: str = ""
    project: str = ""
    device: DeviceCode | None = None
    began: float = 0.0
    outcome: Outcome = "pending"
    message: str = ""
    account: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def end(self, outcome: Outcome, message: str = "", account: str = "") -> None:
        self.outcome, self.message, self.account = outcome, message, account
        self.ended.set()


class SignIns:
    """`folder` and `facts` give what is in force. `learned` is told of secrets before anything is done with them."""

    def __init__(
        self,
        folder: Callable[[], Path],
        facts: Callable[[str], Facts],
        learned: Callable[[TokenFile], None] = lambda token: None,
    ) -> None:
        self._folder, self._facts, self._learned = folder, facts, learned
        self._pending: dict[str, SignIn] = {}

    async def begin(self, provider: str, label: str = "", device: bool = False, project: str = "") -> SignIn:
        """Raises `Fault`. A provider that has only the device flow gets that."""
        facts = self._checked(provider, label)
        device = device or not facts.authorization_url
        try:
            check(facts, device)
            token_files.make_folder(self._folder())
        except Missing as fault:
            raise Fault(str(fault), "impossible") from None
        except OSError as fault:
            raise Fault(f"{self._folder()} cannot be written to: {fault.strerror}.") from None
        self._forget()
        begun = await self._begun(facts, device)
        begun.label, begun.project, begun.began = label, project, time.time()
        self._pending[begun.state] = begun
        return begun

    async def complete(self, state: str, pasted: str) -> TokenFile:
        """End a sign-in with the URL that the browser was sent to, or the code in it. Raises `Fault`."""
        one = self._find(state)
        code = _code(one, pasted)

        async def exchanged() -> Fields:
            async with token_endpoint.client() as http:
                more = {"state": one.state} if one.facts.json_body else {}
                return await token_endpoint.grant(
                    http,
                    one.facts,
                    "authorization_code",
                    code=code,
                    code_verifier=one.verifier,
                    redirect_uri=one.facts.redirect_url,
                    **more,
                )

        return await self._ended(one, exchanged)

    async def device(self, state: str) -> TokenFile:
        """Wait until the user has typed the code. Raises `Fault`."""
        one = self._find(state)
        code = one.device
        if not code:
            raise Fault("This sign-in has no device code.", "input")

        async def polled() -> Fields:
            async with token_endpoint.client() as http:
                return await device_flow.tokens(http, one.facts, code, one.verifier)

        return await self._ended(one, polled)

    def status(self, state: str) -> SignIn:
        """How it stands. Raises `Fault`."""
        self._forget()
        if state not in self._pending:
            raise Fault("There is no such sign-in, or it is too long ago; begin again.", "unknown")
        return self._pending[state]

    # -- one sign-in ----------------------------------------------------------------------

    async def _begun(self, facts: Facts, device: bool) -> SignIn:
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
        challenge = create_s256_code_challenge(verifier)
        if not device:
            url = prepare_grant_uri(
                facts.authorization_url,
                facts.client_id,
                "code",
                redirect_uri=facts.redirect_url,
                scope=list(facts.scopes),
                state=state,
                code_challenge=challenge,
                code_challenge_method="S256",
                **dict(facts.authorization_parameters),
            )
            return SignIn(state, facts, url, verifier)
        try:
            async with token_endpoint.client() as http:
                code = await device_flow.begin(http, facts, challenge)
        except (Refused, Unreachable) as fault:
            raise Fault(f"{facts.title} gave no device code: {fault}") from None
        return SignIn(state, facts, code.page_with_code or code.page, verifier, device=code)

    async def _ended(self, one: SignIn, tokens: Callable[[], Awaitable[Fields]]) -> TokenFile:
        async with one.lock:
            if one.outcome != "pending":
                raise Fault("This sign-in has ended already; begin a new one.", "unknown")
            try:
                kept = await self._kept(one, await tokens())
            except (Refused, Unreachable) as fault:
                one.end("failed", f"{one.facts.title} did not let us in: {fault}")
                raise Fault(one.message) from None
            except (Busy, OSError) as fault:
                one.end("failed", f"The token could not be written: {fault}")
                raise Fault(one.message) from None
            one.end("done", account=kept.id)
            return kept

    async def _kept(self, one: SignIn, answer: Fields) -> TokenFile:
        folder, facts = self._folder(), one.facts
        fields = merged({}, answer, time.time())
        unplaced = TokenFile(token_files.path_of(folder, facts.provider), facts.provider, "", fields)
        self._learned(unplaced)
        if facts.provider == "gemini":
            async with token_endpoint.client() as http:
                fields["project_id"] = await code_assist.project(http, unplaced.access_token, one.project)
        return await keep(folder, facts.provider, one.label, fields)

    def _find(self, state: str) -> SignIn:
        one = self.status(state)
        if one.outcome != "pending":
            raise Fault("This sign-in has ended already; begin a new one.", "unknown")
        return one

    def _forget(self) -> None:
        now = time.time()
        kept = [one for one in self._pending.values() if now - one.began < LIFETIME]
        self._pending = {one.state: one for one in kept[-MOST:]}

    def _checked(self, provider: str, label: str) -> Facts:
        if label and not token_files.LABEL.fullmatch(label):
            raise Fault(f"{label!r} is no label: it may have letters, digits, and . _ @ + - between them.", "input")
        try:
            return self._facts(provider)
        except Missing as fault:
            raise Fault(str(fault), "input") from None


def _code(one: SignIn, pasted: str) -> str:
    """The authorization code in what the user pasted: the whole URL, ``code#state``, or the code alone.

    A code without its state is safe too: it is worth nothing without the verifier, which only this sign-in has.
    """
    pasted = pasted.strip()
    is_url = "?" in pasted or "://" in pasted
    query = parse_qs(urlsplit(pasted).query) if is_url else {}
    code, state = query.get("code", [""])[0], query.get("state", [""])[0]
    if not is_url:
        code, _, state = pasted.partition("#")
    if error := query.get("error", [""])[0]:
        one.end("failed", f"{one.facts.title} did not let us in: {_plain(error)}")
        raise Fault(one.message)
    if not code:
        raise Fault("There is no code in that; paste the whole address that the browser ended on.", "pasted")
    if (is_url or state) and not secrets.compare_digest(state.encode(), one.state.encode()):
        raise Fault("That belongs to another sign-in: its state is not the one of this; begin again.", "pasted")
    return code


def _plain(text: str) -> str:
    return re.sub(r"[^\w .,:;-]", "?", text)[:200]


async def keep(folder: Path, provider: str, label: str, fields: Fields) -> TokenFile:
    """Write an account's tokens, beside what its file had of its own. Raises `Busy` or OSError.

    Without a label the account's own file is taken, else the provider's first; never one of somebody else.
    """
    label = label or _label(folder, provider, fields)
    path = token_files.path_of(folder, provider, label)
    token_files.make_folder(folder)
    async with locked(path):
        try:
            before = dict(token_files.read(path).fields)
        except Damaged:
            before = {}
        stale = ("refused", "last_error", "disabled", "expired", "expiry", "expiry_date", "token", *fields)
        whole = {**token_files.without(before, *stale), **fields}
        token_files.write(path, whole)
    return TokenFile(path, provider, label, whole)


def _label(folder: Path, provider: str, fields: Fields) -> str:
    who = (fields.get("email"), fields.get("account_id"))
    mine = [one for one in token_files.read_all(folder)[0] if one.provider == provider]
    for one in mine:
        if (one.fields.get("email"), one.fields.get("account_id")) == who:
            return one.label
    taken = any(not one.label for one in mine)
    name = re.sub(r"[^A-Za-z0-9_@+.-]+|\.{2,}|^\W+|\W+$", "", who[0] or who[1] or "")
    return name if taken and token_files.LABEL.fullmatch(name) else ""
