"""A recorded exchange: both of its sides as values, and the flow file that keeps them.

A file holds flows that plain mitmproxy reads: the client's side first (``cliproxy.side`` "client"), then every attempt
in its order: "attempt" for those that were given up, "provider" for the last. All carry the same ``cliproxy.id``.
A flow that no gateway wrote is read too: there both sides are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from mitmproxy import connection, flow, http, io

from cliproxy.translators import wire
from cliproxy.translators.formats import FORMATS, Format

from . import endpoints

PREFIX = "cliproxy."
CLIENT_SIDE, ATTEMPT_SIDE, PROVIDER_SIDE = "client", "attempt", "provider"
SUFFIX = ".flow"

type Chunks = tuple[tuple[float, bytes], ...]
"""An answer's bytes as they came: each piece with its seconds since the request was sent."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt on the wire. `began`: epoch seconds; `account`: the credential's label."""

    request: http.Request
    response: http.Response | None
    chunks: Chunks = ()
    began: float = 0.0
    account: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange. `request`, `response`: the client's side. `facts`: see `Exchange.facts`, names without the prefix.

    `error`: why the client got no whole answer, "" where it did.
    """

    facts: Mapping[str, Any]
    request: http.Request
    response: http.Response | None
    attempts: tuple[Tried, ...] = ()
    error: str = ""

    @property
    def id(self) -> str:
        return str(self.facts.get("id", ""))

    @property
    def began(self) -> float:
        """Epoch seconds."""
        return float(self.facts.get("began") or self.request.timestamp_start)

    @property
    def last(self) -> Tried | None:
        """The attempt that was answered from; None where no provider was asked."""
        return self.attempts[-1] if self.attempts else None

    @property
    def chunks(self) -> Chunks:
        return self.last.chunks if self.last else ()

    @property
    def format(self) -> Format | None:
        """The client's; None for a request that is none of ours."""
        return format_of(self.request)

    @property
    def provider_format(self) -> Format | None:
        named = FORMATS.get(str(self.facts.get("provider_format", "")))
        return named or (format_of(self.last.request) if self.last else None)

    @property
    def model(self) -> str:
        """As the client named it."""
        return asked_model(self.request, body(self.request))

    @property
    def stream(self) -> bool:
        return streams(self.request)


def format_of(request: http.Request) -> Format | None:
    found = _endpoint(request)
    return found.format if found else None


def asked_model(request: http.Request, parsed: Mapping[str, Any]) -> str:
    """`parsed`: the request's body."""
    found = _endpoint(request)
    return (found.model if found else "") or str(parsed.get("model", ""))


def streams(request: http.Request) -> bool:
    return "streamGenerateContent" in request.path or body(request).get("stream") is True


def body(message: http.Message) -> dict[str, Any]:
    """The JSON object that a message holds; empty where it holds none."""
    try:
        found = wire.loads(message.get_content(strict=False) or b"")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _endpoint(request: http.Request) -> endpoints.Endpoint | None:
    found = endpoints.find(request.path, request.headers, request.query)
    return found if found and found.operation == "generate" else None


# -- reading ------------------------------------------------------------------------------


def load(path: Path) -> list[Recorded]:
    """All exchanges of a file. Raises `FlowReadException` for a damaged one, `OSError` where there is none."""
    return list(read(path))


def read(path: Path) -> Iterator[Recorded]:
    """One exchange after the other, so that a large file needs little memory."""
    with path.open("rb") as file:
        flows = (one for one in io.FlowReader(file).stream() if isinstance(one, http.HTTPFlow))
        for _, group in groupby(flows, key=exchange_id):
            yield joined(list(group))


def find(folder: Path, id: str) -> Recorded | None:
    """The exchange of that id, wherever below `folder` it is."""
    named = sorted(folder.rglob(f"*-{id}{SUFFIX}"))
    others = (path for path in files(folder) if path not in named)
    found = (one for path in (*named, *others) for one in read(path) if one.id == id)
    return next(found, None)


def files(folder: Path) -> list[Path]:
    """Every recording below `folder`, oldest first: their names begin with the time."""
    return sorted(folder.rglob(f"*{SUFFIX}"), key=lambda path: (path.name, path))


def exchange_id(one: http.HTTPFlow) -> str:
    return str(one.metadata.get(PREFIX + "id") or one.id)


def joined(flows: Sequence[http.HTTPFlow]) -> Recorded:
    """The exchange that the flows of one id are the sides of."""
    sides = [one for one in flows if one.metadata.get(PREFIX + "side") in (ATTEMPT_SIDE, PROVIDER_SIDE)]
    client = next((one for one in flows if one not in sides), flows[0])
    facts = {name.removeprefix(PREFIX): value for name, value in client.metadata.items() if name.startswith(PREFIX)}
    facts.setdefault("id", client.id)
    answered_here = client.metadata.get(PREFIX + "side") == CLIENT_SIDE and not sides
    attempts = () if answered_here else tuple(_tried(one) for one in sides or [client])
    return Recorded(facts, client.request, client.response, attempts, client.error.msg if client.error else "")


def _tried(one: http.HTTPFlow) -> Tried:
    content = (one.response.get_content(strict=False) if one.response else None) or b""
    chunks = _chunks(content, one.metadata.get(PREFIX + "chunks") or [])
    began = one.metadata.get(PREFIX + "attempt_began") or one.request.timestamp_start
    return Tried(one.request, one.response, chunks, began, str(one.metadata.get(PREFIX + "attempt_account", "")))


def _chunks(content: bytes, lengths: Sequence[Sequence[float]]) -> Chunks:
    """`lengths`: for each piece its seconds since the request was sent, and its length."""
    if sum(int(length) for _, length in lengths) != len(content):
        return ((0.0, content),)
    pieces, start = [], 0
    for when, length in lengths:
        pieces.append((float(when), content[start : start + int(length)]))
        start += int(length)
    return tuple(pieces)


# -- writing ------------------------------------------------------------------------------


def write(folder: Path, recorded: Recorded) -> Path:
    """One file an exchange, for its owner's eyes alone. It is there whole or not at all, whatever happens meanwhile."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = datetime.fromtimestamp(recorded.began, UTC).strftime("%Y%m%dT%H%M%S.%f")
    path = folder / f"{stamp}-{recorded.id}{SUFFIX}"
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    write_file(path, recorded)
    return path


def write_file(path: Path, recorded: Recorded) -> None:
    """In place of what is there."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            writer = io.FlowWriter(file)
            for one in flows(recorded):
                writer.add(one)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def flows(recorded: Recorded) -> Iterable[http.HTTPFlow]:
    """The flows that keep an exchange; `joined` is the way back."""
    facts = {PREFIX + name: value for name, value in recorded.facts.items()}
    yield _flow(recorded.began, recorded.request, recorded.response, {**facts, PREFIX + "side": CLIENT_SIDE}, recorded)
    for number, tried in enumerate(recorded.attempts, 1):
        side = PROVIDER_SIDE if number == len(recorded.attempts) else ATTEMPT_SIDE
        own = {
            "side": side,
            "chunks": [[round(at, 4), len(data)] for at, data in tried.chunks],
            "attempt_began": tried.began,
            "attempt_account": tried.account,
        }
        metadata = {**facts, **{PREFIX + name: value for name, value in own.items()}}
        yield _flow(tried.began, tried.request, _whole(tried), metadata, recorded)


def _whole(tried: Tried) -> http.Response | None:
    if not tried.response:
        return None
    response = tried.response.copy()
    response.data.content = b"".join(data for _, data in tried.chunks)
    return response


def _flow(
    began: float, request: http.Request, response: http.Response | None, metadata: dict[str, Any], recorded: Recorded
) -> http.HTTPFlow:
    """A new flow without the addresses and certificates of the connections."""
    made = http.HTTPFlow(
        connection.Client(peername=("", 0), sockname=("", 0), timestamp_start=began),
        connection.Server(address=None),
    )
    made.request, made.response, made.metadata, made.timestamp_created = request, response, metadata, began
    side = metadata[PREFIX + "side"]
    made.comment = f"{comment(recorded.facts)} ({side})"
    if side == CLIENT_SIDE and recorded.error:
        made.error = flow.Error(recorded.error)
    return made


def comment(facts: Mapping[str, Any]) -> str:
    """An exchange in one line: ``model → provider/model · account · status · tokens · ms``."""
    tokens, model = facts.get("tokens") or {}, facts.get("model")
    whom = f"{facts.get('provider')}/{model}" if model else str(facts.get("provider"))
    counted = [f"{tokens[kind]:,} {kind}" for kind in ("input", "output") if kind in tokens]
    words = [
        " → ".join(filter(None, (facts.get("asked") or facts.get("model"), whom))),
        str(facts.get("account") or ""),
        str(facts.get("status") or ""),
        " + ".join(counted) + (" tokens" if counted else ""),
        f"{facts['seconds'] * 1000:,.0f} ms" if "seconds" in facts else "",
        f"lost: {', '.join(facts['lost'])}" if facts.get("lost") else "",
    ]
    return " · ".join(word for word in words if word)
