"""What must be known of a request before it is sent: how the provider's format says it, and what gets lost."""

from __future__ import annotations

from dataclasses import replace

from cliproxy.translators import ir, names, repair
from cliproxy.translators.losses import FEATURES, fatal, losses

from .exchange import Exchange


def prepare(call: Exchange) -> ir.Error | None:
    """Write `call.prepared` and `call.lost` for the upstream that the exchange is meant for; or say why it can't be."""
    if call.same_format:
        call.lost = sorted(set(call.upstream.door.dropped(call.body).values()))
    else:
        try:
            call.prepared = prepared(call)
        except ir.BadRequest as fault:
            return ir.Error(400, str(fault), param=fault.param)
    refused = call.lost if call.strict else fatal(call.lost)
    if refused:
        said = ", ".join(map(_told, refused))
        return ir.Error(400, f"{call.upstream.name} can't be told: {said}.", param=refused[0])
    return None


def _told(name: str) -> str:
    """A feature by its name, and by what it is where that says more."""
    told = FEATURES.get(name, "")
    return f"{name} ({told})" if told.strip("`") not in ("", name) else name


def prepared(call: Exchange) -> ir.Request:
    """The request as the provider's format needs it; what gets lost on the way is noted on the exchange."""
    target = call.answer_format
    thinking = call.thinking or call.request.thinking
    model = call.upstream.door.model(call.model)
    request = replace(call.request, model=model, stream=call.stream, thinking=thinking)
    if target is call.format:  # only the amount of reasoning changes; a format can say all that it said
        call.lost = sorted(set(call.upstream.door.dropped(call.body).values()))
        return request
    call.lost = losses(request, call.upstream.target(target, request))
    if "tools.namespace" not in target.SUPPORTS:
        request, call.namespaces = names.flattened(request)
    request = replace(request, messages=repair.repaired(request.messages))
    renamed = names.aliases(request, target.TOOL_NAME)
    call.names = {alias: name for name, alias in renamed.items()}
    return names.renamed(request, renamed)
