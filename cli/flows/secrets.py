"""Where secrets stand in flow files of any origin: in headers, in addresses, in bodies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus

from mitmproxy import flow as flows
from mitmproxy import http, io
from mitmproxy.exceptions import FlowReadException

from cliproxy.addons.redact import HEADERS, MARK, QUERY
from cliproxy.addons.secret_patterns import Found, search
from cliproxy.addons.settings_load import ConfigError, find, load

from ..faults import Fault

LABEL = re.compile(r"(?:bearer )?\[[^\]]*\]|(?:bearer )?(?:no-key-needed|sk-(?:test|your)-.*)", re.IGNORECASE)
"""What stands in a secret's place: our mark, the label of a credential, an obvious dummy."""


@dataclass(frozen=True, slots=True)
class Place:
    """`where`: a header, the address, or a body of the flow."""

    file: Path
    flow: str
    where: str
    found: Found


def configured_secrets() -> frozenset[str]:
    """Of the configuration that is in use here, if there is one."""
    try:
        return load(find(None, os.environ, Path(), Path.home()), os.environ).secrets
    except ConfigError:
        return frozenset()


def read(file: Path) -> Iterator[flows.Flow]:
    """Raises Fault for a file that is none of mitmproxy's."""
    try:
        with file.open("rb") as opened:
            yield from io.FlowReader(opened).stream()
    except (OSError, FlowReadException) as fault:
        raise Fault(f"{file} is no recording that can be read: {fault}") from None


def places(file: Path, known: Iterable[str]) -> Iterator[Place]:
    known = tuple(known)
    for one in read(file):
        if isinstance(one, http.HTTPFlow):
            for where, found in _of(one, known):
                yield Place(file, one.id.partition("-")[0], where, found)


def _of(one: http.HTTPFlow, known: tuple[str, ...]) -> Iterator[tuple[str, Found]]:
    for name, message in (("request", one.request), ("response", one.response)):
        if message:
            yield from ((f"{name} header {header}", found) for header, found in _headers(message, known))
            body = (message.get_content(strict=False) or b"").decode("utf-8", "replace")
            yield from ((f"{name} body", found) for found in _text(body, known))
    yield from (("address", found) for found in _address(one.request, known))
    for frame in one.websocket.messages if one.websocket else ():
        yield from (("websocket message", found) for found in _text(frame.content.decode("utf-8", "replace"), known))
    for told in (one.comment, str(one.metadata)):
        yield from (("comment or metadata", found) for found in _text(told, known))


def _headers(message: http.Message, known: tuple[str, ...]) -> Iterator[tuple[str, Found]]:
    for name, value in message.headers.items(multi=True):
        if HEADERS.fullmatch(name):
            if value and not LABEL.fullmatch(value):
                yield name, Found("credential", value)
        else:
            yield from ((name, found) for found in _text(value, known))


def _address(request: http.Request, known: tuple[str, ...]) -> Iterator[Found]:
    for field in request.path.partition("?")[2].split("&"):
        name, _, value = field.partition("=")
        if unquote_plus(name).lower() in QUERY and value and unquote_plus(value) != MARK:
            yield Found("credential", unquote_plus(value))
    yield from _text(request.pretty_url, known)


def _text(text: str, known: tuple[str, ...]) -> Iterator[Found]:
    yield from (Found("secret of the configuration", value) for value in known if len(value) >= 6 and value in text)
    yield from search(text)
