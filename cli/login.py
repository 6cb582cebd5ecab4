"""`cliproxy login`: sign in with an account at a provider."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cliproxy.addons.accounts.loopback import CannotListen, listening
from cliproxy.addons.accounts.oauth_facts import FACTS, OTHER_NAMES, known
from cliproxy.addons.settings import Settings

from .config_option import config_option, configured_or_default
from .faults import Fault
from .typed_lines import typed_lines

if TYPE_CHECKING:  # httpx and authlib take a while: they are imported when there is a sign-in to do
    from cliproxy.addons.accounts.sign_in import SignIn, SignIns
    from cliproxy.addons.accounts.token_files import TokenFile

PATIENCE = 900.0
"""Seconds that a browser sign-in may take."""


@click.command()
@click.argument("provider", metavar="PROVIDER", type=click.Choice([*FACTS, *OTHER_NAMES], case_sensitive=False))
@click.option("--device", is_flag=True, help="Type a code into a page on any other device (ChatGPT, Qwen).")
@click.option("--no-browser", is_flag=True, help="Don't open a browser; only print the address.")
@click.option("--label", default="", help="A name for a further account: kept in <provider>_token.<label>.json.")
@click.option("--project", default="", help="Gemini: count requests on this Google Cloud project of yours.")
@config_option
def login(provider: str, device: bool, no_browser: bool, label: str, project: str, config: str | None) -> None:
    """Sign in with an account.

    PROVIDER is openai (or chatgpt, codex), anthropic (or claude), gemini (or google), or qwen.

    Opens the provider's page in a browser and waits until it comes back. Where there is no browser, open the address
    on any machine and paste here the address that it ends on; --device spares that.

    \b
    Examples:
      cliproxy login chatgpt
      cliproxy login claude --no-browser
      cliproxy login openai --device --label work
    """
    settings = configured_or_default(config)
    begin = Begin(provider, device, label, project)
    asyncio.run(signed_in(settings, begin, browser=not no_browser))


@dataclass(frozen=True, slots=True)
class Begin:
    """What is to be signed in to."""

    provider: str
    device: bool = False
    label: str = ""
    project: str = ""


async def signed_in(settings: Settings, wanted: Begin, browser: bool = True) -> TokenFile:
    """Sign in, with what the user has to do told on standard output. Raises `Fault`."""
    from cliproxy.addons.accounts import sign_in

    sign_ins = sign_in.SignIns(lambda: settings.auth.dir, partial(known, overrides=settings.oauth))
    try:
        one = await sign_ins.begin(wanted.provider, wanted.label, wanted.device, wanted.project)
        account = await (_by_device(sign_ins, one) if one.device else _by_browser(sign_ins, one, browser))
    except sign_in.Fault as fault:
        raise Fault(str(fault)) from None
    click.echo(f"Signed in as {account.who or account.id}; the account is kept in {account.path}.")
    return account


async def _by_device(sign_ins: SignIns, one: SignIn) -> TokenFile:
    assert one.device
    click.echo(f"Open {one.url} on any device, and type in the code {one.device.user_code}")
    click.echo("Waiting until that is done …")
    return await sign_ins.device(one.state)


async def _by_browser(sign_ins: SignIns, one: SignIn, browser: bool) -> TokenFile:
    click.echo(f"Open this address to sign in with {one.facts.title}:\n\n  {one.url}\n")
    async with contextlib.AsyncExitStack() as stack:
        ways: list[Coroutine[Any, Any, TokenFile]] = []
        try:
            came = await stack.enter_async_context(listening(one.facts.redirect_url, one.state))
            ways.append(_come_back(sign_ins, one, came))
        except CannotListen as fault:
            click.echo(f"{fault} Paste the address instead.")
        if browser:
            await asyncio.to_thread(webbrowser.open, one.url)
        click.echo("On another machine? Paste here the address that the browser ends on, and press Enter.")
        ways.append(_pasted(sign_ins, one, alone=not ways))
        return await _first_of(ways)


async def _first_of(ways: list[Coroutine[Any, Any, TokenFile]]) -> TokenFile:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            return task.result()
        raise Fault("Nobody came back from the sign-in in time; begin again.")
    finally:
        for task in tasks:
            task.cancel()


async def _come_back(sign_ins: SignIns, one: SignIn, came: asyncio.Future[str]) -> TokenFile:
    return await sign_ins.complete(one.state, await came)


async def _pasted(sign_ins: SignIns, one: SignIn, alone: bool) -> TokenFile:
    """A slip in pasting may be mended. `alone`: there is no browser to wait for when the input ends."""
    from cliproxy.addons.accounts import sign_in

    lines: asyncio.Queue[str | None] = asyncio.Queue()
    with typed_lines(lines.put_nowait):
        while (line := await lines.get()) is not None:
            try:
                if line:
                    return await sign_ins.complete(one.state, line)
            except sign_in.Fault as fault:
                if fault.kind != "pasted":
                    raise
                click.echo(str(fault), err=True)
    if alone:
        raise Fault("Nothing was pasted; without a terminal use --device, or the management API.")
    await asyncio.Event().wait()  # until the browser comes, or the time is up
    raise AssertionError("nobody sets it")


def offer(settings: Settings) -> None:
    """At a terminal: ask for each account that is missing."""
    from cliproxy.addons.accounts.offers import unsigned

    for facts, lacking in unsigned(settings):
        if lacking:
            click.echo(lacking)
        elif click.confirm(f"No {facts.title} account is signed in. Sign in now?", default=False):
            try:
                asyncio.run(signed_in(settings, Begin(facts.provider)))
            except Fault as fault:
                fault.show()
