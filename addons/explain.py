"""Tells what the gateway did to a request: who answered and why, and what became of each field and header."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mitmproxy import http

from cliproxy.translators import ir
from cliproxy.translators.carrying import Fate, added, at, differences, fates, label
from cliproxy.translators.losses import FEATURES

from . import recordings, retranslate
from .recordings import Recorded

SHORT = 40
"""Characters of a value that are shown."""

WIDEST = 28
"""Characters of the column of names; a longer name moves its line, not all of them."""


def text(recorded: Recorded) -> str:
    parts = (_route(recorded), _attempts(recorded), _times(recorded), _fields(recorded), _headers(recorded))
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


# -- who answered -------------------------------------------------------------------------


def _route(recorded: Recorded) -> Iterator[str]:
    facts, last = recorded.facts, recorded.last
    yield "route:"
    yield f"  id: {recorded.id}"
    yield from (f"  {name}: {facts[key]}" for key, name in (("client", "client key"),) if facts.get(key))
    yield f"  asked for: {recorded.model}"
    if not last:
        yield "  answered by: the gateway itself; no provider was asked"
        return
    yield f"  answered by: {facts.get('model') or recorded.model} of {facts.get('provider') or last.request.host}"
    yield f"  at: {last.request.url}"
    for key in ("route", "affinity"):
        if facts.get(key):
            yield f"  {key}: {_said(facts[key])}"
    if last.account:
        yield f"  credential: {last.account}"
    formats = [one.NAME if one else "unknown" for one in (recorded.format, recorded.provider_format)]
    yield f"  format: {' → '.join(formats) if formats[0] != formats[1] else formats[0] + ' on both sides'}"


def _attempts(recorded: Recorded) -> Iterator[str]:
    outcomes = recorded.facts.get("attempts") or ()
    if outcomes:
        yield "attempts:"
    for number, outcome in enumerate(outcomes, 1):
        said = outcome.get("status") or outcome.get("failure") or "no answer"
        yield f"  {number}. {outcome.get('credential')}: {said} after {outcome.get('seconds') or 0:.2f} s"


def _times(recorded: Recorded) -> Iterator[str]:
    facts = recorded.facts
    known = (("first_byte", "first byte after"), ("seconds", "whole answer after"))
    said = [f"  {word}: {facts[name]:.3f} s" for name, word in known if name in facts]
    if said:
        yield "time:"
        yield from said
    if recorded.error:
        yield f"  broken off: {recorded.error}"


def _said(value: Any) -> str:
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


# -- fields -------------------------------------------------------------------------------


def _fields(recorded: Recorded) -> Iterator[str]:
    if not recorded.last or not recorded.format:
        return
    body, sent = recordings.body(recorded.request), recordings.body(recorded.last.request)
    if recorded.facts.get("same", recorded.format is recorded.provider_format):
        yield from _same(recorded, body, sent)
        return
    try:
        found = fates(body, lambda one: retranslate.translator(recorded, one), len(recorded.request.raw_content or b""))
        today = retranslate.translator(recorded, body).sent
    except ir.BadRequest as fault:
        yield "fields:"
        yield f"  The request can't be said in the provider's format: {fault}"
        return
    provider = str(recorded.facts.get("provider") or "the provider")
    yield from _told(found, provider)
    named = {name for fate in found for name in fate.lost}
    yield from (f"also lost: {why(name, provider)}" for name in recorded.facts.get("lost") or () if name not in named)
    if extra := added(today, found):
        yield ""
        yield f"written by the gateway: {', '.join(extra)}"
    if retranslate.comparable(today) != retranslate.comparable(sent):
        yield ""
        yield "note: the code of today would send something else than was sent then; the fields are told as of today."


def _same(recorded: Recorded, body: dict[str, Any], sent: dict[str, Any]) -> Iterator[str]:
    assert recorded.last
    yield "fields:"
    came, went = recorded.request.get_content(strict=False), recorded.last.request.get_content(strict=False)
    if came == went:
        yield f"  The provider got the very bytes that the client sent: {len(came or b''):,} of them."
    for path in differences(body, sent):
        yield f"  {label(body, path) or label(sent, path)}: {_short(at(body, path))} → {_short(at(sent, path))}"


def _told(found: list[Fate], provider: str) -> Iterator[str]:
    words = [fate for fate in found if _decides(fate)]
    others = [fate for fate in found if fate not in words]
    groups = (
        ("not carried", [fate for fate in others if fate.lost]),
        ("carried", [fate for fate in others if fate.to and not fate.lost]),
        ("read by the gateway", [fate for fate in others if not fate.to and not fate.lost]),
    )
    for title, fated in groups:
        if fated:
            yield f"{title}:"
            yield from _columns(fated, provider)
            yield ""
    if words:
        yield f"read to know what is what: {', '.join(fate.path for fate in words)}"


def _decides(fate: Fate) -> bool:
    """A word such as a role or type: all that is around it hangs on it, and nothing is sent for it alone."""
    kind = "[" in fate.path and fate.path.endswith((".type", ".role"))
    return fate.path != "model" and not fate.lost and (kind or (fate.needed and not fate.to))


def _columns(fated: list[Fate], provider: str) -> Iterator[str]:
    names = [fate.path + (f" ×{fate.count}" if fate.count > 1 else "") for fate in fated]
    width = min(max(map(len, names)), WIDEST)
    for name, fate in zip(names, fated, strict=True):
        yield f"  {name:{width}}  {fate_text(fate, provider)}"


def fate_text(fate: Fate, provider: str) -> str:
    """``as it is``, ``→ max_output_tokens``, ``lost: …``."""
    if not fate.looked:
        return "not looked into: the request is large"
    if fate.lost:
        return f"lost: {'; '.join(why(name, provider) for name in fate.lost)}"
    if fate.to == (fate.path,) and fate.same:
        return "as it is"
    if not fate.to:
        told = "it chose the provider" if fate.path == "model" else "understood; nothing is sent for it"
        return told if fate.read else "without effect"
    shown = not fate.same and not isinstance(fate.became, dict | list)
    return f"→ {', '.join(fate.to)}" + (f"  ({_short(fate.value)} → {_short(fate.became)})" if shown else "")


def why(name: str, provider: str) -> str:
    """A loss in words."""
    if name in FEATURES:
        return f"{provider} can't be told {FEATURES[name]} ({name})"
    format, _, field = name.partition(":")
    return f"only {format} has a word for it ({field})"


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, default=str) if value is not None else "nothing"
    return said if len(said) <= SHORT else said[: SHORT - 1] + "…"


# -- headers ------------------------------------------------------------------------------


def _headers(recorded: Recorded) -> Iterator[str]:
    if not recorded.last or recorded.last.request is recorded.request:
        return
    client, sent = recorded.request.headers, recorded.last.request.headers
    groups = (
        ("passed on", [name for name in _names(sent) if client.get(name) == sent[name]]),
        ("written by the gateway", [name for name in _names(sent) if client.get(name) != sent[name]]),
        ("kept here", [name for name in _names(client) if name not in sent]),
    )
    yield "headers:"
    for title, names in groups:
        if names:
            yield f"  {title}: {', '.join(names)}"


def _names(headers: http.Headers) -> Iterable[str]:
    return dict.fromkeys(name.lower() for name in headers)
