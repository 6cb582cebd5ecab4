"""The response object around the items of an answer, which tells the client again what it asked."""

from __future__ import annotations

from ..ir import Context, Error, Finish, Json, Request, Start
from ..wire import extra_of
from .errors import render_failure
from .render_request import render_settings
from .usage import render_usage
from .words import ANSWERED_TIERS, INCOMPLETE_OF_FINISH, NAME, TIERS

BROKEN = Error(502, "The provider could not finish its answer.")
_ECHOED = ("background", "conversation", "max_tool_calls", "prompt", "truncation", "prompt_cache_retention")
"""Fields of the request's extra that an answer has too."""


def envelope(context: Context, start: Start) -> Json:
    """The object while nothing is known but the question: ``in_progress``."""
    request = context.request
    return {
        "id": start.id if start.id.startswith("resp_") else f"resp_{context.id}",
        "object": "response",
        "created_at": context.created if start.created is None else start.created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": request.model or start.model,
        "output": [],
        **_asked(request),
        "usage": None,
    }


def _asked(request: Request) -> Json:
    """The settings in force, with the API's defaults for those unsaid."""
    settings = render_settings(request)
    own = extra_of(request.extra, NAME)
    return {
        **settings,
        "instructions": None,
        "reasoning": settings["reasoning"] or {"effort": None, "summary": None},
        "text": {"format": {"type": "text"}, **(settings["text"] or {})},
        "tools": settings["tools"] or [],
        "tool_choice": settings["tool_choice"] or own.get("tool_choice", "auto"),
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "metadata": settings["metadata"] or {},
        "service_tier": settings["service_tier"],
        "previous_response_id": request.previous_response_id or None,
        "prompt_cache_key": request.prompt_cache_key or None,
        "safety_identifier": request.user or None,
        "store": request.store is True,  # What was translated no provider keeps under this id; the gateway may.
        "background": False,
        "truncation": "disabled",
        **{key: own[key] for key in _ECHOED if key in own},
    }


def finished(response: Json, output: list[Json], finish: Finish) -> Json:
    """``completed``, ``incomplete`` with its reason, or ``failed``: also the last word of the terminal event."""
    response = {**response, "output": output, "usage": render_usage(finish.usage) if finish.usage else None}
    tier = TIERS.get(finish.service_tier, finish.service_tier)
    if tier in ANSWERED_TIERS:
        response["service_tier"] = tier
    if finish.reason in INCOMPLETE_OF_FINISH:
        reason = INCOMPLETE_OF_FINISH[finish.reason]
        return {**response, "status": "incomplete", "incomplete_details": {"reason": reason}}
    if finish.reason == "error":
        return {**response, "status": "failed", "error": render_failure(BROKEN)}
    return {**response, "status": "completed"}


def failed(response: Json, output: list[Json], error: Error) -> Json:
    return {**response, "output": output, "status": "failed", "error": render_failure(error)}
