"""What a client of Code Assist asks before its first prompt: who it is and what it may do, answered here."""

from __future__ import annotations

from typing import Any

from mitmproxy import http

from cliproxy.translators import wire

from . import endpoints, exchange, replies

TIER = {"id": "standard-tier", "name": "cliproxy", "isDefault": True, "userDefinedCloudaicompanionProject": True}
PROJECT = "cliproxy"
"""The client's own project never leaves here; where it has none, it is told this name."""


class Assist:
    """The account behind the gateway signed in by itself: nothing of this is a matter of the client's."""

    def request(self, flow: http.HTTPFlow) -> None:
        if flow.response or exchange.client_of(flow) is None:
            return
        found = endpoints.find(flow.request.path, flow.request.headers, flow.request.query)
        if found and found.operation == "assist" and flow.request.method in found.methods:
            flow.response = replies.json(200, answer(found.part, _asked(flow.request)))


def answer(method: str, asked: dict[str, Any]) -> dict[str, Any]:
    """`method`: the verb of the path. Experiments, administrators and quotas there are none here: an empty object."""
    named = asked.get("cloudaicompanionProject")
    project = named if isinstance(named, str) and named else PROJECT
    if method == "loadCodeAssist":
        return {"currentTier": TIER, "allowedTiers": [TIER], "cloudaicompanionProject": project}
    if method == "onboardUser":
        return {"done": True, "response": {"cloudaicompanionProject": {"id": project, "name": project}}}
    return {}


def _asked(request: http.Request) -> dict[str, Any]:
    try:
        body = wire.loads(request.content or b"")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
