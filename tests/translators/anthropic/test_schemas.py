from __future__ import annotations

from cliproxy.translators.anthropic.schemas import closed_schema, input_schema

A = {"type": "object", "properties": {"a": {"type": "string"}, "both": {"type": "string"}}, "required": ["a", "both"]}
B = {"type": "object", "properties": {"b": {"type": "integer"}, "both": {"type": "integer"}}, "required": ["both"]}


def test_a_tool_has_an_object() -> None:
    """Recorded: "tools.0.custom.input_schema.type: Field required"."""
    assert input_schema(None) == {"type": "object", "properties": {}}
    assert input_schema({}) == {"type": "object"}
    assert input_schema({"properties": {}}) == {"properties": {}, "type": "object"}
    given = {"type": "object", "properties": {"anyOf": {"type": "string"}}}
    assert input_schema(given) is given


def test_a_union_at_the_root_becomes_one_object() -> None:
    """Edge 15; "input_schema does not support oneOf, allOf, or anyOf at the top level"."""
    merged = input_schema({"anyOf": [A, {"$ref": "#/$defs/B"}], "$defs": {"B": B}})
    assert merged["type"] == "object"
    assert merged["required"] == ["both"]
    assert merged["properties"]["both"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert merged["properties"].keys() == {"a", "b", "both"}
    assert "anyOf" not in merged
    assert input_schema({"allOf": [A, B]})["required"] == ["a", "both"]
    assert input_schema({"oneOf": [{**A, "additionalProperties": False}]})["additionalProperties"] is False


def test_odd_unions_do_no_harm() -> None:
    assert input_schema({"anyOf": "x", "oneOf": [1, None], "required": "a"})["type"] == "object"


def test_structured_output_is_closed() -> None:
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "properties": {
                "type": "array",
                "items": {"type": "object", "properties": {"x": {"enum": [{"type": "object"}]}}},
            },
            "open": {"type": "object", "additionalProperties": True},
        },
        "$defs": {"D": {"anyOf": [{"properties": {}}, True]}},
    }
    closed = closed_schema(schema)
    assert closed["additionalProperties"] is False
    assert closed["properties"].keys() == schema["properties"].keys()  # type: ignore[attr-defined]
    inner = closed["properties"]["properties"]["items"]
    assert inner["additionalProperties"] is False
    assert inner["properties"]["x"] == {"enum": [{"type": "object"}]}
    assert closed["properties"]["open"]["additionalProperties"] is True
    assert closed["$defs"]["D"]["anyOf"] == [{"properties": {}, "additionalProperties": False}, True]
    assert "additionalProperties" not in schema


def test_nesting_is_no_matter() -> None:
    schema: dict[str, object] = {"type": "object"}
    for _ in range(5000):
        schema = {"type": "object", "properties": {"a": schema}}
    assert closed_schema(schema)["additionalProperties"] is False
