"""JSON Schema and the OpenAPI 3.0 subset of Gemini's ``Schema`` type, each made from the other.

Which is used when: function parameters and answer schemas are sent as full JSON Schema (``parametersJsonSchema``,
``responseJsonSchema``), which the Gemini API and Vertex v1beta1 take for every model from gemini-2.0 on, so nothing
is lost. Only gemini-1.x gets the subset (``parameters``, ``responseSchema``). See `wants_openapi`.
"""

from __future__ import annotations

from typing import Any

from .. import wire
from ..ir import Json
from .words import camel

_MAX_DEPTH = 64
"""Deeper than any schema a provider takes; a recursive one ends here."""
_MAX_NODES = 20_000
"""Nodes that one schema may come to when its references are written out."""
_SCHEMA_KEYS = ("items", "additionalProperties", "not")
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMA_MAPS = ("properties", "$defs", "definitions", "patternProperties")
_KEPT = frozenset({
    "title", "description", "nullable", "format", "enum", "minItems", "maxItems", "minProperties", "maxProperties",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "required", "propertyOrdering",
})  # fmt: skip
"""What ``Schema`` knows beside type, items, properties and anyOf (ai.google.dev/api/caching#Schema)."""
_FORMATS = {
    "string": ("enum", "date-time"),
    "number": ("float", "double"),
    "integer": ("int32", "int64"),
}
_COUNTS = ("minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength")


def wants_openapi(model: str) -> bool:
    return "gemini-1." in model or model.endswith("gemini-pro")


# -- from OpenAPI to JSON Schema --------------------------------------------------------


def json_schema(schema: Any, depth: int = 0) -> Any:
    """A ``Schema`` as JSON Schema: types in small letters, `nullable` as a type, order of properties as written.

    A schema that is JSON Schema already comes out as it is.
    """
    if type(schema) is not dict or depth > _MAX_DEPTH:
        return schema
    plain = camel(schema)
    ordering, nullable = plain.get("propertyOrdering"), plain.get("nullable")
    out = {
        key: _inner_json(key, value, depth)
        for key, value in plain.items()
        if key not in ("propertyOrdering", "nullable", "example") and value is not None
    }
    if "example" in plain:
        out.setdefault("examples", [plain["example"]])
    if type(ordering) is list and type(out.get("properties")) is dict:
        out["properties"] = _ordered(out["properties"], ordering)
    return _with_null(out) if nullable is True else out


def _inner_json(key: str, value: Any, depth: int) -> Any:
    if key == "type":
        return _small(value)
    if key in _SCHEMA_KEYS:
        return json_schema(value, depth + 1)
    if key in _SCHEMA_LISTS and type(value) is list:
        return [json_schema(one, depth + 1) for one in value]
    if key in _SCHEMA_MAPS and type(value) is dict:
        return {name: json_schema(one, depth + 1) for name, one in value.items()}
    if key in _COUNTS and type(value) is str and value.isdecimal():
        return int(value[:18])  # protobuf JSON writes 64-bit integers as strings
    return value


def _small(type_: Any) -> Any:
    if type(type_) is list:
        return [one.lower() if type(one) is str else one for one in type_]
    return type_.lower() if type(type_) is str else type_


def _ordered(properties: Json, ordering: list[Any]) -> Json:
    first = {name: properties[name] for name in ordering if type(name) is str and name in properties}
    return first | properties


def _with_null(schema: Json) -> Json:
    if type(schema.get("type")) is str and schema["type"] != "null":
        schema["type"] = [schema["type"], "null"]
        if type(schema.get("enum")) is list and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    elif type(schema.get("anyOf")) is list:
        schema["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    return schema


# -- from JSON Schema to OpenAPI --------------------------------------------------------


def openapi_schema(schema: Json) -> Json | None:
    """A JSON Schema in the words of ``Schema``; None for an object without properties, which the API refuses.

    $ref is written out (a recursive one ends as any object), const becomes enum, a list of types `nullable` or
    anyOf, oneOf anyOf, allOf one schema. Constraints that Schema lacks are dropped; *properties* are never
    dropped, whatever their names.
    """
    out = _Writer(schema).write(schema, (), 0)
    return None if out.get("type") == "OBJECT" and not out.get("properties") else out


class _Writer:
    """Writes one schema, whose `$ref`s it resolves."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._nodes = 0

    def write(self, schema: Any, inside: tuple[str, ...], depth: int) -> Json:
        """`inside`: the references that are being written out just now."""
        self._nodes += 1
        if type(schema) is not dict or depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            return {"type": "OBJECT"}
        ref = schema.get("$ref")
        if type(ref) is str:
            if ref in inside:
                return {"type": "OBJECT"} | _described(schema)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            return self.write(merged_schemas([self._target(ref), rest]), (*inside, ref), depth + 1)
        if type(schema.get("allOf")) is list:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            parts = [self._resolved(part) for part in schema["allOf"]]
            return self.write(merged_schemas([*parts, rest]), inside, depth + 1)
        return self._plain(schema, inside, depth)

    def _resolved(self, schema: Any) -> Json:
        ref = schema.get("$ref") if type(schema) is dict else None
        return self._target(ref) if type(ref) is str else schema if type(schema) is dict else {}

    def _target(self, ref: str) -> Json:
        node: Any = self._root
        for step in ref.removeprefix("#").split("/")[1:]:
            node = node.get(step.replace("~1", "/").replace("~0", "~")) if type(node) is dict else None
        return node if type(node) is dict else {"type": "object"}

    def _plain(self, schema: Json, inside: tuple[str, ...], depth: int) -> Json:
        out = {key: value for key, value in schema.items() if key in _KEPT}
        _write_enum(schema, out)
        branches = self._branches(schema, inside, depth)
        types, nullable = _types(schema, out)
        if nullable or any(branch == {"type": "NULL"} for branch in branches):
            out["nullable"] = True
        branches = [branch for branch in branches if branch != {"type": "NULL"}]
        if len(types) > 1 and not branches:
            branches = [self._plain({**schema, "type": one}, inside, depth + 1) for one in types]
            out = {key: value for key, value in out.items() if key in ("title", "description", "nullable")}
        elif types:
            self._write_typed(schema, types[0], out, inside, depth)
        if len(branches) == 1:
            return branches[0] | {key: value for key, value in out.items() if key != "type"}
        return out | ({"anyOf": branches} if branches else {})

    def _branches(self, schema: Json, inside: tuple[str, ...], depth: int) -> list[Json]:
        wire = schema.get("anyOf") or schema.get("oneOf")
        if type(wire) is not list:
            return []
        nulls = ({"type": "null"}, {"enum": [None]}, {"const": None})
        return [{"type": "NULL"} if one in nulls else self.write(one, inside, depth + 1) for one in wire]

    def _write_typed(self, schema: Json, kind: str, out: Json, inside: tuple[str, ...], depth: int) -> None:
        out["type"] = kind.upper()
        if kind == "object":
            properties = schema.get("properties")
            if type(properties) is dict:
                out["properties"] = {name: self.write(one, inside, depth + 1) for name, one in properties.items()}
            _prune_required(out)
        elif kind == "array":
            items = schema.get("items", schema.get("prefixItems"))
            first = items[0] if type(items) is list and items else items
            out["items"] = self.write(first, inside, depth + 1) if type(first) is dict else {"type": "STRING"}
        if out.get("format") not in _FORMATS.get(kind, ()):
            out.pop("format", None)


def merged_schemas(schemas: list[Json]) -> Json:
    """One schema that asks what all of them ask, as far as that can be said by putting their words together."""
    whole: Json = {}
    for schema in schemas:
        properties = {**_mapping(whole.get("properties")), **_mapping(schema.get("properties"))}
        required = [*_items(whole.get("required")), *_items(schema.get("required"))]
        whole = {**whole, **schema}
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = [name for index, name in enumerate(required) if name not in required[:index]]
    return whole


def _described(schema: Json) -> Json:
    return {key: schema[key] for key in ("title", "description") if type(schema.get(key)) is str}


def _write_enum(schema: Json, out: Json) -> None:
    """ "enum: Possible values of the element of primitive type with enum format": strings only."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if type(values) is not list:
        out.pop("enum", None)
        return
    if None in values:
        out["nullable"] = True
    out["enum"] = [value if type(value) is str else wire.dumps(value).decode() for value in values if value is not None]
    if not out["enum"]:
        out.pop("enum")


def _types(schema: Json, out: Json) -> tuple[list[str], bool]:
    """The types named or implied, and whether null is one of them."""
    said = schema.get("type")
    names = [one.lower() for one in (said if type(said) is list else [said]) if type(one) is str]
    nullable = "null" in names and len(names) > 1
    names = [name for name in names if name != "null"] if nullable else names
    if "enum" in out:
        return ["string"], nullable  # an enum of any other type is refused
    if not names and "properties" in schema:
        names = ["object"]
    if not names and ("items" in schema or "prefixItems" in schema):
        names = ["array"]
    if not names and "anyOf" not in schema and "oneOf" not in schema:
        names = ["object"] if set(schema) <= {"title", "description"} else ["string"]
    return names, nullable


def _prune_required(out: Json) -> None:
    """Names in `required` that are no property are refused."""
    known = out.get("properties", {})
    required = [name for name in _items(out.get("required")) if type(name) is str and name in known]
    out.pop("required", None)
    if required:
        out["required"] = required


def _mapping(value: Any) -> Json:
    return value if type(value) is dict else {}


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else []
