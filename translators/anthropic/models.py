"""What Claude models differ in, told by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..ir import Effort

_NEW = re.compile(r"claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)")
_OLD = re.compile(r"claude-(\d)(?:[-.](\d))?(?!\d)")
_OURS = re.compile(r"claude|opus|sonnet|haiku", re.I)


@dataclass(frozen=True, slots=True)
class Model:
    """What one model takes. `output`: the most tokens it writes; `default`: `max_tokens` when the client said none."""

    output: int
    default: int
    budgets: bool = True
    """``thinking: {type: enabled, budget_tokens}``"""
    adaptive: bool = True
    """``thinking: {type: adaptive}``"""
    efforts: tuple[Effort, ...] = ()
    """The words that ``output_config.effort`` takes; () where effort is better said as a budget."""
    sampling: bool = True
    """temperature, top_p, top_k: models from Opus 4.7 on refuse them"""
    top_p_beside_temperature: bool = True
    structured: bool = True
    """``output_config.format`` (``strict`` on tools all take, recorded from Sonnet 4 on)"""
    mid_system: bool = False
    """role ``system`` within ``messages``; older models: "role 'system' is not supported on this model" """
    sealed: bool = True
    """Takes back only reasoning that it signed."""


_UNKNOWN = Model(output=32000, default=8192)
_V2 = Model(4096, 4096, budgets=False, adaptive=False, structured=False)
_V35 = replace(_V2, output=8192, default=8192)
_V37 = replace(_V35, output=64000, default=32000, budgets=True)
_V40 = replace(_V37, output=32000)
_V41 = replace(_V40, structured=True, top_p_beside_temperature=False)
_V45 = replace(_V41, output=64000)
_V46 = replace(_V45, adaptive=True, efforts=("low", "medium", "high", "max"))
_V47 = replace(_V46, budgets=False, efforts=("low", "medium", "high", "xhigh", "max"), sampling=False)
_V48 = replace(_V47, mid_system=True)
_SINCE = {
    (4, 8): _V48,
    (4, 7): _V47,
    (4, 6): _V46,
    (4, 5): _V45,
    (4, 1): _V41,
    (4, 0): _V40,
    (3, 7): _V37,
    (3, 5): _V35,
}
"""From which version on a model is like this, newest first. A model newer than the table is like the newest.

`default` is as high as all models of the version allow, up to 32,000: a client of another format that sets no limit
means none, and a low one of ours would cut answers off. It is below `output` so that thinking finds room beside it.
"""


def model_of(name: str) -> Model:
    """Unknown names are treated with care: they get only what every version and most imitators take."""
    version = _version(name)
    if version is None:
        return replace(_UNKNOWN, sealed=bool(_OURS.search(name)))
    return next((model for since, model in _SINCE.items() if version >= since), _V2)


def _version(name: str) -> tuple[int, int] | None:
    found = _NEW.search(name) or _OLD.search(name)
    return (int(found[1]), int(found[2] or 0)) if found else None
