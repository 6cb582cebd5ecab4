"""The table of operations."""

from __future__ import annotations

import pytest

from cliproxy.addons.management.operations import OPERATIONS, find
from cliproxy.addons.management.resources import Resources


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_is_found_at_its_path_and_answered(operation: object) -> None:
    assert callable(getattr(Resources, operation.name))  # type: ignore[attr-defined]
    path = operation.path.replace("{", "").replace("}", "")  # type: ignore[attr-defined]
    assert operation in [found for found, _ in find(path)]


def test_names_and_places_are_unique() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_what_is_not_there() -> None:
    assert find("") == find("/confi") == find("/config/") == []
