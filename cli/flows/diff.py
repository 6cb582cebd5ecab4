"""`cliproxy flows diff`: in what two exchanges differ, on both sides of the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from mitmproxy import http

from cliproxy.addons import reading, recordings
from cliproxy.addons.canonical import canonical, differences
from cliproxy.addons.recordings import Recorded

from .sources import exchange, from_option, json_option, say


@click.command("diff")
@click.argument("a", metavar="ID")
@click.argument("b", metavar="ID")
@from_option
@click.option("--all", "everything", is_flag=True, help="Also what varies from run to run: ids, dates, metadata.")
@json_option
def command(a: str, b: str, path: str | None, everything: bool, as_json: bool) -> None:
    """In what two exchanges differ: asked, sent, answered.

    The exit code is 1 where they do.
    """
    found = different(exchange(a, path), exchange(b, path), everything)
    say(found, as_json, lambda: "\n".join(_lines(found)) or "No difference.")
    if any(found.values()):
        raise SystemExit(1)


def _lines(found: dict[str, list[str]]) -> Iterator[str]:
    for part, told in found.items():
        if told:
            yield f"{part}:"
            yield from (f"  {one}" for one in told)


def different(a: Recorded, b: Recorded, everything: bool = False) -> dict[str, list[str]]:
    """By part of the exchange, each difference in words."""
    first, second = (_parts(one, everything) for one in (a, b))
    return {
        part: [one.told("in the first", "in the second") for one in differences(first[part], second[part])]
        for part in first
    }


def _parts(one: Recorded, everything: bool) -> dict[str, Any]:
    sent = one.last.request if one.last else None
    answer = reading.answered(one)
    return {
        "asked": _body(one.request, one.format.NAME if one.format else "", everything),
        "sent": _body(sent, one.provider_format.NAME if one.provider_format else "", everything) if sent else None,
        "answered": _answer(answer) if answer else None,
        "outcome": {"status": one.response.status_code if one.response else None, "error": one.error},
    }


def _body(request: http.Request, format: str, everything: bool) -> Any:
    body = recordings.body(request)
    return {"path": request.path, **(body if everything else canonical(format, body))}


def _answer(answer: Any) -> Any:
    finish = answer.finish
    return {
        "parts": [_part(part) for part in answer.parts],
        "finish": str(finish.reason) if finish else None,
        "error": answer.error.message if answer.error else None,
    }


def _part(part: Any) -> dict[str, Any]:
    """A part as its kind and what is set of it, but for the ids that every run makes anew."""
    values = {name: getattr(part, name) for name in part.__slots__ if name not in ("id", "opaque", "logprobs")}
    return {"part": type(part).__name__, **{name: str(value) for name, value in values.items() if value}}
