"""A recorded exchange, gone through again with the code of today and no network: what is sent, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from mitmproxy import connection, http

from cliproxy.translators import ir, sse, wire
from cliproxy.translators.formats import Format

from . import exchange, outgoing, reading, recordings, retranslate
from .accounts.pool import Credential
from .canonical import differences
from .exchange import Exchange
from .preparation import prepare
from .recordings import Recorded, Tried
from .translation import Translation

type Verdict = Literal["bytes", "meaning", "differs", "skipped"]
"""How near today's is to what was recorded: the very bytes, the same in other bytes, or something else."""

NOWHERE = "http://127.0.0.1:9"
"""Where the request would go: only its body is looked at."""
TOLD = 3
"""So many differences are told of a side."""


@dataclass(frozen=True, slots=True)
class Side:
    """`part`: "request" (as the provider got it) or "answer" (as the client got it). `told`: why, or what differs."""

    part: str
    verdict: Verdict
    told: tuple[str, ...] = ()


def compared(recorded: Recorded) -> list[Side]:
    """Both sides of an exchange. What can't be gone through again is skipped, and says why."""
    call, last = retranslate.again(recorded), recorded.last
    if not call or not last or recorded.facts.get("operation", "generate") != "generate":
        return [Side("exchange", "skipped", ("no request for an answer of a model that a provider was asked for",))]
    if _expanded(recorded, call, last):
        return [Side("exchange", "skipped", ("it goes on with an earlier response, which is not in its recording",))]
    if fault := prepare(call):
        return [Side("request", "differs", (f"today it is refused: {fault.message}",))]
    sides = [_request(recorded, call, last)]
    if last.response and recorded.response and not recorded.error:
        sides.append(_answer(recorded, call, last))
    return sides


def _expanded(recorded: Recorded, call: Exchange, last: Tried) -> bool:
    """The client named an earlier response, and the provider was told the whole conversation in its place."""
    name = "previous_response_id"
    passed = name in recordings.body(last.request) or name in recorded.facts.get("lost", ())
    return bool(call.body.get(name)) and not passed


# -- what the provider is sent ------------------------------------------------------------


def _request(recorded: Recorded, call: Exchange, last: Tried) -> Side:
    flow = _flow(recorded)
    call.upstream = replace(call.upstream, base_url=NOWHERE)
    if fault := outgoing.write(flow, call, Credential(last.account, call.upstream.provider, "")):
        return Side("request", "differs", (f"today it is refused: {fault.message}",))
    before, now = last.request.get_content(strict=False) or b"", flow.request.get_content(strict=False) or b""
    return _side("request", before, now, _json)


def _json(content: bytes) -> Any:
    """Without what belongs to the account alone: that is not recorded."""
    try:
        body = wire.loads(content)
    except ValueError:
        return content
    return retranslate.comparable(body) if isinstance(body, dict) else body


# -- what the client is answered ----------------------------------------------------------


def _answer(recorded: Recorded, call: Exchange, last: Tried) -> Side:
    assert recorded.response and last.response
    before, now = recorded.response, answered(recorded, call, last)
    if before.status_code != now.status_code:
        return Side("answer", "differs", (f"status: {before.status_code} was recorded, {now.status_code} today",))
    contents = (before.get_content(strict=False) or b"", now.get_content(strict=False) or b"")
    told, today = (_without_comments(one) for one in contents)
    return _side("answer", told, today, lambda content: _meaning(call.format, before, content))


def answered(recorded: Recorded, call: Exchange, last: Tried) -> http.Response:
    """What Translation makes of the recorded answer, piece by piece as it came."""
    assert last.response
    flow, translation = _flow(recorded), Translation()
    pieces = [data for _, data in last.chunks]
    flow.response = last.response.copy()
    flow.response.data.content = b"".join(pieces)
    exchange.begin(flow, call)
    translation.responseheaders(flow)
    stream = flow.response.stream
    if callable(stream):
        flow.response.stream = False
        flow.response.data.content = b"".join(out for data in (*pieces, b"") for out in _pieces(stream(data)))
    else:
        translation.response(flow)
    return flow.response


def _pieces(out: Any) -> Iterator[bytes]:
    yield from ([out] if isinstance(out, bytes) else out)


def _without_comments(content: bytes) -> bytes:
    """Signs of life depend on the clock, and say nothing."""
    return content.replace(sse.COMMENT, b"").lstrip(b"\r\n")


def _meaning(format: Format, response: http.Response, content: bytes) -> Any:
    read = reading.read(format, response, content)
    return _plain(read) if read else content


def _plain(value: Any) -> Any:
    """Values of `ir` as JSON could say them."""
    match value:
        case tuple() | list():
            return [_plain(one) for one in value]
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case str() | int() | float() | None:
            return value
        case ir.Error(status, message):
            return {"status": status, "message": message}
        case _ if hasattr(value, "__slots__"):
            fields = {name: _plain(getattr(value, name)) for name in value.__slots__}
            return {"kind": type(value).__name__, **fields}
        case _:
            return str(value)


# -- both ---------------------------------------------------------------------------------


def _side(part: str, before: bytes, now: bytes, meaning: Callable[[bytes], Any]) -> Side:
    if before == now:
        return Side(part, "bytes")
    found = [one.told("was recorded", "today") for one in differences(meaning(before), meaning(now))]
    if found:
        return Side(part, "differs", (*found[:TOLD], *(("and more",) if len(found) > TOLD else ())))
    return Side(part, "meaning", ("the same in other bytes",))


def _flow(recorded: Recorded) -> http.HTTPFlow:
    made = http.HTTPFlow(
        connection.Client(peername=("", 0), sockname=("", 0), timestamp_start=recorded.began),
        connection.Server(address=None),
    )
    made.request = recorded.request.copy()
    made.request.host, made.request.port, made.request.scheme = "127.0.0.1", 9, "http"
    return made
