"""The OpenAPI document: every operation, and what it refers to."""

from __future__ import annotations

from cliproxy.addons.management.openapi import document
from cliproxy.addons.management.operations import OPERATIONS


def test_every_operation_is_in_the_document() -> None:
    paths = document()["paths"]
    found = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert found == {(operation.method, f"/v0/management{operation.path}") for operation in OPERATIONS}


def test_only_health_is_open() -> None:
    paths = document()["paths"]
    assert [path for path, methods in paths.items() for one in methods.values() if not one["security"]] == [
        "/v0/management/health"
    ]
