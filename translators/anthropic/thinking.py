"""How much a request reasons: ``thinking`` and ``output_config.effort``, both ways."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from .. import ir
from ..ir import Json
from ..lenient import mapping, text
from ..thinking import BUDGETS, EFFORTS, budget_of, effort_of, nearest
from ..wire import Fields
from .models import Model
from .words import NAME

_SHOW = {"summarized": True, "omitted": False}
_KEYS = {"adaptive": {"type", "display"}, "enabled": {"type", "display", "budget_tokens"}, "disabled": {"type"}}
_LEAST = 1024
"""``budget_tokens``: "Must be ≥1024 and less than `max_tokens`." """
_ANSWER = 8192
"""Tokens left for the answer beside the thoughts, when the client set no limit."""


class Plan(NamedTuple):
    """What is said of reasoning. `refused`: it was asked for, but this request can't have it."""

    thinking: Json | None = None
    effort: ir.Effort | None = None
    refused: bool = False

    @property
    def thinks(self) -> bool:
        return self.thinking is not None and self.thinking["type"] != "disabled"

    @property
    def budget(self) -> int:
        return self.thinking.get("budget_tokens", 0) if self.thinking else 0


# -- in ---------------------------------------------------------------------------------


def parse_thinking(fields: Fields, config: Fields | None) -> ir.Thinking | None:
    """`config`: ``output_config``. What has no word in the IR (``between_tools``, efforts of tomorrow) stays behind."""
    said = fields.left().get("thinking")
    if said is not None and type(said) is not dict:
        raise fields.fault("thinking", "an object", said)
    kind = mapping(said).get("type")
    if said is None:
        effort = _effort(config)
        return ir.Thinking(effort, undecided=True) if effort else None
    if type(kind) is not str or kind not in _KEYS or said.keys() - _KEYS[kind] or _odd(said):
        return None
    fields.take("thinking")
    if kind == "disabled":
        return ir.Thinking("none")
    budget = Fields(said, "thinking").integer("budget_tokens")
    show = _SHOW.get(text(said.get("display")))
    return ir.Thinking(_effort(config), budget, adaptive=kind == "adaptive", show=show)


def _odd(said: Json) -> bool:
    display = said.get("display")
    return display is not None and (type(display) is not str or display not in _SHOW)


def _effort(config: Fields | None) -> ir.Effort | None:
    word = config.left().get("effort") if config else None
    if not config or word not in EFFORTS or word == "none":
        return None
    return cast(ir.Effort, config.take("effort"))


# -- out --------------------------------------------------------------------------------


def plan(request: ir.Request, model: Model) -> Plan:
    """Effort words go to models that know them, budgets to the others; neither to a request that can't reason."""
    thinking = request.thinking
    if thinking is None:
        return Plan()
    if thinking.undecided:
        return Plan(effort=_word(thinking.effort, model))
    if thinking.effort == "none" or thinking.budget == 0:
        return Plan({"type": "disabled"})
    if model.adaptive and _is_adaptive(thinking, model):
        effort = thinking.effort or (effort_of(thinking) if not thinking.adaptive else None)
        return Plan(_config("adaptive", thinking), _word(effort, model))
    budget = _budget(thinking, request.max_tokens, model)
    if not model.budgets or budget < _LEAST or _forced(request) or _bare_loop(request, model):
        return Plan(refused=True)
    return Plan(_config("enabled", thinking, budget_tokens=budget))


def max_tokens(request: ir.Request, plan: Plan, model: Model) -> int:
    """``max_tokens`` is required and counts the thoughts: without a client's word, room for them and an answer."""
    if request.max_tokens is not None:
        return request.max_tokens
    return max(model.default, plan.budget + min(_ANSWER, model.output // 2)) if plan.budget else model.default


def _is_adaptive(thinking: ir.Thinking, model: Model) -> bool:
    """An effort alone is adaptive where effort has words."""
    if thinking.adaptive or thinking.budget == -1 or not model.budgets:
        return True
    return thinking.budget is None and bool(model.efforts)


def _word(effort: ir.Effort | None, model: Model) -> ir.Effort | None:
    """The word of the model's that is nearest. Models whose words are not known are told what was said."""
    if effort is None or not model.efforts:
        return "low" if effort == "minimal" else effort
    return nearest(effort, model.efforts)


def _config(kind: str, thinking: ir.Thinking, **more: Any) -> Json:
    show = True if thinking.show is None and thinking.summary else thinking.show
    display = {} if show is None else {"display": "summarized" if show else "omitted"}
    return {"type": kind, **more, **display}


def _budget(thinking: ir.Thinking, limit: int | None, model: Model) -> int:
    """Below `max_tokens`. A budget that we made of an effort leaves half of the limit for the answer."""
    asked = budget_of(thinking)
    if asked is None or asked < 0:
        asked = BUDGETS["medium"]
    if limit is None:
        return min(max(asked, _LEAST), model.output // 2)
    return min(max(asked, _LEAST), limit - 1 if thinking.budget is not None else limit // 2)


def _bare_loop(request: ir.Request, model: Model) -> bool:
    return model.sealed and _in_unsealed_tool_loop(request.messages)


def _forced(request: ir.Request) -> bool:
    """With budgets: "Thinking may not be enabled when tool_choice forces tool use." Recordings show: adaptive may."""
    return request.tool_choice is not None and request.tool_choice.mode in ("required", "tool")


def _in_unsealed_tool_loop(messages: tuple[ir.Message, ...]) -> bool:
    """With budgets: "a final `assistant` message must start with a thinking block" if it waits for tool results.

    The calls of another format's model have none that could be sent.
    """
    after = set[str]()
    for message in reversed(messages):
        if message.role == "assistant":
            return "tool" in after and not _begins_sealed(message.parts)
        after.add(message.role)
    return False


def _begins_sealed(parts: tuple[ir.Part, ...]) -> bool:
    first = parts[0] if parts else None
    return isinstance(first, ir.Reasoning) and first.opaque is not None and first.opaque.format == NAME
