"""A recorded request sent once more, to the same model or to others, and the answers side by side."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from urllib.parse import quote

import httpx
from mitmproxy import http

from cliproxy.addons import reading
from cliproxy.addons.recordings import Recorded
from cliproxy.addons.upstreams import passed_headers
from cliproxy.addons.usage import prices
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.splice import spliced

from .asking import Answered, ask, calls_of, text_of
from .clients import Place
from .faults import Fault
from .flows.exports.portable import without_key
from .flows.sources import say, table
from .flows.summary import dollars, number, seconds, summary
from .place import Wanted, reached
from .replay_offline import chosen


@dataclass(frozen=True, slots=True)
class Row:
    """One answer. `name`: whose; `cost` in US dollars; `first_byte` and `seconds` since the request was sent."""

    name: str
    status: int
    text: str
    calls: tuple[tuple[str, str], ...]
    finish: str
    input: int | None
    output: int | None
    cost: float | None
    first_byte: float | None
    seconds: float | None
    lost: str
    id: str


def run_again(source: str, path: str | None, wanted: Wanted, targets: Sequence[str], as_json: bool) -> None:
    """Ends the program with 1 where an answer is an error."""
    pairs = [_target(one) for one in targets]
    found = [one for one in chosen(source, path) if one.format]
    if not found:
        raise Fault(f"{source} holds no request for an answer of a model.")
    forced = tuple((model, provider) for provider, model in pairs)
    if len({model for model, _ in forced}) < len(set(forced)):
        raise Fault("--to: the same model of two providers can't be asked at once; ask one after the other.")
    failed = False
    with reached(Wanted(**{**asdict(wanted), "forced": forced})) as place:
        for one in found:
            rows = [recorded_row(one), *_asked(one, place, pairs)]
            failed |= any(row.status >= 400 or row.status == 0 for row in rows[1:])
            say([asdict(row) for row in rows], as_json, partial(_text, one, rows))
    if failed:
        raise SystemExit(1)


def _target(text: str) -> tuple[str, str]:
    provider, slash, model = text.partition("/")
    if not (provider and slash and model):
        raise Fault(f"--to must be provider/model, such as openai/gpt-5, not {text!r}.")
    return provider, model


def _asked(one: Recorded, place: Place, pairs: Sequence[tuple[str, str]]) -> Iterator[Row]:
    for provider, model in pairs or [(str(one.facts.get("provider", "")), "")]:
        request = renamed(one, model) if model else one.request
        name = f"{provider}/{model}" if model else "again"
        try:
            yield _row(name, provider, model or str(one.facts.get("model") or one.model), _send(one, request, place))
        except httpx.HTTPError as fault:
            raise Fault(f"{place.base_url} gave no answer: {fault}") from None


def _send(one: Recorded, request: http.Request, place: Place) -> Answered:
    assert one.format
    headers = passed_headers(request.headers, one.format).items(multi=True)
    return ask(place.base_url, place.key, without_key(request.path), headers, request.get_content(strict=False) or b"")


def renamed(one: Recorded, model: str) -> http.Request:
    """The client's request for another model; all else stays byte for byte."""
    request = one.request.copy()
    if one.format is FORMATS["gemini"]:
        request.path = re.sub(r"(?<=/models/)[^:?]+", quote(model, safe="/"), request.path, count=1)
    else:
        content = request.get_content(strict=False) or b""
        request.data.content = spliced(content, {"model": json.dumps(model).encode()})
    return request


def _row(name: str, provider: str, model: str, told: Answered) -> Row:
    finish = told.answer.finish if told.answer else None
    usage = finish.usage if finish else None
    return Row(
        name,
        told.status,
        told.text,
        tuple(told.calls),
        str(finish.reason) if finish else "",
        usage.input if usage else None,
        usage.output if usage else None,
        prices.estimate(provider, "", model, usage) if usage else None,
        round(told.first_byte, 4),
        round(told.seconds, 4),
        told.headers.get("x-cliproxy-lost", ""),
        told.id,
    )


def recorded_row(one: Recorded) -> Row:
    answer, known = reading.answered(one), summary(one)
    return Row(
        "recorded",
        known.status,
        text_of(answer),
        tuple(calls_of(answer)),
        str(answer.finish.reason) if answer and answer.finish else "",
        known.input,
        known.output,
        known.cost,
        known.first_byte,
        known.seconds,
        ", ".join(known.lost),
        known.id,
    )


def _text(one: Recorded, rows: Sequence[Row]) -> str:
    return "\n".join(lines(one, rows))


def lines(one: Recorded, rows: Sequence[Row]) -> Iterator[str]:
    yield f"{one.id}  {one.model}"
    head = ["", "status", "finish", "in", "out", "cost", "first byte", "took", "lost"]
    yield table([head, *map(_cells, rows)], frozenset({3, 4, 5, 6, 7}))
    for row in rows:
        yield f"\n--- {row.name}"
        if row.text:
            yield row.text
        yield from (f"calls {name}({arguments})" for name, arguments in row.calls)
    yield ""


def _cells(row: Row) -> list[str]:
    counts = [number(row.input), number(row.output), dollars(row.cost), seconds(row.first_byte), seconds(row.seconds)]
    return [row.name, str(row.status), row.finish, *counts, row.lost]
