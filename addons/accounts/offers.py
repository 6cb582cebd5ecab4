"""Offers to sign in with the accounts that are missing, and sees a sign-in through without anybody at a terminal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

from mitmproxy import ctx
from mitmproxy.addonmanager import Loader
from mitmproxy.utils import asyncio_utils

from .. import worker
from ..settings import Settings
from . import token_files
from .loopback import CannotListen, listening
from .oauth_facts import FACTS, Facts, Missing, check, known
from .sign_in import LIFETIME, Fault, SignIn, SignIns
from .signed_in import SignedIn
from .token_files import TokenFile

logger = logging.getLogger(__name__)


class Offers:
    """At the start, where `run --enable-oauth` has no terminal to ask at: the addresses are logged, and waited for."""

    def __init__(self, accounts: SignedIn) -> None:
        self._accounts = accounts

    def load(self, loader: Loader) -> None:
        loader.add_option("cliproxy_enable_oauth", bool, False, "Offer to sign in with the accounts that are missing.")

    def running(self) -> None:
        if ctx.options.cliproxy_enable_oauth and worker.number() <= 1:
            asyncio_utils.create_task(self._offer(), name="offer to sign in", keep_ref=True)

    async def _offer(self) -> None:
        for facts, fault in unsigned(self._accounts.settings):
            if fault:
                logger.warning("%s", fault)
                continue
            try:
                one = await self._accounts.sign_ins.begin(facts.provider)
            except Fault as refusal:
                logger.warning("%s", refusal)
                continue
            code = f" and type in the code {one.device.user_code}" if one.device else ""
            logger.warning("No %s account is signed in. To do so open %s%s", facts.title, one.url, code)
            attend(self._accounts.sign_ins, one)


def unsigned(settings: Settings) -> Iterator[tuple[Facts, str]]:
    """The providers without an account; with a sentence, those where something must be configured first."""
    signed_in = {one.provider for one in token_files.read_all(settings.auth.dir)[0]}
    for name in FACTS:
        facts = known(name, settings.oauth)
        if name not in signed_in:
            try:
                check(facts, device=not facts.authorization_url)
            except Missing as missing:
                yield facts, str(missing)
            else:
                yield facts, ""


def attend(sign_ins: SignIns, one: SignIn) -> None:
    """See it through in the background: poll for a device code, or wait here for the browser. Others may be faster."""
    asyncio_utils.create_task(_attend(sign_ins, one), name=f"sign in with {one.facts.title}", keep_ref=True)


async def _attend(sign_ins: SignIns, one: SignIn) -> None:
    try:
        account = await (sign_ins.device(one.state) if one.device else _come_back(sign_ins, one))
    except CannotListen as fault:
        logger.info("%s", fault)
    except Fault as fault:
        logger.warning("%s", fault)
    else:
        if account:
            logger.info("Signed in as %s.", account.id)


async def _come_back(sign_ins: SignIns, one: SignIn) -> TokenFile | None:
    """None where nobody came, or it has ended in another way."""
    async with listening(one.facts.redirect_url, one.state) as came:
        ends: list[asyncio.Future[Any]] = [came, asyncio.ensure_future(one.ended.wait())]
        await asyncio.wait(ends, timeout=LIFETIME, return_when=asyncio.FIRST_COMPLETED)
        ends[1].cancel()
        over = one.ended.is_set() or not came.done()
        return None if over else await sign_ins.complete(one.state, came.result())
