"""`cliproxy flows audit`: a search for secrets before recordings are handed on."""

from __future__ import annotations

from dataclasses import asdict

import click

from .secrets import Place, configured_secrets, places
from .sources import files, json_option, path_argument, say


@click.command("audit")
@path_argument
@json_option
def command(path: str | None, as_json: bool) -> None:
    """Search for secrets; exit code 1 if there are any.

    Any flow file of mitmproxy: credential headers, keys in addresses, what looks like a key or token in a body, and the
    secrets of the configuration in use here. No secret is shown whole.
    """
    searched = files(path)
    known = configured_secrets()
    found = [place for file in searched for place in places(file, known)]
    plain = [{**asdict(one), "found": one.found.kind, "hint": one.found.hint} for one in found]
    say(plain, as_json, lambda: "\n".join([*map(_line, found), _sum(len(found), len(searched))]))
    if found:
        raise SystemExit(1)


def _line(one: Place) -> str:
    return f"{one.file}: {one.flow}: {one.where}: {one.found.kind} {one.found.hint}"


def _sum(found: int, searched: int) -> str:
    where = f"{searched} file{'s' * (searched != 1)}"
    return f"{found} secret{'s' * (found != 1)} in {where}." if found else f"No secret in {where}."
