"""JSON Schema as Anthropic takes it: tools want an object at the root, structured output wants closed objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..ir import Json
from ..lenient import items, mapping

_UNIONS = ("anyOf", "oneOf", "allOf")
_MAPS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES = ("items", "not", "if", "then", "else", "contains")


def input_schema(schema: Json | None) -> Json:
    """A tool's parameters. "input_schema.type: Field required", and it must be ``object``."""
    if schema is None:
        return {"type": "object", "properties": {}}
    if not any(key in schema for key in _UNIONS):
        return schema if schema.get("type") == "object" else {**schema, "type": "object"}
    return _merged(schema)


def _merged(schema: Json) -> Json:
    """ "input_schema does not support oneOf, allOf, or anyOf at the top level": one object with what all allow."""
    merged = {key: value for key, value in schema.items() if key not in _UNIONS} | {"type": "object"}
    properties, required = dict(mapping(schema.get("properties"))), list(items(schema.get("required")))
    for key in _UNIONS:
        branches = [_resolved(branch, schema) for branch in items(schema.get(key))]
        for branch in branches:
            for name, value in mapping(branch.get("properties")).items():
                known = properties.setdefault(name, value)
                if known != value:
                    properties[name] = {"anyOf": [known, value]}
        required += _required(branches, every=key == "allOf")
        if branches and all(branch.get("additionalProperties") is False for branch in branches):
            merged.setdefault("additionalProperties", False)
    merged["properties"] = properties
    if required:
        merged["required"] = list(dict.fromkeys(required))
    return merged


def _required(branches: list[Json], every: bool) -> list[Any]:
    """What all branches require, or with `every` (allOf) what any does."""
    named = [[name for name in items(branch.get("required")) if isinstance(name, str)] for branch in branches]
    if every:
        return [name for names in named for name in names]
    return [name for name in named[0] if all(name in names for names in named)] if named else []


def _resolved(branch: Any, root: Json) -> Json:
    """A branch that points to a definition of the same schema, one step."""
    steps = str(mapping(branch).get("$ref") or "").split("/")
    if len(steps) != 3 or steps[0] != "#":
        return mapping(branch)
    return mapping(mapping(root.get(steps[1])).get(steps[2]))


def closed_schema(schema: Json) -> Json:
    """Structured output: "For 'object' type, 'additionalProperties' must be explicitly set to false"."""
    root = dict(schema)
    stack = [root]
    while stack:  # no recursion: schemas nest as deep as JSON may
        node = stack.pop()
        if "additionalProperties" not in node and (node.get("type") == "object" or "properties" in node):
            node["additionalProperties"] = False
        stack += _copied_children(node)
    return root


def _copied_children(node: Json) -> Iterator[Json]:
    """The schemas right below this one, each replaced by a copy that may be changed."""
    for key in _SINGLES:
        if type(node.get(key)) is dict:
            node[key] = dict(node[key])
            yield node[key]
    for key in _LISTS:
        if type(node.get(key)) is list:
            node[key] = [dict(one) if type(one) is dict else one for one in node[key]]
            yield from (one for one in node[key] if type(one) is dict)
    for key in _MAPS:
        if type(node.get(key)) is dict:
            node[key] = {name: dict(one) if type(one) is dict else one for name, one in node[key].items()}
            yield from (one for one in node[key].values() if type(one) is dict)
