"""What the format has words for, but this model or the rest of the request does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from .. import ir
from .conversation import split, turns
from .models import Model, model_of
from .thinking import Plan, plan
from .words import NAME, SERVICE_TIER_OUT

_LEAST_TOP_P = 0.95
"""Thinking "isn't compatible with temperature or top_k modifications"; top_p may be "between 1 and 0.95"."""


def refused(request: ir.Request) -> frozenset[str]:
    """Features (see `losses.FEATURES`) that the format has words for, but not to this model, or not all at once."""
    model = model_of(request.model)
    return frozenset(refusals(request, model, plan(request, model)))


def refusals(request: ir.Request, model: Model, planned: Plan) -> Iterator[str]:
    """The names for `refused`, once `plan` is known."""
    if planned.refused:
        yield "thinking"
    yield from _refused_sampling(request, model, planned.thinks)
    if not model.structured and request.response_format and request.response_format.schema is not None:
        yield "response_format.schema"
    if any(not stop.strip() for stop in request.stop):  # "each stop sequence must contain non-whitespace"
        yield "stop"
    if request.service_tier and request.service_tier not in SERVICE_TIER_OUT:
        yield "service_tier"
    if model.sealed and any(_is_unsealed(part) for message in request.messages for part in message.parts):
        yield "reasoning"
    if any(turn.place == "reminder" for turn in turns(split(request.messages)[1], model)):
        yield "system.mid"


def _refused_sampling(request: ir.Request, model: Model, thinks: bool) -> Iterator[str]:
    warm = request.temperature is not None and model.sampling and not (thinks and request.temperature < 1)
    if request.temperature is not None and not warm:
        yield "temperature"
    if request.top_k is not None and (thinks or not model.sampling):
        yield "top_k"
    if request.top_p is None:
        return
    beside = warm and not model.top_p_beside_temperature  # "cannot both be specified for this model"
    if beside or not model.sampling or (thinks and request.top_p < _LEAST_TOP_P):
        yield "top_p"


def _is_unsealed(part: ir.Part) -> bool:
    return isinstance(part, ir.Reasoning) and bool(part.text) and not (part.opaque and part.opaque.format == NAME)
