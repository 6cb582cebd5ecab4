"""Which paths are the management API's."""

from __future__ import annotations

import pytest

from cliproxy.addons.management.paths import below, is_management


@pytest.mark.parametrize(
    "path, named",
    [
        ("/v0/management", ""),
        ("/v0/management/config", "/config"),
        ("/v0/management/flows?limit=5", "/flows"),
        ("/metrics", "/metrics"),
        ("/metrics?x", "/metrics"),
    ],
)
def test_its_paths(path: str, named: str) -> None:
    assert is_management(path) and below(path) == named


@pytest.mark.parametrize("path", ["/v0/managements", "/v1/chat/completions", "/", "/v1/metrics", "/x/v0/management"])
def test_other_paths(path: str) -> None:
    assert not is_management(path)
