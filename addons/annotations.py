"""Puts what was done on the flow itself, in metadata and comment: every view and file of mitmproxy shows it."""

from __future__ import annotations

import time

from mitmproxy import http

from . import exchange, recordings
from .attempts import Attempt
from .exchange import Exchange


class Annotations:
    def upstream_attempt(self, attempt: Attempt) -> None:
        """Whom it went to can be seen while the answer is awaited."""
        if call := exchange.of(attempt.flow):
            note(attempt.flow, facts(attempt.flow, call))

    def response(self, flow: http.HTTPFlow) -> None:
        self._note(flow)

    def error(self, flow: http.HTTPFlow) -> None:
        self._note(flow)

    def _note(self, flow: http.HTTPFlow) -> None:
        if call := exchange.of(flow):
            note(flow, facts(flow, call, time.time()))


def note(flow: http.HTTPFlow, known: dict[str, object]) -> None:
    flow.metadata |= {recordings.PREFIX + name: fact for name, fact in known.items()}
    flow.comment = recordings.comment(known)


def facts(flow: http.HTTPFlow, call: Exchange, now: float | None = None) -> dict[str, object]:
    """What is known of the exchange, with its outcome so far; `now`: epoch seconds of its end.

    Plain values, no content, no secret.
    """
    known = {**call.facts(), "asked": recordings.asked_model(call.sent, call.body)}
    if now is not None:
        known["seconds"] = round(now - call.began, 4)
    if flow.response:
        known["status"] = flow.response.status_code
    if call.recording and call.recording.attempts and call.recording.last.received:
        known["first_byte"] = round(call.recording.last.received[0][0] - call.began, 4)
    return known
