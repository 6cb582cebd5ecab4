"""Tells the webhooks of every exchange that ended; what was said in it only where that is asked for."""

from __future__ import annotations

from typing import Any

from cliproxy.translators import ir

from .ended import Ended
from .exchange import Exchange
from .webhooks import Webhooks


class Events:
    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def ended(self, told: Ended, call: Exchange) -> None:
        """A client that left is no failure: its event says ``partial``."""
        event = "request.failed" if told.failed else "request.completed"
        if call.operation != "count" and self._webhooks.wants(event):
            self._webhooks.tell(event, told.line(), content(call) if self._webhooks.wants(event, True) else None)


def content(call: Exchange) -> dict[str, Any]:
    """The client's request, and the answer as far as it came."""
    answer = call.collected.response() if call.collected else call.answer
    parts = answer.parts if answer else ()
    calls = (part for part in parts if isinstance(part, ir.ToolCall))
    return {
        "request": call.body,
        "answer": {
            "text": "".join(part.text for part in parts if isinstance(part, ir.Text)),
            "tool_calls": [{"name": one.name, "arguments": one.arguments} for one in calls],
        },
    }
