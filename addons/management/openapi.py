"""The management API as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), made of its operations."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from .operations import ERROR, OPERATIONS, Operation
from .paths import BASE

_TOLD = {
    400: "The request is wrong; the message says where.",
    401: "No management key, or a wrong one.",
    403: "Not from this address.",
    404: "There is no such thing, or the management API is off.",
    405: "Not by this method.",
    409: "Not possible as things are.",
    413: "The body is too large.",
    429: "Locked out after too many failures.",
    500: "The configuration file could not be written.",
    502: "The gateway failed; its log says why.",
}
_ALWAYS = (401, 403, 404, 429)


def document(operations: Iterable[Operation] = OPERATIONS) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "cliproxy management API", "version": version("cliproxy")},
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {
                "managementKey": {"type": "apiKey", "in": "header", "name": "X-Management-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    errors = operation.errors if operation.open else (*_ALWAYS, *operation.errors)
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.told,
        "security": [] if operation.open else [{"managementKey": []}, {"bearer": []}],
        "parameters": [
            *({"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in operation.parameters),
            *({"name": q.name, "in": "query", "description": q.told, "schema": q.schema} for q in operation.query),
        ],
        "responses": {
            "200": _answer("Done.", operation.content_type, operation.answer),
            **{str(status): _error(status) for status in sorted(set(errors))},
        },
    }
    if operation.body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return found


def _error(status: int) -> dict[str, Any]:
    return _answer(_TOLD[status], "application/json", {"$ref": "#/components/schemas/Error"})


def _answer(told: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": told, "content": {kind.partition(";")[0]: {"schema": schema}}}
