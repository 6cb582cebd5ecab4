"""A recorded exchange once more, with the code of today: what would be sent for it now."""

from __future__ import annotations

from cliproxy.translators import ir, thinking, wire
from cliproxy.translators.carrying import Translated
from cliproxy.translators.formats import FORMATS
from cliproxy.translators.ir import Json

from . import preparation, recordings
from .accounts.pool import Credential
from .doors.door import PLAIN
from .doors.table import door
from .exchange import Exchange
from .recordings import Recorded
from .responses import continuing
from .upstreams import Upstream

PATH = "(path)"
"""Stands for the path, beside the body's fields, where a format says the model and streaming there."""


def again(recorded: Recorded, body: Json | None = None) -> Exchange | None:
    """The exchange as it was begun, not translated yet; None where one of its sides is no format of ours.

    `body`: another one in place of the client's.
    """
    asked, answer_format = recorded.format, recorded.provider_format
    if not asked or not answer_format:
        return None
    model, amount = thinking.split_suffix(recorded.model)
    provider = str(recorded.facts.get("provider", ""))
    body = recordings.body(recorded.request) if body is None else body
    call = Exchange(
        id=recorded.id,
        client=str(recorded.facts.get("client", "")),
        format=asked,
        sent=recorded.request,
        body=body,
        model=str(recorded.facts.get("model") or model),
        stream=recorded.stream,
        began=recorded.began,
        upstream=Upstream(provider, (answer_format,), "", door=door(provider)),
        answer_format=answer_format,
        thinking=amount,
        alias=str(recorded.facts.get("alias", "")),
    )
    if token := recorded.facts.get("turn"):
        call.turn = continuing.begun(call, str(token), None, store=bool(recorded.facts.get("keeps")))
    return call


def translated(call: Exchange) -> Translated:
    """What is sent for it today. Raises `ir.BadRequest`."""
    call.prepared = preparation.prepared(call)
    sent = _as_this_door_takes_it(call, call.upstream.render(call.answer_format, call.prepared))
    if call.answer_format is FORMATS["gemini"]:
        sent = {**sent, PATH: call.answer_format.endpoint(call.prepared)}
    return Translated(sent, call.request, frozenset(call.lost))


def comparable(sent: Json) -> Json:
    """Without what is not part of a body, or is left out of recordings."""
    return {name: value for name, value in sent.items() if name not in (PATH, "project")}


def _as_this_door_takes_it(call: Exchange, fields: Json) -> Json:
    """What belongs to the account alone, such as its project, is not in a recording, and is left empty."""
    upstream = call.upstream
    if upstream.door is PLAIN:
        return fields
    asked = upstream.asked(call.answer_format, call.model, call.stream, Credential("", upstream.provider, ""))
    sent: Json = wire.loads(upstream.body(wire.dumps(fields), fields, asked))
    return sent


def translator(recorded: Recorded, body: Json) -> Translated:
    """The exchange with another body of the client's. Raises `ir.BadRequest`."""
    call = again(recorded, body)
    if not call:
        raise ir.BadRequest("The formats of this exchange are not known.")
    return translated(call)
