"""Every recorded answer reaches a client of every format, every recorded request a provider of every other one.

Some of each kind by default, all of ../shared/corpus with ``CORPUS=all``. What the formats can't say alike is listed in
`corpus_pairs.CLIENTS` and below; what can't pass, record by record, in known_gaps.txt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import corpus_pairs as pairs
import makers
import pytest
import recordings
from counts import COUNTS

from cliproxy.translators import ir, names, repair, wire
from cliproxy.translators.collect import collect
from cliproxy.translators.formats import FORMATS, Format
from cliproxy.translators.losses import fatal, losses
from cliproxy.translators.restore import Restorer
from cliproxy.translators.streams import StreamTranslator

pytestmark = recordings.needed
each_wire = pytest.mark.parametrize("name", pairs.WIRES)
GAPS = Path(__file__).with_name("known_gaps.txt")
ASKED = ir.Request("asked-for", stream=True, include_usage=True)
CONTEXT = ir.Context("0123456789", 1_700_000_000, ASKED)


@dataclass
class Verdicts:
    """Gathers what failed, against the list of what is known to."""

    what: str
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        lines = (line.split() for line in GAPS.read_text().splitlines() if line and not line.startswith("#"))
        self._known = {(words[0], words[2]) for words in lines if words[1] == self.what}

    def note(self, id: str, to: str, why: str) -> None:
        """`why`: "" where it passed."""
        known = (id, to) in self._known or (id, "*") in self._known
        if known and why:
            COUNTS[f"{self.what} gaps"] += 1
        elif why:
            self.failures.append(f"{id} {self.what} {to} {why}")
        elif known:
            self.failures.append(f"{id} {self.what} {to} passes: take it from known_gaps.txt")
        else:
            COUNTS[f"{self.what} carried"] += 1

    def check(self) -> None:
        assert not self.failures, f"{len(self.failures)}:\n" + "\n".join(self.failures[:40])


def records(name: str) -> Iterator[dict[str, Any]]:
    return (record for record in recordings.records(name) if record["op"] == "create")


# -- answers ------------------------------------------------------------------------------


@each_wire
def test_every_answer_reaches_every_client(name: str) -> None:
    """Text, refusal, thoughts, calls, finish reason and usage, as the makers' SDKs read them."""
    upstream, verdicts = FORMATS[pairs.WIRES[name]], Verdicts("answer")
    for record in records(name):
        if record["status"] >= 400:
            continue
        COUNTS["answers"] += 1
        carried = _carried_stream if record["is_stream"] else _carried_whole
        for client, why in carried(record, upstream):
            verdicts.note(record["id"], client, why)
    verdicts.check()


def _carried_stream(record: dict[str, Any], upstream: Format) -> Iterator[tuple[str, str]]:
    """Cut as a network may cut it: the client's bytes are those of one piece. And as a whole answer."""
    body = record["response_body"].encode("utf-8", "surrogatepass")
    cut = pairs.pieces(body, record["id"])
    response = pairs.collected(upstream, [body])
    for client, fmt in FORMATS.items():
        translator = StreamTranslator(upstream, fmt, CONTEXT, Restorer())
        sent = b"".join(chunk for piece in (*cut, b"") for chunk in translator.feed(piece))
        yield client, _compared(response, client, None, sent) or _compared(response, client, _whole(response, fmt))


def _carried_whole(record: dict[str, Any], upstream: Format) -> Iterator[tuple[str, str]]:
    """As a whole answer, and as a stream for a client that asked for one."""
    try:
        events = list(upstream.parse_response(json.loads(record["response_body"])))
    except ir.BadAnswer as fault:
        yield from ((client, f"no answer: {fault}") for client in FORMATS)
        return
    response = collect(events)
    for client, fmt in FORMATS.items():
        sent = makers.streamed(fmt, events, CONTEXT)
        yield client, _compared(response, client, _whole(response, fmt)) or _compared(response, client, None, sent)


def _whole(response: ir.Response, fmt: Format) -> ir.Json:
    body = fmt.render_error(response.error) if response.error else fmt.render_response(response, CONTEXT)
    return json.loads(wire.dumps(body))  # type: ignore[no-any-return]


def _compared(response: ir.Response, client: str, whole: ir.Json | None, stream: bytes = b"") -> str:
    """The difference between what the provider said and what the client's SDK reads; "" for none."""
    status = response.error.status if response.error else 200
    try:
        read = makers.read(client, whole, stream, status)
    except Exception as fault:
        return f"the SDK failed: {type(fault).__name__}: {' '.join(str(fault).split())[:300]}"
    return pairs.disagreement(pairs.expected(response, client, whole is None), read)


@each_wire
def test_every_refusal_reaches_every_client(name: str) -> None:
    """Status and message of an error, as the makers' SDKs raise it."""
    upstream, verdicts = FORMATS[pairs.WIRES[name]], Verdicts("error")
    for record in records(name):
        if record["status"] < 400:
            continue
        COUNTS["errors"] += 1
        error = upstream.parse_error(record["status"], _json(record["response_body"]))
        for client, fmt in FORMATS.items():
            response = ir.Response("", "", None, (), error=error)
            verdicts.note(record["id"], client, _compared(response, client, _whole(response, fmt)))
    verdicts.check()


def _json(text: str) -> object:
    try:
        return wire.loads(text)
    except ValueError:
        return text


# -- requests -----------------------------------------------------------------------------


@each_wire
def test_every_request_reaches_every_provider(name: str) -> None:
    """Or is refused: what the other format can't say is no part of the question any more."""
    source, verdicts = FORMATS[pairs.WIRES[name]], Verdicts("request")
    for record in records(name):
        body = record["request_json"]
        if not isinstance(body, dict):
            continue
        COUNTS["requests"] += 1
        try:
            request = source.parse_request(body, record["url_path"])
        except ir.BadRequest as fault:
            COUNTS["requests unreadable"] += 1
            if record["status"] < 400:
                verdicts.note(record["id"], source.NAME, f"was taken by the provider: {fault}")
            continue
        for target in FORMATS.values():
            if target is not source:
                _note(verdicts, record["id"], request, target)
    verdicts.check()


def _note(verdicts: Verdicts, id: str, request: ir.Request, target: Format) -> None:
    if fatal(losses(request, target)):
        COUNTS["request refused"] += 1
        return
    try:
        why = _asked_again(_prepared(request, target), target)
    except Exception as fault:
        why = f"{type(fault).__name__}: {fault}"
    verdicts.note(id, target.NAME, why)


def _prepared(request: ir.Request, target: Format) -> ir.Request:
    """As addons.translation.prepared does it."""
    request = replace(request, model=pairs.MODELS[target.NAME])
    request = replace(request, messages=repair.repaired(request.messages))
    return names.renamed(request, names.aliases(request, target.TOOL_NAME))


def _asked_again(request: ir.Request, target: Format) -> str:
    """The difference to what the target's own parser reads."""
    body = json.loads(wire.dumps(target.render_request(request)))
    back = target.parse_request(body, target.endpoint(request))
    if target.NAME == "openai_completions":
        missing = pairs.script_lacks(body.get("prompt") or "", request)
        return f"the prompt lacks {missing[:100]!r}" if missing else ""
    if why := pairs.unpaired(back):
        return why
    before = pairs.asked(request, target.NAME)
    after = pairs.asked_again(before, pairs.asked(back, target.NAME), target.NAME)
    for key in pairs.Asked._fields:
        if getattr(before, key) != getattr(after, key):
            return f"{key}: {_difference(getattr(before, key), getattr(after, key))}"
    return ""


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, tuple):
        for one, other in zip(before, after, strict=False):
            if one != other:
                return _difference(one, other) if isinstance(one, str | tuple) else f"{one} became {other}"
        return f"{len(before)} became {len(after)}: {str(before[-1:])[:200]} / {str(after[-1:])[:200]}"
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return f"…{before[max(0, at - 30) : at + 60]!r} became …{after[max(0, at - 30) : at + 60]!r}"
