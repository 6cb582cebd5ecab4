"""`cliproxy flows redact`: copies of flow files without the secrets in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
from mitmproxy import flow as flows
from mitmproxy import http, io

from cliproxy.addons.recordings import PREFIX
from cliproxy.addons.redact import Redactor

from ..faults import Fault
from .secrets import configured_secrets, places, read
from .sources import files, path_argument

CHUNKS = PREFIX + "chunks"


@click.command("redact")
@path_argument
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder for the copies; it is made if need be. The originals stay as they are.",
)
@click.option("--secret", "secrets", metavar="TEXT", multiple=True, help="Also take this out (repeatable).")
def command(path: str | None, into: Path, secrets: tuple[str, ...]) -> None:
    """Copies without secrets, of any flow file.

    Taken out are credential headers and keys in addresses, what `flows audit` would find, and what you name.
    """
    searched = files(path)
    root = Path(path).expanduser() if path else searched[0].parent
    base = root if root.is_dir() else root.parent
    known = configured_secrets() | set(secrets)
    for file in searched:
        target = into / file.relative_to(base)
        if target.resolve() == file.resolve():
            raise Fault(f"--into {into} is where the originals are; name another folder.")
        _copy(file, target, Redactor({*known, *(place.found.value for place in places(file, known))}))
    click.echo(f"Wrote {len(searched)} file{'s' * (len(searched) != 1)} to {into}.")


def _copy(file: Path, target: Path, redactor: Redactor) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            writer = io.FlowWriter(opened)
            for one in read(file):
                writer.add(redacted(one, redactor))
    except OSError as fault:
        raise Fault(f"{target} cannot be written: {(fault.strerror or 'unknown reason').lower()}.") from None


def redacted(one: flows.Flow, redactor: Redactor) -> flows.Flow:
    """Changed in place; it has just been read from a file."""
    one.comment = redactor.text(one.comment)
    one.metadata = _plain(one.metadata, redactor)
    if isinstance(one, http.HTTPFlow):
        one.request = redactor.request(one.request)
        if one.response:
            _chunks(one, redactor)
            one.response = redactor.response(one.response)
        for message in one.websocket.messages if one.websocket else ():
            message.content = redactor.data(message.content)
    return one


def _plain(value: Any, redactor: Redactor) -> Any:
    match value:
        case str():
            return redactor.text(value)
        case dict():
            return {key: _plain(each, redactor) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each, redactor) for each in value]
        case _:
            return value


def _chunks(one: http.HTTPFlow, redactor: Redactor) -> None:
    """The pieces that the answer came in are shorter where a secret was."""
    assert one.response
    noted, content = one.metadata.get(CHUNKS) or [], one.response.get_content(strict=False) or b""
    if sum(int(length) for _, length in noted) != len(content):
        return
    pieces, start = [], 0
    for _, length in noted:
        pieces.append(content[start : start + int(length)])
        start += int(length)
    kept = redactor.pieces(pieces)
    one.metadata[CHUNKS] = [[at, len(piece)] for (at, _), piece in zip(noted, kept, strict=True)]
