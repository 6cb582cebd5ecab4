"""Pain 9, edge 15: schemas, from and to the OpenAPI subset."""

from __future__ import annotations

from typing import Any

import pytest

from cliproxy.translators.gemini.schemas import json_schema, openapi_schema, wants_openapi


@pytest.mark.parametrize(
    "openapi, schema",
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "STRING", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"anyOf": [{"type": "STRING"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"any_of": [{"type": "NUMBER"}]}, {"anyOf": [{"type": "number"}]}),
        ({"type": "ARRAY", "minItems": "2", "items": {"type": "OBJECT"}},
         {"type": "array", "minItems": 2, "items": {"type": "object"}}),
        ({"type": "STRING", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"type": ["string", "null"], "const": 1}, {"type": ["string", "null"], "const": 1}),
        (None, None),
        (7, 7),
    ],
)  # fmt: skip
def test_openapi_becomes_json_schema(openapi: Any, schema: Any) -> None:
    assert json_schema(openapi) == schema
    assert json_schema(schema) == schema


def test_the_order_of_properties_is_written_out() -> None:
    openapi = {"type": "OBJECT", "properties": {"b": {}, "a": {}, "c": {}}, "propertyOrdering": ["a", "b", "zz"]}
    assert list(json_schema(openapi)["properties"]) == ["a", "b", "c"]


def test_properties_named_like_keywords_are_left_alone() -> None:
    properties = {"nullable": {"type": "STRING"}, "min_items": {"type": "STRING"}, "example": {"type": "STRING"}}
    assert list(json_schema({"type": "OBJECT", "properties": properties})["properties"]) == list(properties)


@pytest.mark.parametrize(
    "schema, openapi",
    [
        ({"type": "string", "minLength": 1, "x-hint": 1, "$schema": "s", "examples": ["a"]},
         {"type": "STRING", "minLength": 1}),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"type": ["string", "integer"], "description": "d"},
         {"description": "d",
          "anyOf": [{"description": "d", "type": "STRING"}, {"description": "d", "type": "INTEGER"}]}),
        ({"const": "a"}, {"type": "STRING", "enum": ["a"]}),
        ({"const": 1}, {"type": "STRING", "enum": ["1"]}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "STRING", "enum": ["1", "2"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": "STRING", "enum": ["a"], "nullable": True}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d"},
         {"type": "STRING", "description": "d", "nullable": True}),
        ({"oneOf": [{"type": "string"}, {"type": "number"}]}, {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]}),
        ({"type": "array"}, {"type": "ARRAY", "items": {"type": "STRING"}}),
        ({"type": "array", "prefixItems": [{"type": "number"}], "uniqueItems": True},
         {"type": "ARRAY", "items": {"type": "NUMBER"}}),
        ({"type": "string", "format": "uri"}, {"type": "STRING"}),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}),
        ({"type": "number", "multipleOf": 2, "exclusiveMinimum": 0}, {"type": "NUMBER"}),
        ({"type": "object", "properties": {}}, None),
        ({"type": "object", "additionalProperties": {"type": "string"}}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_json_schema_becomes_openapi(schema: Any, openapi: Any) -> None:
    assert openapi_schema(schema) == openapi


def test_references_are_written_out() -> None:
    schema = {
        "type": "object",
        "properties": {"at": {"$ref": "#/$defs/place", "description": "here"}, "to": {"$ref": "#/$defs/a~1b"}},
        "required": ["at", "gone"],
        "$defs": {"place": {"type": "string", "description": "there"}, "a/b": {"type": "number"}},
        "additionalProperties": False,
    }
    assert openapi_schema(schema) == {
        "type": "OBJECT",
        "properties": {"at": {"type": "STRING", "description": "here"}, "to": {"type": "NUMBER"}},
        "required": ["at"],
    }


def test_a_recursive_reference_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    written = openapi_schema({"$ref": "#/$defs/node", "$defs": {"node": node}})
    assert written == {"type": "OBJECT", "properties": {"next": {"type": "OBJECT"}}}


def test_references_that_multiply_end() -> None:
    """A billion laughs: each level refers twice to the next."""
    defs = {
        f"n{i}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/n{i + 1}"} for k in "ab"}} for i in range(40)
    }
    assert openapi_schema({"$ref": "#/$defs/n0", "$defs": defs})


def test_all_of_becomes_one() -> None:
    schema = {"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
                        {"$ref": "#/$defs/b"}],
              "$defs": {"b": {"properties": {"b": {"type": "number"}}, "required": ["b"]}}}  # fmt: skip
    assert openapi_schema(schema) == {
        "type": "OBJECT",
        "properties": {"a": {"type": "STRING"}, "b": {"type": "NUMBER"}},
        "required": ["a", "b"],
    }


def test_properties_named_like_keywords_stay() -> None:
    names = ("$ref", "const", "enum", "additionalProperties", "anyOf", "x-a", "default", "title", "type", "properties")
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": list(names)}
    written = openapi_schema(schema)
    assert written and list(written["properties"]) == list(names) == written["required"]


@pytest.mark.parametrize(
    "model, openapi", [("gemini-1.5-pro", True), ("gemini-pro", True), ("gemini-2.0-flash", False)]
)
def test_only_the_oldest_models_want_the_subset(model: str, openapi: bool) -> None:
    assert wants_openapi(model) is openapi
