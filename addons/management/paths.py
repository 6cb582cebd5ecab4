"""Where the management API is."""

from __future__ import annotations

BASE = "/v0/management"
METRICS = "/metrics"
"""Where Prometheus looks by itself."""


def is_management(path: str) -> bool:
    """Whether a path (with its query) is this API's and no client's."""
    bare = path.partition("?")[0]
    return bare in (BASE, METRICS) or bare.startswith(BASE + "/")


def below(path: str) -> str:
    """The path (with its query) as the operations are named."""
    bare = path.partition("?")[0]
    return bare if bare == METRICS else bare.removeprefix(BASE)
