"""Four ways to look at an exchange: as a conversation, from the client's side, from the provider's, and explained."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

from mitmproxy import http

from cliproxy.translators import ir
from cliproxy.translators.transcript import answer_text, request_text

from . import explain, reading, timeline
from .recordings import Recorded, Tried
from .usage import prices

type Side = Literal["request", "response"]
"""Which half is looked at: what was asked, or what was answered."""

_LONG = re.compile(r"[^\s\"\\]{2000,}")
"""Base64 and its like: nobody reads it."""


def conversation(recorded: Recorded, side: Side) -> str:
    if side == "request":
        try:
            return request_text(reading.asked(recorded))
        except ir.BadRequest as fault:
            return f"error: {fault}\n\n{_message(recorded.request)}"
    answer = reading.answered(recorded)
    if not answer:
        return f"error: {recorded.error or 'not answered yet'}\n"
    return answer_text(answer, _cost(recorded, answer))


def _cost(recorded: Recorded, answer: ir.Response) -> float | None:
    if not recorded.last or not answer.finish or not answer.finish.usage:
        return None
    facts, url = recorded.facts, recorded.last.request.url
    return prices.estimate(
        str(facts.get("provider", "")), url, str(facts.get("model") or recorded.model), answer.finish.usage
    )


def client(recorded: Recorded, side: Side) -> str:
    """As it came, and as it was answered."""
    if side == "request":
        return f"{_request_line(recorded.request)}\n{_message(recorded.request)}"
    if not recorded.response:
        return f"error: {recorded.error or 'not answered yet'}\n"
    return f"{_status_line(recorded.response)}\n{_message(recorded.response)}"


def provider(recorded: Recorded, side: Side) -> str:
    """As it was sent, and the raw answer with the time of each event: for every attempt."""
    told = _sent if side == "request" else _received
    attempts = [told(tried) for tried in recorded.attempts]
    if len(attempts) > 1:
        attempts = [f"attempt {n} · {t.account}\n\n{text}" for n, (t, text) in enumerate(_with(recorded, attempts), 1)]
    return "\n".join(attempts) or "No provider was asked.\n"


def explained(recorded: Recorded, side: Side) -> str:
    return explain.text(recorded)


PAGES: dict[str, Callable[[Recorded, Side], str]] = {
    "Conversation": conversation,
    "Client": client,
    "Provider": provider,
    "Explain": explained,
}


def page(recorded: Recorded, name: str) -> str:
    """Both halves, as a terminal shows them. `name`: of PAGES, in any case."""
    found = next(render for title, render in PAGES.items() if title.lower() == name.lower())
    if found is explained:
        return explained(recorded, "request")
    return f"{found(recorded, 'request')}\n{'─' * 80}\n\n{found(recorded, 'response')}"


# -- wire ---------------------------------------------------------------------------------


def _with(recorded: Recorded, texts: list[str]) -> Iterator[tuple[Tried, str]]:
    return zip(recorded.attempts, texts, strict=True)


def _sent(tried: Tried) -> str:
    return f"{_request_line(tried.request, tried.request.url)}\n{_message(tried.request)}"


def _received(tried: Tried) -> str:
    if not tried.response:
        return "No answer came.\n"
    head = f"{_status_line(tried.response)}\n{_headers(tried.response)}\n"
    return head + "".join(_event(at, event) for at, event in timeline.events(tried.chunks))


def _event(at: float, event: bytes) -> str:
    """The time stands before the event's first line."""
    lines = _readable(event).splitlines() or [""]
    return "".join(f"{f'{at:8.3f} s' if n == 0 else '':10}  {line}\n" for n, line in enumerate(lines))


def _request_line(request: http.Request, url: str = "") -> str:
    return f"{request.method} {url or request.path} {request.http_version}"


def _status_line(response: http.Response) -> str:
    return f"{response.http_version} {response.status_code} {response.reason}"


def _headers(message: http.Message) -> str:
    return "".join(f"{name}: {value}\n" for name, value in message.headers.items(multi=True))


def _message(message: http.Message) -> str:
    return f"{_headers(message)}\n{_readable(message.get_content(strict=False) or b'')}\n"


def _readable(content: bytes) -> str:
    """JSON with line breaks; what is none, as it is. Long words without a space are shortened, and say so."""
    text = content.decode(errors="backslashreplace")
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError):  # cut short, or no JSON after all
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return _LONG.sub(lambda match: f"{match[0][:100]}… ({len(match[0]) - 100:,} more characters)", text)
