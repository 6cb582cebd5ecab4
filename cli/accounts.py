"""`cliproxy accounts`: the accounts that are signed in, and what can be done with them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cliproxy.addons.accounts import edits, token_files
from cliproxy.addons.accounts.file_lock import Busy
from cliproxy.addons.accounts.import_tokens import SOURCES, Unusable, tokens_of
from cliproxy.addons.accounts.oauth_facts import FACTS, OTHER_NAMES, known
from cliproxy.addons.accounts.token_files import Damaged, TokenFile
from cliproxy.addons.settings import Settings
from cliproxy.addons.settings_load import ConfigError

from .config_option import config_option, configured_or_default
from .faults import Fault, say_all

if TYPE_CHECKING:  # what takes a while to import waits until a command needs it
    from cliproxy.addons.accounts.cooldowns import Rest

_account = click.argument("account")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object an account.")
@config_option
@click.pass_context
def accounts(context: click.Context, as_json: bool, config: str | None) -> None:
    """List the accounts that are signed in.

    Without a command: who each is, its plan, when its token expires (it is refreshed by itself), until when it rests,
    and what went wrong last. A running gateway follows every change at once.
    """
    context.obj = configured_or_default(config)
    if context.invoked_subcommand:
        return
    tokens, faults = token_files.read_all(context.obj.auth.dir)
    now = time.time()
    rests = asyncio.run(_rests(context.obj.state.url, now)) if tokens else {}
    rows = [row(token, now, rests.get(token.id) or rests.get(token.provider)) for token in tokens]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif rows:
        click.echo(table(rows))
    else:
        click.echo("No account is signed in; `cliproxy login PROVIDER` signs one in.")
    say_all(str(fault) for fault in faults)


async def _rests(url: str, now: float) -> dict[str, Rest]:
    """What running gateways have told of their accounts."""
    from cliproxy.addons.accounts.shared_pool import resting
    from cliproxy.addons.state.shared import opened

    try:
        store = opened(url)
    except ConfigError as fault:
        raise Fault(*fault.errors) from None
    try:
        found = await resting(store, FACTS, now)
        if store.degraded:
            say_all([f"Who rests is not known: {store.degraded}"])
        return found
    finally:
        await store.close()


def row(token: TokenFile, now: float, rest: Rest | None = None) -> dict[str, Any]:
    """What `--json` prints; times are ISO 8601 in UTC."""
    return {
        "account": token.id,
        "provider": token.provider,
        "who": token.who,
        "plan": token.plan,
        "state": _state(token, now, rest),
        "expires": None if token.expires_at is None else token_files.stamp(token.expires_at),
        "resting_until": token_files.stamp(rest.until) if rest else None,
        "last_error": token.last_error or (rest.reason if rest else ""),
        "file": token.path.name,
    }


def _state(token: TokenFile, now: float, rest: Rest | None) -> str:
    if token.disabled:
        return "disabled"
    if token.sign_in_needed:
        return "sign in again"
    if rest:
        return "resting"
    return "expired" if token.expired(now) else "ready"


COLUMNS = ("account", "who", "plan", "state", "expires", "resting_until", "last_error")


def table(rows: Iterable[dict[str, Any]]) -> str:
    cells = [[name.replace("_", " ") for name in COLUMNS]]
    cells += [[str(row[name] or "-") for name in COLUMNS] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


@accounts.command()
@_account
@click.pass_obj
def remove(settings: Settings, account: str) -> None:
    """Sign an account out here: its token file is deleted."""
    token = _changed(settings, account, edits.removed)
    click.echo(f"{token.id} is removed.")


@accounts.command()
@_account
@click.pass_obj
def disable(settings: Settings, account: str) -> None:
    """Let an account rest until it is enabled again."""
    token = _changed(settings, account, edits.disabled)
    click.echo(f"{token.id} is disabled.")


@accounts.command()
@_account
@click.pass_obj
def enable(settings: Settings, account: str) -> None:
    """Use an account again."""
    token = _changed(settings, account, edits.enabled)
    click.echo(f"{token.id} is enabled.")


@accounts.command()
@_account
@click.pass_obj
def refresh(settings: Settings, account: str) -> None:
    """Get an account a new token now."""
    from cliproxy.addons.accounts.refresh import Failed, Refresher  # httpx takes a while to import

    token = _find(settings, account)
    refresher = Refresher(partial(known, overrides=settings.oauth), lambda token: None)
    try:
        renewed = asyncio.run(refresher.refreshed(token))
    except Failed as fault:
        raise Fault(str(fault)) from None
    until = "" if renewed.expires_at is None else f" until {token_files.stamp(renewed.expires_at)}"
    click.echo(f"{token.id} has a new token{until}.")


@accounts.command("import")
@click.argument(
    "provider", metavar="[PROVIDER]", required=False, type=click.Choice([*SOURCES, *OTHER_NAMES], case_sensitive=False)
)
@click.option("--from", "source", type=click.Path(path_type=Path), help="The file, where it isn't in its usual place.")
@click.option("--label", default="", help="A name for a further account.")
@click.pass_obj
def import_(settings: Settings, provider: str | None, source: Path | None, label: str) -> None:
    """Take over the sign-in of a provider's own command line: Codex, Claude Code, Gemini CLI or Qwen Code.

    Without PROVIDER: all that are found. Their files are only read. The program and the gateway then share one
    sign-in, and where the provider turns refresh tokens the one that refreshes first signs the other out; `cliproxy
    login` gives the gateway a sign-in of its own.
    """
    if not provider and (source or label):
        raise Fault("--from and --label need a PROVIDER.")
    if provider:
        name = OTHER_NAMES.get(provider, provider)
        click.echo(_imported(settings, name, source or Path.home() / SOURCES[name].place, label))
        return
    found = {name: Path.home() / one.place for name, one in SOURCES.items() if (Path.home() / one.place).exists()}
    if not found:
        raise Fault(f"Nothing to import: there is none of {', '.join('~/' + one.place for one in SOURCES.values())}.")
    for name, path in found.items():
        click.echo(_imported(settings, name, path, ""))


def _imported(settings: Settings, provider: str, source: Path, label: str) -> str:
    if label and not token_files.LABEL.fullmatch(label):
        raise Fault(f"--label: {label!r} may only have letters, digits, and . _ @ + - between them.")
    from cliproxy.addons.accounts.sign_in import keep

    try:
        token = asyncio.run(keep(settings.auth.dir, provider, label, tokens_of(provider, source)))
    except Unusable as fault:
        raise Fault(str(fault)) from None
    except (Busy, OSError) as fault:
        raise Fault(f"{settings.auth.dir} cannot be written to: {fault}") from None
    return f"{token.id}: the sign-in of {SOURCES[provider].program} ({token.who or 'who is not known'}) is taken over."


# -- one account --------------------------------------------------------------------------------


def _find(settings: Settings, account: str) -> TokenFile:
    """By its id, or its file's name. Raises `Fault`."""
    if token := edits.find(settings.auth.dir, account):
        return token
    tokens, faults = token_files.read_all(settings.auth.dir)
    others = f"there are: {', '.join(token.id for token in tokens)}" if tokens else "none is signed in"
    raise Fault(f"There is no account {account!r}; {others}.", *map(str, faults))


def _changed(settings: Settings, account: str, change: Callable[[TokenFile], None]) -> TokenFile:
    """Change the account's file while nobody else does. Raises `Fault`."""
    try:
        changed = asyncio.run(edits.edited(settings.auth.dir, account, change))
    except (Busy, OSError, Damaged) as fault:
        raise Fault(f"{account}: {fault}") from None
    return changed or _find(settings, account)
